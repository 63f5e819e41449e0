/**
 * Weights and sites of nodes, as `hb_setweight` and `hb_setsite` tell all nodes; clients ask for them, and no decision here depends on
 * them. They last as long as this process: the original keeps them in its host cache, which it does not read unless it
 * manages no resources.
 *
 * Source: docs/reference/wire-protocol.md, section 7.2.
 */
import type { NodeName } from "../../base/units.ts";

export interface Place {
  readonly weight?: number;
  readonly site?: string;
}

/** Longer sites are cut: everybody who holds a key could send some. */
const siteMax = 255;

export class Places {
  readonly #places = new Map<NodeName, Place>();

  of(node: NodeName): Place {
    return this.#places.get(node) ?? {};
  }

  /** What `place` does not name stays as it was. */
  set(node: NodeName, place: Place): void {
    const site = place.site === undefined ? {} : { site: place.site.slice(0, siteMax) };
    this.#places.set(node, { ...this.of(node), ...place, ...site });
  }
}
