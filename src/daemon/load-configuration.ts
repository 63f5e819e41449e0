/** The files of a directory and the facts of this host, read into a configuration. */
import { lookup } from "node:dns/promises";
import type { ConfigurationFiles } from "../config/configuration-files.ts";
import type { HostFacts } from "../config/host-facts.ts";
import { type Reading, readConfiguration } from "../config/index.ts";
import { readConfigurationFiles } from "../drivers/configuration-files.ts";
import { hostFacts } from "../drivers/host-facts.ts";

export interface Loaded extends Reading {
  readonly files: ConfigurationFiles;
  readonly facts: HostFacts;
}

/** A name server that does not answer must not keep the daemon from saying so. */
const lookupPatience = 5000;
/** Media are limited to 64, and so are the names they can mention; a ping group may have more. */
const lookupsMax = 128;

/**
 * Reads the configuration of `directory`. Host names that /etc/hosts does not know are looked up, all at once, for five seconds
 * at most. `debug` is the number of `-d` options; log files lie below `root`; without `managesResources`
 * (`-M`) haresources is not read.
 */
export async function loadConfiguration(
  directory = "/etc/ha.d",
  debug = 0,
  root = "",
  managesResources = true,
): Promise<Loaded> {
  const files = readConfigurationFiles(directory);
  const facts = hostFacts(directory, new Map(), root);
  const unknown = new Set<string>();
  const listening: HostFacts = {
    ...facts,
    resolveHost(name) {
      const known = facts.resolveHost(name);
      if (known === undefined && unknown.size < lookupsMax) unknown.add(name);
      return known;
    },
  };
  const first = readConfiguration(files, listening, debug, managesResources);
  if (unknown.size === 0) return { ...first, files, facts };
  const resolved = hostFacts(directory, await lookUp([...unknown]), root);
  return { ...readConfiguration(files, resolved, debug, managesResources), files, facts: resolved };
}

async function lookUp(names: readonly string[]): Promise<Map<string, string>> {
  const addresses = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, lookupPatience);
  });
  const all = names.map(async (name) => {
    try {
      addresses.set(name, (await lookup(name, { family: 4 })).address);
    } catch {
      // Unknown, or nobody to ask: the reader says so with the place of the name.
    }
  });
  await Promise.race([Promise.allSettled(all), timeout]);
  clearTimeout(timer);
  return addresses;
}
