/**
 * Which medium carries whose messages: a link per node and medium, up as long as anything of that node arrives there.
 *
 * A dead link is a warning that one more failure will look like a dead node; it decides nothing by itself.
 *
 * Source: docs/reference/wire-protocol.md, section 9. Deviation: each link dies by its own node's dead time (quirk 3).
 */
import { Deadlines } from "../../base/deadlines.ts";
import {
  after,
  type Instant,
  type MediumName,
  type Milliseconds,
  mediumName,
  type NodeName,
  nodeName,
} from "../../base/units.ts";
import type { LinkView } from "../view.ts";

export interface LinkChange {
  readonly node: NodeName;
  readonly medium: MediumName;
  readonly status: "up" | "dead";
}

export class Links {
  readonly #media: readonly MediumName[];
  readonly #up = new Deadlines<string>();

  /** Two media of one name share a link (section 9). */
  constructor(media: readonly MediumName[]) {
    this.#media = [...new Set(media)];
  }

  heard(node: NodeName, medium: MediumName, deadtime: Milliseconds, now: Instant): LinkChange[] {
    const key = keyOf(node, medium);
    const known = this.#up.has(key);
    this.#up.set(key, after(now, deadtime));
    return known ? [] : [{ node, medium, status: "up" }];
  }

  /** It asks for another patience from now on, or for none any more: also on those of its links where that was not heard. */
  setPatience(node: NodeName, deadtime: Milliseconds, now: Instant): void {
    for (const medium of this.#media) {
      const key = keyOf(node, medium);
      if (this.#up.has(key)) this.#up.set(key, after(now, deadtime));
    }
  }

  /** No node of that name is known any more: its links are nobody's. */
  remove(node: NodeName): void {
    for (const medium of this.#media) this.#up.delete(keyOf(node, medium));
  }

  /** The loop slept: see `liveness.ts`. */
  postpone(keepalive: Milliseconds, now: Instant): void {
    this.#up.postpone(keepalive, now);
  }

  due(now: Instant): LinkChange[] {
    return this.#up.due(now).map((key) => ({ ...partsOf(key), status: "dead" }));
  }

  nextDeadline(): Instant | undefined {
    return this.#up.next();
  }

  of(node: NodeName): LinkView[] {
    return this.#media.map((medium) => ({ medium, status: this.#up.has(keyOf(node, medium)) ? "up" : "dead" }));
  }
}

const keyOf = (node: NodeName, medium: MediumName): string => `${node}\n${medium}`;

function partsOf(key: string): { readonly node: NodeName; readonly medium: MediumName } {
  const end = key.indexOf("\n");
  return { node: nodeName(key.slice(0, end)), medium: mediumName(key.slice(end + 1)) };
}
