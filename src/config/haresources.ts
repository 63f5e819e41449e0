/**
 * Reads haresources: which node prefers which group of resources.
 *
 * Source: docs/reference/configuration.md, section 9, and resources.md, section 2.1: the shell script's rules, in its order:
 * remove comments, join lines that end in a backslash, split at blanks.
 * Deviations: a CR at the end of a line is no part of the last word; a backslash before a blank is reported and dropped;
 * a line may have any length.
 */

import type { Agent } from "../agents/agent.ts";
import { builtIns } from "../agents/built-in.ts";
import { agents } from "../agents/index.ts";
import type { Resource, ResourceGroup } from "../agents/resource.ts";
import { nearest } from "../base/registry.ts";
import { nodeName } from "../base/units.ts";
import type { FileKind } from "../media/description.ts";
import type { Report } from "../syntax/diagnostic.ts";
import { type Line, originalLineMax, type Place, type Word, withoutComment, wordsOf } from "../syntax/lexer.ts";
import { foldAscii, osText, shown } from "../syntax/text.ts";
import { looksLikeAddress, parseAddress6Spec, parseAddressSpec } from "./address-spec.ts";
import { SearchedWords, specialIn } from "./confusable.ts";
import { ownersAtStart } from "./haresources-at-start.ts";

/** What the lines are checked against. */
export interface Known {
  readonly nodes: readonly string[];
  readonly pingNodes: readonly string[];
  readonly hasResourceScript: (name: string) => boolean | undefined;
  readonly runsBuiltIn: (name: string) => boolean;
  readonly fileKind: (path: string) => FileKind;
}

/** `lineOf` learns in which line each group begins, by its key. */
export function readHaresources(
  lines: readonly Line[],
  known: Known,
  report: Report,
  lineOf = new Map<string, number>(),
): ResourceGroup[] {
  const logical = [...joined(lines)];
  const broken = brokenContinuations(logical, report);
  const owners = ownersAtStart(lines);
  for (const owner of owners.values()) checkOwner(owner, broken.get(owner.line), known, report);
  const groups: ResourceGroup[] = [];
  const seen = new Map<string, Word>();
  for (const words of logical) {
    const group = readGroup(words, owners, known, seen, report);
    if (group === undefined) continue;
    groups.push(group);
    lineOf.set(group.key, words[0]?.line ?? 0);
  }
  checkSearched(logical, report);
  for (const { number, text } of lines)
    if (text.length > originalLineMax)
      report.add(
        "HB0102",
        { line: number, start: originalLineMax, end: originalLineMax + 1 },
        `the line has ${text.length} bytes: 3.0.6 cuts it after ${originalLineMax} and takes the rest for another group`,
        "continue it with a backslash at the end of the line",
      );
  return groups;
}

/** 3.0.6 finds a group by its first resource, and its own groups by its name: neither may look like another. */
function checkSearched(logical: readonly Word[][], report: Report): void {
  const nodes = new SearchedWords();
  const resources = new SearchedWords();
  for (const [line, [owner, ...words]] of logical.entries()) {
    if (owner !== undefined) nodes.add(foldAscii(owner.text), anyLine);
    for (const { text } of words) resources.add(text, line);
  }
  for (const [line, [owner, key]] of logical.entries()) {
    if (owner !== undefined) tellSearched(owner, nodes.takenFor(foldAscii(owner.text), line), report);
    if (key !== undefined) tellSearched(key, resources.takenFor(key.text, line), report);
  }
}

/** A node's name is searched for in all lines. */
const anyLine = -1;

function tellSearched(word: Word, other: string | undefined, report: Report): void {
  const searched = `3.0.6 searches for [${shown(word.text)}] as a regular expression`;
  const character = specialIn(word.text);
  if (other !== undefined)
    report.add("HB0810", word, `${searched} and finds [${shown(other)}], too`, "rename one of the two");
  else if (character !== undefined && word.text !== "\\")
    report.add(
      "HB0810",
      word,
      `${searched}, in which ${shown(character)} means something else`,
      "begin the group with another of its resources, or rename it",
    );
}

/** The words of each logical line; no empty ones. */
function* joined(lines: readonly Line[]): Generator<Word[]> {
  let words: Word[] = [];
  let glue = false;
  for (const line of lines) {
    const raw = line.number === 1 ? line.text.replace(/^\xef\xbb\xbf/, "   ") : line.text;
    const text = withoutComment(raw);
    // A CR behind the backslash keeps the original from continuing the line.
    const continued = text.endsWith("\\") && !line.crlf;
    const body = continued ? text.slice(0, -1) : text;
    const more = wordsOf(body, line.number);
    const [first] = more;
    const last = words.at(-1);
    if (glue && first?.start === 0 && last) words.splice(-1, 1, { ...last, text: last.text + more.shift()?.text });
    for (const word of more) words.push(word);
    glue = continued && !/[ \t\f]$/.test(body) && body !== "";
    if (continued) continue;
    if (words.length > 0) yield words;
    words = [];
  }
  if (words.length > 0) yield words;
}

/** Lines that end in a backslash and something else; by the number of the line that was meant to continue them. */
function brokenContinuations(logical: readonly Word[][], report: Report): Map<number, Word> {
  const broken = new Map<number, Word>();
  for (const [index, words] of logical.entries()) {
    const backslash = words.find(({ text }) => text === "\\");
    if (backslash === undefined) continue;
    report.add(
      "HB0805",
      backslash,
      "the backslash is not the last character of its line, so the line is not continued",
      "remove what follows the backslash, blanks and carriage returns too",
    );
    const next = logical[index + 1]?.[0];
    if (next) broken.set(next.line, backslash);
  }
  return broken;
}

function checkOwner(owner: Word, broken: Word | undefined, { nodes, pingNodes }: Known, report: Report): void {
  const name = foldAscii(owner.text);
  if (nodes.includes(name)) return;
  if (pingNodes.includes(name))
    report.add(
      "HB0803",
      owner,
      `[${shown(owner.text)}] is a ping node: it can own nothing, so this group starts nowhere by itself`,
      "name a node of the cluster",
    );
  else
    report.add("HB0801", owner, `Bad nodename in ${report.file} [${shown(owner.text)}]`, () =>
      ownerHelp(owner, name, broken, nodes),
    );
}

function readGroup(
  words: readonly Word[],
  owners: ReadonlyMap<number, Word>,
  known: Known,
  seen: Map<string, Word>,
  report: Report,
): ResourceGroup | undefined {
  const [owner, ...rest] = words.filter(({ text }) => text !== "\\");
  if (owner === undefined) return undefined;
  const name = foldAscii(owner.text);
  if (!owners.has(owner.line) && !known.nodes.includes(name))
    report.add(
      "HB0809",
      owner,
      `[${shown(owner.text)}] is no node, so this line is ignored: the backslash at the end of a comment does not continue a line`,
      "put the comment on a line of its own",
    );
  const key = rest[0];
  if (key === undefined) {
    report.add(
      "HB0804",
      owner,
      `node ${shown(owner.text)} stands without resources: the line does nothing`,
      `write: ${shown(owner.text)} 10.0.0.10 apache2`,
    );
    return undefined;
  }
  const resources = rest.map((word) => readResource(word, known, report));
  const twin = seen.get(key.text);
  for (const word of rest) {
    const earlier = seen.get(word.text);
    if (earlier !== undefined && (word === key || earlier.line !== word.line))
      report.add(
        "HB0806",
        word,
        `[${shown(word.text)}] stands in line ${earlier.line} already: the original mixes up the groups${word === key ? "; this line is ignored" : ""}`,
        "a resource belongs to one group only",
      );
    else seen.set(word.text, word);
  }
  return twin === undefined ? { key: key.text, owner: nodeName(name), resources } : undefined;
}

function ownerHelp(owner: Word, name: string, broken: Word | undefined, nodes: readonly string[]): string {
  if (broken !== undefined)
    return `the backslash in line ${broken.line} does not continue that line, because something follows it`;
  const short = nodes.find((node) => node.split(".")[0] === name.split(".")[0]);
  if (short !== undefined) return `ha.cf calls the node ${shown(short)}: write the name as there`;
  const near = owner.text.length > 64 ? undefined : nearest(name, nodes);
  if (near !== undefined) return `did you mean ${shown(near)}?`;
  if (looksLikeAddress(owner.text) || owner.text.includes("::"))
    return `a line begins with the node that prefers the group: ${nodes.map(shown).join(" or ")}`;
  return `nodes of ha.cf: ${nodes.slice(0, 10).map(shown).join(", ") || "none"}`;
}

function readResource(word: Word, known: Known, report: Report): Resource {
  const { text } = word;
  if (looksLikeAddress(text)) return bareAddress(word, report);
  const [script = "", ...args] = text.split("::");
  const agent = agents.find(({ prefix }) => prefix === script);
  if (agent !== undefined) return readAgent(word, agent, args, known, report);
  const given = args.filter((arg) => arg !== "");
  if (script === "IPv6addr") return readAddress6(word, args.join("::"), report); // quirk 196
  if (script === "IPaddr" || script === "IPaddr2") {
    const parsed = parseAddressSpec(given[0] ?? "");
    if (parsed.ok && given.length === 1) return { kind: "address", text, address: parsed.value };
    report.add(
      "HB0807",
      word,
      `bad address in [${shown(text)}]: ${parsed.ok ? `[${shown(given[1] ?? "")}] is one argument too many` : shown(parsed.error)}`,
      `write: ${script}::10.0.0.10/24/eth0`,
    );
  } else checkNamed(word, script, given, known, report);
  return { kind: "script", text, script: osText(script), args: given.map(osText) };
}

/** Its argument may hold the two colons that elsewhere stand between arguments. */
function readAddress6(word: Word, argument: string, report: Report): Resource {
  const { text } = word;
  const parsed = parseAddress6Spec(argument);
  if (parsed.ok) return { kind: "address", text, address: parsed.value };
  report.add(
    "HB0807",
    word,
    `bad address in [${shown(text)}]: ${shown(parsed.error)}`,
    "write: IPv6addr::2001:db8:0:0:0:0:0:10/64/eth0",
  );
  return { kind: "script", text, script: "IPv6addr", args: [osText(argument)] };
}

/** What cannot be read is kept as a script that does not exist, so that its group fails to start and says why. */
function readAgent(word: Word, agent: Agent, parts: readonly string[], { fileKind }: Known, report: Report): Resource {
  const { text } = word;
  const read = agent.read(parts.map(osText));
  if (!read.ok) {
    report.add("HB0808", word, `[${shown(text)}] names nothing that can be run`, read.error);
    return { kind: "script", text, script: osText(text), args: [] };
  }
  const { script, args } = read.value;
  const files = agent.files?.(script) ?? [];
  if (files.every((file) => fileKind(file) === "missing"))
    report.add(
      "HB0808",
      word,
      `[${shown(text)}]: there is no ${agent.kind === "ocf" ? "agent" : "unit"} ${shown(script)} on this node`,
      `it is sought at ${files.slice(0, 2).join(" and ")}`,
    );
  return { kind: agent.kind, text, script, args };
}

function bareAddress(word: Word, report: Report): Resource {
  const { text } = word;
  const parsed = parseAddressSpec(text);
  if (parsed.ok) return { kind: "address", text, address: parsed.value };
  report.add("HB0807", word, `bad address [${shown(text)}]: ${shown(parsed.error)}`, () => addressHelp(text));
  return { kind: "script", text, script: "IPaddr", args: [osText(text)] };
}

/** `10.0.0.1http,mysql` and `10.0.0.1,httpd`: blanks got lost. */
function addressHelp(text: string): string {
  const glued =
    /^(\d{1,3}(?:\.\d{1,3}){3}(?:\/[0-9a-z./]+)?)[,;]?([a-z].*)$/i.exec(text) ?? /^([^,;]+)[,;](.*)$/.exec(text);
  if (glued?.[1] === undefined || glued[2] === undefined) return "write: 10.0.0.10, 10.0.0.10/24 or 10.0.0.10/24/eth0";
  return `resources are separated by blanks: write ${shown([glued[1], ...glued[2].split(/[,;]+/)].filter((part) => part !== "").join(" "))}`;
}

function checkNamed(word: Word, script: string, given: readonly string[], known: Known, report: Report): void {
  const readBuiltIn = builtIns.get(script);
  if (readBuiltIn === undefined || !known.runsBuiltIn(script)) return checkScript(word, script, known, report);
  const read = readBuiltIn(given.map(osText));
  if (!read.ok)
    report.add("HB0808", word, `[${shown(word.text)}] cannot be read: its group will fail to start`, read.error);
}

function checkScript(word: Word, script: string, { hasResourceScript }: Known, report: Report): void {
  const said = `Cannot locate resource script ${shown(script)}`;
  const place: Place = { ...word, end: word.start + script.length };
  if (/^\d+(\.\d+){1,2}$/.test(script)) {
    report.add("HB0808", place, `${said}: it looks like an incomplete address`, "an address has four parts: 10.0.0.10");
    return;
  }
  if (script.includes("/")) {
    report.add(
      "HB0808",
      place,
      `${said}: a resource is named without its directory`,
      "put the script into /etc/ha.d/resource.d and write its name",
    );
    return;
  }
  if (hasResourceScript(osText(script)) !== false) return;
  const parts = script.split(/[,;]+/).filter((part) => part !== "");
  const help =
    parts.length > 1
      ? `resources are separated by blanks: write ${shown(parts.join(" "))}`
      : script.includes(":")
        ? `arguments are separated by two colons: write ${shown(word.text.replaceAll(/:+/g, "::"))}`
        : (veteran(script) ?? `it is sought in /etc/ha.d/resource.d and /etc/init.d`);
  report.add("HB0808", place, `${said}: the group will fail to start`, help);
}

/** Scripts of resource.d that came with other packages, and stand in the haresources of many clusters. */
const packaged: ReadonlyMap<string, string> = new Map([
  ...[
    ...["AudibleAlarm", "ICP", "IPsrcaddr", "LVM", "LinuxSCSI"],
    ...["Raid1", "ServeRAID", "WAS", "WinPopup", "Xinetd", "apache", "db2", "portblock"],
  ].map((name) => [name, "resource-agents"] as const),
  ...["drbddisk", "drbdupper"].map((name) => [name, "drbd-utils"] as const),
]);

/** Where a well-known script comes from. */
function veteran(script: string): string | undefined {
  const owner = packaged.get(script);
  return owner === undefined ? undefined : `the script comes with the package ${owner}: install it on all nodes`;
}
