/**
 * "The link is up and nothing is ever heard": says once, for each medium without a word of another node, what to look at.
 *
 * What arrived tells the causes apart. Nothing at all: a filter, the wrong interface, or nobody there. Signatures that do not
 * hold: other keys. Good messages of nodes that ha.cf does not know: names, or another cluster. The best of what came decides. Where
 * nothing came, a look at all that arrives on this machine tells a filter, another port and another interface apart.
 */
import { after, type Instant, type MediumName, type Milliseconds } from "../base/units.ts";
import type { MediumConfig } from "../media/medium.ts";
import type { Sighting } from "./input.ts";
import { isPingMedium } from "./membership/ping-nodes.ts";

/** From worst to best. Our own messages coming back are nothing. */
const ranks = ["nothing", "rubbish", "bad-signature", "stranger", "peer"] as const;
export type Arrival = (typeof ranks)[number];

export class Hearing {
  readonly #media: readonly MediumConfig[];
  readonly #best = new Map<MediumName, Arrival>();
  #judgeAt: Instant | undefined;
  readonly #heardSince = new Set<MediumName>();
  /** Media on which nothing arrived, while we look around. */
  #silent: readonly UdpMedium[] = [];

  constructor(media: readonly MediumConfig[]) {
    this.#media = media.filter((medium) => !isPingMedium(medium));
  }

  /** Nodes get `patience` to be heard. */
  start(patience: Milliseconds, now: Instant): void {
    this.#judgeAt = after(now, patience);
  }

  note(medium: MediumName, arrival: Arrival): void {
    if (this.#silent.length > 0) this.#heardSince.add(medium);
    if (this.#judgeAt === undefined) return;
    if (ranks.indexOf(arrival) > ranks.indexOf(this.#best.get(medium) ?? "nothing")) this.#best.set(medium, arrival);
  }

  /** The advice that is due now: once, and none for a medium that works. `look`: `seen` is to be told what else arrives here. */
  due(now: Instant): { readonly lines: readonly string[]; readonly look: boolean } {
    if (this.#judgeAt === undefined || now < this.#judgeAt) return { lines: [], look: false };
    this.#judgeAt = undefined;
    const best = (medium: MediumConfig): Arrival => this.#best.get(medium.name) ?? "nothing";
    this.#silent = this.#media.filter(isUdp).filter((medium) => best(medium) === "nothing");
    const others = this.#media.filter((medium) => !isUdp(medium) || best(medium) !== "nothing");
    return { lines: once(others.map((medium) => adviceFor(medium, best(medium)))), look: this.#silent.length > 0 };
  }

  /** What arrived meanwhile, wherever. */
  seen(sightings: readonly Sighting[]): readonly string[] {
    const expected = (sighting: Sighting): boolean =>
      this.#media.some((medium) => isUdp(medium) && medium.device === sighting.device && medium.port === sighting.port);
    const lines = this.#silent
      // It works by now: what it would be told is not true any more.
      .filter((medium) => !this.#heardSince.has(medium.name))
      .map((medium) => whereItArrives(medium, sightings, expected) ?? adviceFor(medium, "nothing"));
    this.#silent = [];
    return once(lines);
  }

  nextDeadline(): Instant | undefined {
    return this.#judgeAt;
  }
}

type UdpMedium = Extract<MediumConfig, { readonly device: string; readonly port: number }>;
const isUdp = (medium: MediumConfig): medium is UdpMedium => "port" in medium;

/** Several ucast lines share an interface. */
const once = (lines: readonly (string | undefined)[]): string[] => [
  ...new Set(lines.filter((line) => line !== undefined)),
];

/** Heartbeats reach this machine, and not this medium: why. */
function whereItArrives(
  { kind, device, port }: UdpMedium,
  sightings: readonly Sighting[],
  expected: (sighting: Sighting) => boolean,
): string | undefined {
  if (sightings.some((each) => each.device === device && each.port === port)) {
    const group = kind === "mcast" ? ", and is the group the same on all nodes" : "";
    return `Heartbeats for port ${port} arrive on ${device} and do not reach us: is udp port ${port} let in (nft list ruleset)${group}?`;
  }
  const elsewhere = sightings.filter((each) => !expected(each) && each.device !== "lo");
  const otherPort = elsewhere.find((each) => each.device === device);
  if (otherPort !== undefined)
    return `Heartbeats arrive on ${device} at port ${otherPort.port}, not at ${port}: is udpport the same on all nodes?`;
  const otherDevice = elsewhere.find((each) => each.port === port);
  return otherDevice === undefined
    ? undefined
    : `Heartbeats arrive on ${otherDevice.device}, not on ${device}: does the line of ${kind} in ha.cf name the right interface?`;
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
