/**
 * What is done when the core is gone without a word: everything it held is given up, so that the peer can have it.
 *
 * Addresses go first, all of them, before anything that takes time: two nodes with one address do harm from the first packet.
 * Then what is starting is killed, and each group's scripts are stopped from right to left, the groups side by side.
 * A script that fails is tried again until shortly before the others take over what was held here; what still runs then must not run there too,
 * so this machine is restarted, unless ha4.cf says to hold it. What fails or hangs keeps nothing else from being stopped.
 *
 * Source: docs/reference/resources.md, section 3.4 (the order within a group).
 * The original leaves everything up instead (quirk 20).
 */

import type { ProgramCall } from "../agents/resource.ts";
import type { LogId } from "../base/log-lines/index.ts";
import type { GuardedGroup, GuardedResource, LogLevel } from "../core/effect.ts";
import type { AddressOutcome, AgentOutcome, HeldAddress } from "../core/input.ts";

export type GuardedScript = Exclude<GuardedResource, { readonly kind: "address" }>;

/** The hands of the runner. */
export interface LastWillHands {
  remove(address: HeldAddress): AddressOutcome;
  /** Ends the scripts that are starting something, or asking; one that hangs in the kernel takes some seconds. */
  interrupt(): Promise<void>;
  /** One attempt to stop a resource of the group. */
  stop(script: GuardedScript, group: string): Promise<AgentOutcome>;
  /** Resolves when it is time for another attempt; false: there is none left. */
  pause(): Promise<boolean>;
  log(id: LogId, level: LogLevel, text: string, group?: string): void;
}

export interface StuckScript {
  readonly group: string;
  /** The script and its arguments. */
  readonly words: string;
}

/** The scripts of a group, the last one first. */
interface Part {
  readonly group: string;
  readonly scripts: readonly { readonly script: GuardedScript; readonly stuck: StuckScript }[];
}

export class LastWill {
  readonly #held: readonly GuardedGroup[];
  readonly #hands: LastWillHands;
  readonly #parts: readonly Part[];
  readonly #unstopped: Set<StuckScript>;

  /** `held`: also what is starting. */
  constructor(held: readonly GuardedGroup[], hands: LastWillHands) {
    this.#held = held;
    this.#hands = hands;
    this.#parts = held.map(partOf);
    this.#unstopped = new Set(this.#parts.flatMap(({ scripts }) => scripts.map(({ stuck }) => stuck)));
  }

  /** What still runs here, or may. */
  get unstopped(): readonly StuckScript[] {
    return [...this.#unstopped];
  }

  /** Resolves when all is stopped, or no attempt is left. */
  async execute(): Promise<void> {
    const hands = this.#hands;
    const addresses = [...this.#held].reverse().flatMap(({ key, resources }) =>
      [...resources]
        .reverse()
        .flatMap(addressOf)
        .map((address) => ({ address, group: key })),
    );
    const removed = addresses.map((each) => ({ ...each, outcome: hands.remove(each.address) }));
    // Not before: a log that hangs must not keep an address here.
    hands.log("core-died", "crit", "The heartbeat core process ended without a word: giving up what it held.");
    for (const { address, outcome, group } of removed) tellRemoved(address, outcome, group, hands);
    await hands.interrupt();
    await Promise.all(this.#parts.map((part) => this.#stop(part)));
    if (this.#unstopped.size === 0) hands.log("nothing-held", "notice", "Nothing is held here any more.");
  }

  async #stop({ group, scripts }: Part): Promise<void> {
    for (const { script, stuck } of scripts)
      if (await stopScript(script, group, this.#hands)) this.#unstopped.delete(stuck);
  }
}

const partOf = ({ key: group, resources }: GuardedGroup): Part => ({
  group,
  scripts: [...resources]
    .reverse()
    .flatMap((resource) =>
      resource.kind === "address" ? [] : [{ script: resource, stuck: { group, words: wordsOf(resource) } }],
    ),
});

const addressOf = (resource: GuardedResource): readonly HeldAddress[] =>
  resource.kind === "address" ? [resource.address] : [];

function tellRemoved(address: HeldAddress, outcome: AddressOutcome, group: string, hands: LastWillHands): void {
  const name = `${address.ip}/${address.prefix} on ${address.device}`;
  if (outcome.result === "failed")
    hands.log("address-not-removed", "crit", `Cannot remove address ${name}: ${outcome.says}`, group);
  else hands.log("last-will", "info", `Removed address ${name}`, group);
}

async function stopScript(script: GuardedScript, group: string, hands: LastWillHands): Promise<boolean> {
  const name = `${wordsOf(script)} of group ${group}`;
  hands.log("last-will", "info", `Stopping ${name}`, group);
  for (;;) {
    const outcome = await hands.stop(script, group);
    if (outcome.result === "exited" && outcome.code === 0) return true;
    hands.log("last-will-failed", "error", `Stopping ${name} failed: ${describe(outcome)}`, group);
    if (outcome.result === "not-found") return true; // then it cannot have been started either, as the core judges
    if (!(await hands.pause())) return false;
  }
}

/** A script as the settings name it. */
export const wordsOf = ({ script, args }: ProgramCall): string => [script, ...args].join(" ");

function describe(outcome: AgentOutcome): string {
  switch (outcome.result) {
    case "exited":
      return `return code ${outcome.code}`;
    case "killed":
      return `killed by ${outcome.signal}`;
    case "timed-out":
      return "not finished in time, killed";
    case "not-found":
      return "no such script";
    case "lost":
      return outcome.says;
  }
}
