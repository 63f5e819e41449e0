/**
 * Do the nodes read the same configuration? What they must agree on is compared among successors: the lines of haresources, by digest,
 * the times, the node list and the failback rule of ha.cf, and which entries authkeys has. Differences are named, line by line.
 *
 * Every status carries one digest of all of it (`conf=` in `hb4`). Only where two of these differ the parts are exchanged (`hb4c`), once
 * and then every minute. No key and no text of a key is ever among them, nor anything computed from one.
 *
 * The original never notices (quirk 152).
 */
import { createHash } from "node:crypto";
import { after, type Instant, type NodeName } from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import { comparedLinesMax, comparedTextMax, differencesMax, differencesToldEvery } from "./limits.ts";

/** Names that are compared by value, with what people call them, and the directive of ha.cf that says it. */
const essentials: ReadonlyMap<string, readonly [title: string, directive: string]> = new Map([
  ["keepalive", ["keepalive (ms)", "keepalive"]],
  ["deadtime", ["deadtime (ms)", "deadtime"]],
  ["initdead", ["initdead (ms)", "initdead"]],
  ["failback", ["auto_failback", "auto_failback"]],
  ["nodes", ["the node list", "node"]],
  ["keys", ["the entries of authkeys", ""]],
]);

interface Peer {
  conf: string;
  differences: readonly string[];
}

/** What one node says to be compared. */
interface Parts {
  readonly values: ReadonlyMap<string, string>;
  /** Digest of a group's name -> digest of its line. */
  readonly lines: ReadonlyMap<string, string>;
}

export class Agreement {
  readonly #config: ClusterConfig;
  readonly #peers = new Map<NodeName, Peer>();
  #own: Parts;
  #conf: string;
  /** The parts go out with the next status from then on; undefined: nobody differs. */
  #tellFrom: Instant | undefined;

  constructor(config: ClusterConfig) {
    this.#config = config;
    this.#own = partsOf(config, config.keys);
    this.#conf = digest(textOf(this.#own), 12);
  }

  changeKeys(keys: KeyRing): void {
    this.#own = partsOf(this.#config, keys);
    this.#conf = digest(textOf(this.#own), 12);
    for (const peer of this.#peers.values()) peer.conf = ""; // judged anew when it is heard again
  }

  /** To be put behind the other words of `hb4`. */
  get word(): string {
    return `conf=${this.#conf}`;
  }

  /** What goes with the status that is about to be sent; mostly nothing. */
  parts(now: Instant): string | undefined {
    if (this.#tellFrom === undefined || now < this.#tellFrom) return undefined;
    this.#tellFrom = after(now, differencesToldEvery);
    return textOf(this.#own).slice(0, comparedTextMax);
  }

  differences(node: NodeName): readonly string[] {
    return this.#peers.get(node)?.differences ?? [];
  }

  /** A status of a successor: a sentence when what is known of it has changed. */
  heard(node: NodeName, state: string, parts: string | undefined, now: Instant): string | undefined {
    const conf = / conf=([0-9a-f]{12})(?: |$)/.exec(state)?.[1];
    if (conf === undefined) return undefined; // an earlier one of ours, which does not compare
    const peer = this.#peers.get(node) ?? { conf: this.#conf, differences: [] };
    this.#peers.set(node, peer);
    const news = peer.conf !== conf;
    peer.conf = conf;
    if (conf === this.#conf) return this.#agrees(node, peer);
    if (news || this.#tellFrom === undefined) this.#tellFrom = now;
    if (parts === undefined || parts.length > comparedTextMax) return undefined;
    const differences = compare(this.#own, read(parts), this.#config);
    if (differences.join() === peer.differences.join()) return undefined;
    peer.differences = differences;
    return `The configuration of ${node} differs from ours: ${differences.join("; ")}.`;
  }

  #agrees(node: NodeName, peer: Peer): string | undefined {
    if ([...this.#peers.values()].every(({ conf }) => conf === this.#conf)) this.#tellFrom = undefined;
    if (peer.differences.length === 0) return undefined;
    peer.differences = [];
    return `The configuration of ${node} is the same as ours again.`;
  }
}

const digest = (text: string, length: number): string => createHash("sha1").update(text).digest("hex").slice(0, length);

function partsOf(
  { groups, nodes, keepalive, deadtime, initdead, autoFailback, managesResources }: ClusterConfig,
  keys: KeyRing,
): Parts {
  const entries = [...keys.entries].map(([id, { method }]) => `${id}${id === keys.active ? "*" : ""}:${method}`);
  return {
    values: new Map([
      ["keepalive", String(keepalive)],
      ["deadtime", String(deadtime)],
      ["initdead", String(initdead)],
      ["failback", autoFailback],
      ["nodes", managesResources ? nodes.join(",") : "-"], // else nodes come and go
      ["keys", entries.sort().join(",")],
    ]),
    lines: new Map(
      groups.map(({ key, owner, resources }) => [
        digest(key, 6),
        digest([owner, ...resources.map(({ text }) => text)].join(" "), 8),
      ]),
    ),
  };
}

const textOf = ({ values, lines }: Parts): string =>
  [
    ...[...values].map(([name, value]) => `${name}=${value}`),
    `groups=${lines.size}`,
    `lines=${[...lines]
      .slice(0, comparedLinesMax)
      .map(([key, line]) => `${key}:${line}`)
      .join(",")}`,
  ].join(" ");

function read(text: string): Parts & { readonly groups: number } {
  const values = new Map(
    text.split(" ").map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]),
  );
  const lines = (values.get("lines") ?? "").split(",").flatMap((item): [string, string][] => {
    const [, key, line] = /^([0-9a-f]{6}):([0-9a-f]{8})$/.exec(item) ?? [];
    return key === undefined || line === undefined ? [] : [[key, line]];
  });
  return { values, lines: new Map(lines), groups: Number(values.get("groups") ?? lines.length) };
}

function compare(own: Parts, theirs: ReturnType<typeof read>, { groups, lines }: ClusterConfig): string[] {
  const found: string[] = [];
  const place = (name: string, file: string): string => {
    const line = lines?.get(name);
    return line === undefined ? "" : ` (line ${line} of ${file} here)`;
  };
  for (const [name, [title, directive]] of essentials) {
    const there = theirs.values.get(name);
    const here = own.values.get(name);
    if (there === undefined || there === here) continue;
    found.push(`${title}: ${shown(there)} there, ${here} here${place(directive, "ha.cf")}`);
  }
  const complete = theirs.lines.size >= theirs.groups; // of very many groups only the first are named
  for (const { key } of groups.slice(0, comparedLinesMax)) {
    const there = theirs.lines.get(digest(key, 6));
    const where = place(`group ${key}`, "haresources");
    if (there === undefined && complete) found.push(`haresources there has no group ${key}${where}`);
    else if (there !== undefined && there !== own.lines.get(digest(key, 6)))
      found.push(`the line of ${key} in haresources reads otherwise there${where}`);
  }
  const foreign = [...theirs.lines.keys()].filter((key) => !own.lines.has(key)).length;
  if (foreign > 0) found.push(`haresources there has ${foreign} more group${foreign === 1 ? "" : "s"}, unknown here`);
  if (found.length === 0) found.push("somewhere behind the part that is compared line by line");
  return found.length <= differencesMax
    ? found
    : [...found.slice(0, differencesMax), `${found.length - differencesMax} more`];
}

/** From another node: no control characters, no length that would hide the rest. */
const shown = (text: string): string => text.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, 80);
