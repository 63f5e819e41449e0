/**
 * An original that was held dead and is heard again as the same process.
 *
 * After a cut it gives everything up within some seconds and starts anew, so ours keeps what it runs (quirk 153). But one whose daemon only slept
 * holds us dead the moment it wakes, takes our groups, too, and keeps them for good: it waits for us to restart. It is known by two things. Its
 * messages go on with the next number, where in a cut each heartbeat that was lost has taken one. And it reports a take-over (`mach_down`). What
 * such a one claims is given up here at once, addresses first; a group that runs twice is the worst that can happen. Should that report not come,
 * what it still claims after those seconds is given up. Until they are over nothing is offered to it, whatever it says and gives back meanwhile: its
 * restart would leave that without a node (quirk 295).
 *
 * Meanwhile we call ourselves unstable. An original gives back what it took from a dead node when that becomes stable, as ours does by letting
 * go, if its own auto_failback is on: so our share comes home as after the restart that an original would make.
 *
 * Source: docs/reference/resources.md, sections 9.5 and 13.
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, type Instant, type NodeName } from "../../base/units.ts";
import { originalRestartMax } from "../limits.ts";
import type { Scene } from "./scene.ts";

/** In a `resource` message: its sender has just taken what a dead node had. */
const tookOver = "mach_down";

export class ReturnedOriginals {
  readonly #scene: Scene;
  /** Until then it may be giving up. */
  readonly #judgeAt = new Deadlines<NodeName>();
  /** Those of them that sent nothing while they were silent. */
  readonly #still = new Set<NodeName>();
  /** Those of these that took over when they woke, and will not give up. */
  readonly #slept = new Set<NodeName>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  nextDeadline(): Instant | undefined {
    return this.#judgeAt.next();
  }

  /** `unheard`: so many messages it sent while it was silent. */
  returned(node: NodeName, unheard: number | undefined, now: Instant): void {
    if (unheard !== undefined && unheard <= this.#lostByChance) this.#still.add(node);
    this.#judgeAt.set(node, after(now, originalRestartMax));
    this.#scene.peer(node).mayStartAnew = true;
  }

  /** It said what it holds. Two scripts of it do that at the same time, in any order. */
  reported(node: NodeName, info: string | undefined): void {
    if (!this.#judgeAt.has(node)) return;
    if (info === tookOver && this.#still.has(node)) this.#slept.add(node);
    if (this.#slept.has(node)) this.#judge(node);
  }

  /**
   * One message may be lost by chance while it wakes. A cut of our dead time costs its heartbeats, all but the last one for certain: that tells the
   * two apart if the dead time has room for three. With less the numbers must go on without a gap.
   */
  get #lostByChance(): number {
    const { deadtime, keepalive } = this.#scene.config;
    return deadtime !== undefined && keepalive !== undefined && deadtime >= 3 * keepalive ? 1 : 0;
  }

  /** It ended, whatever it held. */
  ended(node: NodeName): void {
    this.#judgeAt.delete(node);
    this.#forget(node);
  }

  deadline(now: Instant): void {
    for (const node of this.#judgeAt.due(now)) {
      this.#forget(node);
      this.#scene.peer(node).mayStartAnew = false;
      this.#judge(node);
    }
  }

  #forget(node: NodeName): void {
    this.#still.delete(node);
    this.#slept.delete(node);
  }

  #judge(node: NodeName): void {
    const { config, holdings, peers } = this.#scene;
    const peer = peers.get(node);
    if (peer?.alive !== true || !peer.original) return;
    const because = `${node} slept, has taken it, and as an original will not give it up`;
    const twice = holdings
      .all()
      .filter((unit) => (unit.state === "held" || unit.state === "acquiring") && peer.holds(unit, config.nodes));
    for (const unit of twice) {
      this.#scene.logOf([unit], "yield", "warn", `${this.#scene.nameOf(unit)} is held twice: releasing ours.`, because);
      this.#scene.release(unit, because, true);
    }
    if (twice.length > 0) this.#scene.say({ say: "resource", held: this.#scene.word, stable: false });
  }
}
