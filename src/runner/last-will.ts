/**
 * What is done when the core is gone without a word: everything it held is given up, so that the peer can have it.
 *
 * Addresses go first, all of them, before anything that takes time: two nodes with one address do harm from the first packet.
 * Then what is starting is killed, and each group's scripts are stopped from right to left, the groups side by side.
 * A script that fails or hangs does not keep the next from being stopped.
 *
 * Source: docs/reference/resources.md, section 3.4 (the order within a group).
 * The original leaves everything up instead (quirk 20).
 */
import type { GuardedGroup, GuardedResource, LogLevel } from "../core/effect.ts";
import type { AddressOutcome, AgentOutcome, HeldAddress } from "../core/input.ts";

export type GuardedScript = Exclude<GuardedResource, { readonly kind: "address" }>;

/** The hands of the runner. */
export interface LastWillHands {
  remove(address: HeldAddress): AddressOutcome;
  /** Ends the scripts that are starting something, or asking; resolves to what they may have started. */
  interrupt(): Promise<readonly GuardedGroup[]>;
  stop(script: GuardedScript): Promise<AgentOutcome>;
  log(level: LogLevel, text: string): void;
}

export async function giveUpAll(held: readonly GuardedGroup[], hands: LastWillHands): Promise<void> {
  const addresses = [...held].reverse().flatMap(({ resources }) => [...resources].reverse().flatMap(addressOf));
  const removed = addresses.map((address) => ({ address, outcome: hands.remove(address) }));
  // Not before: a log that hangs must not keep an address here.
  hands.log("crit", "The heartbeat core process ended without a word: giving up what it held.");
  for (const { address, outcome } of removed) tellRemoved(address, outcome, hands);
  const started = await hands.interrupt();
  await Promise.all([...held, ...started].map((group) => stopGroup(group, hands)));
  hands.log("notice", "Nothing is held here any more.");
}

const addressOf = (resource: GuardedResource): readonly HeldAddress[] =>
  resource.kind === "address" ? [resource.address] : [];

function tellRemoved(address: HeldAddress, outcome: AddressOutcome, hands: LastWillHands): void {
  const name = `${address.ip}/${address.prefix} on ${address.device}`;
  if (outcome.result === "failed") hands.log("crit", `Cannot remove address ${name}: ${outcome.says}`);
  else hands.log("info", `Removed address ${name}`);
}

async function stopGroup({ key, resources }: GuardedGroup, hands: LastWillHands): Promise<void> {
  for (const resource of [...resources].reverse()) {
    if (resource.kind === "address") continue;
    const words = [resource.script, ...resource.args].join(" ");
    hands.log("info", `Stopping ${words} of group ${key}`);
    const outcome = await hands.stop(resource);
    if (outcome.result === "exited" && outcome.code === 0) continue;
    hands.log("error", `Stopping ${words} of group ${key} failed: ${describe(outcome)}`);
  }
}

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
