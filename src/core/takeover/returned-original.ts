/**
 * An original that was held dead and is heard again as the same process.
 *
 * After a cut it gives everything up within some seconds and starts anew, so ours keeps what it runs (quirk 153). But one whose daemon only slept has
 * taken our groups, too, the moment it woke, and keeps them for good: it waits for us to restart. What it still says that it holds after
 * those seconds is therefore given up here, addresses first; a group that runs twice is the worst that can happen.
 *
 * Source: docs/reference/resources.md, section 13.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { originalRestartMax } from "../limits.ts";
import type { Scene } from "./scene.ts";

export class ReturnedOriginals {
  readonly #scene: Scene;
  readonly #judgeAt = new Deadlines<NodeName>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  nextDeadline(): Instant | undefined {
    return this.#judgeAt.next();
  }

  returned(node: NodeName, now: Instant): void {
    this.#judgeAt.set(node, after(now, originalRestartMax));
  }

  /** It ended, whatever it held. */
  ended(node: NodeName): void {
    this.#judgeAt.delete(node);
  }

  deadline(now: Instant): void {
    for (const node of this.#judgeAt.due(now)) this.#judge(node);
  }

  #judge(node: NodeName): void {
    const { config, holdings, peers } = this.#scene;
    const peer = peers.get(node);
    if (peer?.alive !== true || !peer.original) return;
    const because = `${node} slept, has taken it, and as an original will not give it up`;
    for (const unit of holdings.all()) {
      if ((unit.state !== "held" && unit.state !== "acquiring") || !peer.holds(unit, config.nodes)) continue;
      this.#scene.log("yield", "warn", `${this.#scene.nameOf(unit)} is held twice: releasing ours.`, because);
      this.#scene.release(unit, because, true);
    }
  }
}
