/**
 * Service addresses as the core orders them, with what goes wrong at announcing put into the log.
 *
 * A daemon that may not touch addresses (no privilege, a demonstration) still runs: every order then fails with the reason.
 */
import { faultText } from "../base/fault.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { LogLevel } from "../core/effect.ts";
import { openAddressDriver } from "../drivers/address.ts";
import { watchInterfaces } from "../drivers/netlink.ts";
import type { Drivers } from "./perform.ts";

/** `needed`: the configuration has addresses, so that being refused deserves a warning. */
export function openAddresses(needed: boolean, log: (level: LogLevel, text: string) => void): Drivers["addresses"] {
  const opened = openAddressDriver();
  if (!opened.ok) {
    const { says, advice } = opened.error;
    if (needed) log("warn", `Service addresses cannot be handled: ${faultText(opened.error)}`);
    const outcome = { result: "failed", says, ...(advice === undefined ? {} : { advice }) } as const;
    return { perform: () => outcome, announce: () => {} };
  }
  const driver = opened.value;
  return {
    perform: (action, address) => driver.perform(action, address),
    announce: (address) => {
      const fault = driver.announce(address);
      if (fault !== undefined) log("warn", `Cannot announce ${address.ip} on ${address.device}: ${faultText(fault)}`);
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
 * Tells when one of these addresses went off an interface; undefined: some may have gone unseen. Returns the function that ends it; a
 * daemon that cannot watch runs without.
 */
export function watchAddresses(
  ips: ReadonlySet<string>,
  onGone: (ip: string | undefined) => void,
  log: (level: LogLevel, text: string) => void,
): () => void {
  if (ips.size === 0) return () => {};
  const watching = watchInterfaces((change) => {
    if (change === "lost") onGone(undefined);
    else if (change.kind === "address" && change.gone && ips.has(change.address.ip)) onGone(change.address.ip);
  });
  if (watching.ok) return watching.value;
  log("warn", `Addresses that somebody else removes will not be noticed: ${faultText(watching.error)}`);
  return () => {};
}
