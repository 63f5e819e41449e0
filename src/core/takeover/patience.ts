/**
 * How long we wait for nodes that are there and yet cannot do what we expect of them.
 *
 * The owner of a share was started again: its share waits for it, since it will take it in a moment. But it may hear nothing of a third node,
 * and then takes part after initdead only. So the share waits for its dead time, then it goes to the next in the order (quirk 233).
 *
 * A node that we hear says that it holds us dead: it does not hear us, takes what is ours, and cannot know that we still have it. If it says so
 * for a dead time, that is no matter of a lost message: then it is we who must give way where both hold something (quirk 236).
 */
import { Deadlines } from "../../base/deadlines.ts";
import { after, earliest, type Instant, type NodeName } from "../../base/units.ts";
import type { Peer } from "./peers.ts";
import type { Scene } from "./scene.ts";
import type { SuccessorState } from "./successor.ts";

export class Patience {
  readonly #scene: Scene;
  readonly #owners = new Deadlines<NodeName>();
  readonly #deaf = new Deadlines<NodeName>();

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  nextDeadline(): Instant | undefined {
    return earliest(this.#owners.next(), this.#deaf.next());
  }

  /** It is another process, while we take part. */
  restarted(peer: Peer, now: Instant): void {
    const { config, phase } = this.#scene;
    if (phase !== "init" && config.deadtime !== undefined) this.#owners.set(peer.name, after(now, config.deadtime));
  }

  heard(peer: Peer, { dead }: SuccessorState, now: Instant): void {
    const { config } = this.#scene;
    if (peer.reported) this.#owners.delete(peer.name);
    if (!dead.has(config.self)) {
      peer.deaf = false;
      this.#deaf.delete(peer.name);
    } else if (!peer.deaf && !this.#deaf.has(peer.name) && config.deadtime !== undefined)
      this.#deaf.set(peer.name, after(now, config.deadtime));
  }

  /** It died, or another process follows. */
  ended({ name }: Peer): void {
    this.#owners.delete(name);
    this.#deaf.delete(name);
  }

  deadline(now: Instant): void {
    for (const node of this.#owners.due(now)) {
      this.#scene.peer(node).overdue = true;
      this.#scene.log(
        "owner-overdue",
        "warn",
        `${node} was started again and does not take part yet.`,
        "its share goes on",
      );
    }
    for (const node of this.#deaf.due(now)) {
      this.#scene.peer(node).deaf = true;
      this.#scene.log(
        "unheard",
        "error",
        `${node} does not hear us, and holds us dead: what both hold is given up here.`,
      );
    }
  }
}
