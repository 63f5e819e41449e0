/**
 * Weights and sites of nodes, as `hb_setweight` and `hb_setsite` tell all nodes; clients ask for them, and no decision here depends on
 * them. They last as long as this process, or as the host cache where there is one (`enrolment.ts`).
 *
 * Source: docs/reference/wire-protocol.md, section 7.2.
 */
import type { NodeName } from "../../base/units.ts";
import { siteMax } from "../../config/hostcache.ts";

export interface Place {
  readonly weight?: number;
  readonly site?: string;
}

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

  /** Of a node under its new name; undefined: it is gone. */
  move(node: NodeName, to: NodeName | undefined): void {
    const place = this.#places.get(node);
    this.#places.delete(node);
    if (to !== undefined && place !== undefined) this.#places.set(to, place);
  }
}
