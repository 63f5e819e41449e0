/**
 * The units of decision: every group of haresources, and for a node that owns none its empty share.
 *
 * A share (all groups that prefer one node) is what originals know; successors decide for each group. In the `hb4` field a group is
 * named by its owner and a short digest of its key, because keys are long, may hold anything, and there may be hundreds.
 */
import type { ResourceGroup } from "../../agents/resource.ts";
import type { NodeName } from "../../base/units.ts";

declare const brand: unique symbol;
/** `OWNER/DIGEST`; `OWNER` alone for a share without groups. The same on every node. */
export type UnitId = string & { readonly [brand]: "UnitId" };

export const unitId = (text: string): UnitId => text as UnitId;

/** What is known of a unit for good. */
export interface UnitSketch {
  readonly id: UnitId;
  readonly owner: NodeName;
  readonly group: ResourceGroup | undefined;
  /** It can be up on two nodes for a moment without harm. */
  readonly addressOnly: boolean;
}

export class UnitTable {
  readonly all: readonly UnitSketch[];
  readonly #byOwner = new Map<NodeName, UnitId[]>();

  constructor(nodes: readonly NodeName[], groups: readonly ResourceGroup[]) {
    this.all = nodes.flatMap((owner) => sketches(owner, groups));
    for (const { id, owner } of this.all) this.#byOwner.set(owner, [...this.of(owner), id]);
  }

  /** All units of a share. */
  of(owner: NodeName): readonly UnitId[] {
    return this.#byOwner.get(owner) ?? [];
  }

  idOf(group: ResourceGroup): UnitId | undefined {
    return this.all.find((sketch) => sketch.group === group)?.id;
  }
}

/** Works for units that only another node knows, too. */
export const ownerOf = (id: UnitId): NodeName => (id.includes("/") ? id.slice(0, id.indexOf("/")) : id) as NodeName;

function sketches(owner: NodeName, groups: readonly ResourceGroup[]): UnitSketch[] {
  const own = groups.filter((group) => group.owner === owner);
  if (own.length === 0) return [{ id: unitId(owner), owner, group: undefined, addressOnly: false }];
  const seen = new Map<string, number>();
  return own.map((group) => {
    const short = digest(group.key);
    const before = seen.get(short) ?? 0;
    seen.set(short, before + 1);
    const id = unitId(`${owner}/${short}${before === 0 ? "" : `.${before}`}`); // two of one digest: told apart by their order
    return { id, owner, group, addressOnly: group.resources.every(({ kind }) => kind === "address") };
  });
}

/** FNV-1a of the key's characters, in at most seven characters. */
function digest(key: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193) >>> 0;
  return hash.toString(36);
}
