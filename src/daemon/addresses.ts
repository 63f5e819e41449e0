/**
 * Service addresses as the core orders them, with what goes wrong at announcing put into the log.
 *
 * A daemon that may not touch addresses (no privilege, a demonstration) still runs: every order then fails with the reason.
 */

import { faultText } from "../base/fault.ts";
import type { LogId } from "../base/log-lines/index.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { LogLevel } from "../core/effect.ts";
import type { Input } from "../core/input.ts";
import { openAddressDriver } from "../drivers/address.ts";
import { watchClaims } from "../drivers/claims.ts";
import { watchInterfaces } from "../drivers/netlink.ts";
import { versionOf } from "../wire/packets/ip-address.ts";
import type { Drivers } from "./perform.ts";

/** `needed`: the configuration has addresses, so that being refused deserves a warning. */
export function openAddresses(
  needed: boolean,
  log: (id: LogId, level: LogLevel, text: string) => void,
): Drivers["addresses"] {
  const opened = openAddressDriver();
  if (!opened.ok) {
    const { says, advice } = opened.error;
    if (needed) log("no-addresses", "warn", `Service addresses cannot be handled: ${faultText(opened.error)}`);
    const outcome = { result: "failed", says, ...(advice === undefined ? {} : { advice }) } as const;
    return { perform: () => outcome, announce: () => {} };
  }
  const driver = opened.value;
  return {
    perform: (action, address) => driver.perform(action, address),
    announce: (address) => {
      const fault = driver.announce(address);
      if (fault !== undefined)
        log("not-announced", "warn", `Cannot announce ${address.ip} on ${address.device}: ${faultText(fault)}`);
    },
  };
}

/** Every service address of the configuration. */
export function addressesOf({ groups }: ClusterConfig): ReadonlySet<string> {
  return new Set(
    groups.flatMap(({ resources }) =>
      resources.flatMap((resource) => (resource.kind === "address" ? [resource.address.ip] : [])),
    ),
  );
}

/**
 * Feeds what happens to these addresses without our doing: one went off an interface, another machine claims one, a cable is in again.
 * Returns the function that ends it; a daemon that cannot watch runs without.
 */
export function watchAddresses(
  ips: ReadonlySet<string>,
  feed: (input: Input) => void,
  log: (id: LogId, level: LogLevel, text: string) => void,
): () => void {
  if (ips.size === 0) return () => {};
  const carriers = new Map<string, boolean>();
  const versions = [...new Set([...ips].map(versionOf))];
  const changes = watchInterfaces((change) => {
    if (change === "lost") feed({ on: "address-gone", ip: undefined });
    else if (change.kind === "link") {
      const { name, up, carrier } = change.link;
      const connected = up && carrier && !change.gone;
      if (connected && carriers.get(name) === false) feed({ on: "interface-up", device: name });
      carriers.set(name, connected);
    } else if (change.gone && ips.has(change.address.ip)) feed({ on: "address-gone", ip: change.address.ip });
  }, versions);
  if (!changes.ok)
    log(
      "addresses-unwatched",
      "warn",
      `Addresses that somebody else removes will not be noticed: ${faultText(changes.error)}`,
    );
  const claims = watchClaims([...ips], (claim) => feed({ on: "address-claimed", ...claim }));
  if (!claims.ok)
    log(
      "addresses-unwatched",
      "warn",
      `Other machines that claim a service address will not be noticed: ${faultText(claims.error)}`,
    );
  return () => {
    if (changes.ok) changes.value();
    if (claims.ok) claims.value();
  };
}
