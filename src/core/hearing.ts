/**
 * "The link is up and nothing is ever heard": says once, for each medium without a word of another node, what to look at.
 *
 * What arrived tells the causes apart. Nothing at all: a filter, the wrong interface, or nobody there. Signatures that do not
 * hold: other keys. Good messages of nodes that ha.cf does not know: names, or another cluster. The best of what came decides.
 */
import { after, type Instant, type MediumName, type Milliseconds } from "../base/units.ts";
import type { MediumConfig } from "../media/medium.ts";
import { isPingMedium } from "./membership/ping-nodes.ts";

/** From worst to best. Our own messages coming back are nothing. */
const ranks = ["nothing", "rubbish", "bad-signature", "stranger", "peer"] as const;
export type Arrival = (typeof ranks)[number];

export class Hearing {
  readonly #media: readonly MediumConfig[];
  readonly #best = new Map<MediumName, Arrival>();
  #judgeAt: Instant | undefined;

  constructor(media: readonly MediumConfig[]) {
    this.#media = media.filter((medium) => !isPingMedium(medium));
  }

  /** Nodes get `patience` to be heard. */
  start(patience: Milliseconds, now: Instant): void {
    this.#judgeAt = after(now, patience);
  }

  note(medium: MediumName, arrival: Arrival): void {
    if (this.#judgeAt === undefined) return;
    if (ranks.indexOf(arrival) > ranks.indexOf(this.#best.get(medium) ?? "nothing")) this.#best.set(medium, arrival);
  }

  /** The advice that is due now: once, and none for a medium that works. */
  due(now: Instant): string[] {
    if (this.#judgeAt === undefined || now < this.#judgeAt) return [];
    this.#judgeAt = undefined;
    const lines = this.#media.map((medium) => adviceFor(medium, this.#best.get(medium.name) ?? "nothing"));
    return [...new Set(lines.filter((line) => line !== undefined))]; // several ucast lines share an interface
  }

  nextDeadline(): Instant | undefined {
    return this.#judgeAt;
  }
}

function adviceFor(medium: MediumConfig, best: Arrival): string | undefined {
  const where = "port" in medium ? `${medium.kind} ${medium.device}` : `${medium.kind} ${medium.name}`;
  switch (best) {
    case "peer":
      return undefined;
    case "stranger":
      return `Only unknown nodes are heard on ${where}: do the node lines of ha.cf have the names that uname -n prints there?`;
    case "bad-signature":
      return `What arrives on ${where} is signed with another key: do all nodes have the same authkeys?`;
    case "rubbish":
      return `What arrives on ${where} are no messages of heartbeat: does another program use ${lineOf(medium)}?`;
    case "nothing":
      return `Nothing at all arrives on ${where}: does heartbeat run on another node, ${lookAt(medium)}`;
  }
}

const lineOf = (medium: MediumConfig): string =>
  "port" in medium ? `port ${medium.port}` : "the line, or at another speed";

const lookAt = (medium: MediumConfig): string =>
  "port" in medium
    ? `is udp port ${medium.port} let through (nft list ruleset), and is ${medium.device} the interface that leads there?`
    : "is the cable a null modem cable in the right port, and is baud the same on both sides?";
