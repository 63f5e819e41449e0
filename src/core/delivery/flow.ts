/**
 * Keeps senders of client messages from outrunning the slowest node.
 *
 * Sent messages are kept for those who missed one, and there is room for 500. So nobody may be sent more than the others can ask for
 * again: when one of them is more than 250 behind, programs are not read any more until it has caught up. Heartbeats and everything
 * else that the node itself has to say are never held back.
 *
 * Source: docs/reference/wire-protocol.md, section 8.4. Deviations: what is counted are messages that somebody has not
 * acknowledged, not those that lie in the history; each level is told once until it was left.
 */
import type { NodeName } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import { historyAlarm, historyFilling, unacknowledgedMax } from "../limits.ts";

export type FlowOutput =
  | { readonly is: "pause" }
  | { readonly is: "resume" }
  | { readonly is: "log"; readonly level: LogLevel; readonly text: string };

export class Flow {
  readonly #acknowledged = new Map<NodeName, number>();
  #paused = false;
  /** The level of the last warning: 0, 1 or 2. */
  #told = 0;

  /** A new process, or one that is heard again: it needs nothing of what was sent before. */
  joined(node: NodeName, highest: number): void {
    this.#acknowledged.set(node, highest);
  }

  left(node: NodeName): void {
    this.#acknowledged.delete(node);
  }

  /** False when the number was never sent. An older acknowledgement than the last one says nothing. */
  acknowledge(node: NodeName, upTo: number, highest: number): boolean {
    if (upTo > highest) return false;
    const before = this.#acknowledged.get(node);
    if (before !== undefined && upTo > before) this.#acknowledged.set(node, upTo);
    return true;
  }

  /** How many messages the slowest node has not acknowledged. */
  behind(highest: number): number {
    return highest - Math.min(highest, ...this.#acknowledged.values());
  }

  /** To be asked after each message sent and each acknowledgement. */
  judge(highest: number): FlowOutput[] {
    const behind = this.behind(highest);
    const outputs: FlowOutput[] = [];
    const level = behind > historyAlarm ? 2 : behind > historyFilling ? 1 : 0;
    if (level > this.#told)
      outputs.push({
        is: "log",
        level: level === 2 ? "error" : "warn",
        text: `Message hist queue is filling up (${behind} messages in queue)`,
      });
    if (level > this.#told || behind <= unacknowledgedMax) this.#told = level;
    const pause = behind > unacknowledgedMax;
    if (pause !== this.#paused) outputs.push({ is: pause ? "pause" : "resume" });
    this.#paused = pause;
    return outputs;
  }
}
