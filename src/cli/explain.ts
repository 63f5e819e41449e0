/** Explains a directive, the code of a finding or a line of the log, from the tables that the parser itself works with. */

import { probeKinds } from "../agents/probes/index.ts";
import { logLines } from "../base/log-lines/index.ts";
import { nearest } from "../base/registry.ts";
import { directives } from "../config/directives/index.ts";
import { aloneOptions } from "../config/ha4-alone.ts";
import { healthOptions } from "../config/ha4-health.ts";
import { resourceOptions } from "../config/ha4-options.ts";
import { logdDirectives } from "../config/logd-cf.ts";
import { codes, isCode } from "../syntax/codes.ts";
import { exitCode } from "./exit-code.ts";
import { explainLine } from "./log-messages.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import type { Program } from "./program.ts";

/** The whole table in other forms. */
const generated = {
  completion: async () => await (await import("./completion.ts")).bashCompletion(),
  "zsh-completion": async () => await (await import("./completion.ts")).zshCompletion(),
  man: async () => (await import("./manual.ts")).manualPage(),
  markdown: async () => (await import("./manual.ts")).directivesMarkdown(),
} as const;

const form = {
  command: "heartbeat explain",
  summary:
    "Explain directives of ha.cf, codes of findings, lines of the log by their ids, or a file. Without a name: list all names.",
  options: {
    markdown: { type: "boolean", default: false, says: "print the reference of all directives as Markdown" },
    man: { type: "boolean", default: false, says: "print it as a manual page" },
    completion: { type: "boolean", default: false, says: "print completion for bash" },
    "zsh-completion": { type: "boolean", default: false, says: "print completion for zsh" },
  },
  words: "[DIRECTIVE|CODE|ID|FILE]...",
} as const satisfies Form<OptionTable>;

export const explain: Program = {
  name: "explain",
  summary: "Explain a directive of ha.cf, the code of a finding, or a line of the log.",
  usage: usageOf(form),
  async run(argv, io) {
    const given = optionsOf(form, argv, io);
    if (typeof given === "number") return given;
    const { values, positionals: topics } = given;
    for (const [name, text] of Object.entries(generated)) {
      if (values[name as keyof typeof generated] !== true) continue;
      io.out(await text());
      return exitCode.ok;
    }
    if (topics.length === 0) io.out(overview());
    const texts = topics.flatMap((topic) => explained(topic) ?? []);
    io.out(texts.join("\n"));
    const unknown = topics.filter((topic) => explained(topic) === undefined);
    for (const topic of unknown) {
      const near = nearest(topic, [
        ...directives.names(),
        ...Object.keys(codes),
        ...files.keys(),
        ...Object.keys(logLines),
      ]);
      const meant = near === undefined ? "." : `; did you mean ${near}?`;
      io.err(
        `${form.command}: nothing is called ${JSON.stringify(topic)}${meant} The list of names: ${form.command}\n`,
      );
    }
    return unknown.length === 0 ? exitCode.ok : exitCode.usage;
  },
};

/** The explanation of a directive, code, file or line of the log; undefined if there is no such thing. */
export function explained(topic: string): string | undefined {
  const code = topic.toUpperCase();
  if (isCode(code)) return explainCode(code);
  return files.get(topic)?.() ?? explainDirective(topic.toLowerCase()) ?? explainLine(topic.toLowerCase());
}

const row = (name: string, text: string): string => `${name.padEnd(27)} ${text}\n`;

const overview = (): string =>
  [
    "Directives of ha.cf:",
    ...[...directives].map(({ name, summary }) => row(name, summary).trimEnd()),
    "",
    `Files: ${[...files.keys()].join(", ")}. Codes of findings: ${Object.keys(codes)[0]} and so on, as heartbeat check prints them. Ids of log lines: docs/log-messages.md.`,
    "",
  ].join("\n");

function explainCode(code: keyof typeof codes): string {
  const { severity, says, explains, original, checked } = codes[code];
  const stricter = checked === undefined ? "" : "heartbeat check takes it for an error, although the daemon starts.\n";
  const differs = { accepts: "3.0.6 accepts it.\n", refuses: "3.0.6 refuses it: it would not start.\n" };
  return `${code}: ${severity}: ${says}\n\n${explains}\n${stricter}${original === undefined ? "" : differs[original]}`;
}

const repeats = {
  last: "If it is repeated, the last value wins.",
  once: "It may stand once only.",
  adds: "It may be repeated; every line counts.",
} as const;

function explainDirective(name: string): string | undefined {
  const directive = directives.get(name);
  if (directive === undefined) return undefined;
  const lines = [
    `${directive.name} ${directive.form}`,
    "",
    directive.summary,
    ...(directive.details === "" ? [] : [directive.details]),
    "",
    `Legal:    ${directive.legal}`,
    ...(directive.default === undefined ? [] : [`Default:  ${directive.default}`]),
    ...(directive.derived === undefined ? [] : [`Default:  ${directive.derived}`]),
    `Example:  ${directive.example}`,
    `Repeated: ${repeats[directive.repeat]}`,
    ...(directive.recorded ? [`Scripts:  find it as HA_${directive.name}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

const explainHa4 = (): string =>
  [
    "The optional file ha4.cf holds what 3.0.6 would refuse in its own files.",
    "A section is opened by one of these lines, and options follow it:",
    "",
    "    defaults           for all resources",
    "    kind KIND          for those of one kind: address, ocf, script, systemd",
    "    group KEY          for the group whose first resource is KEY",
    "    resource TEXT      for one resource, or all of one script",
    "",
    ...[...resourceOptions].map(({ name, form, summary }) => row(`${name} ${form}`, summary).trimEnd()),
    "",
    "In no section, for the node as a whole:",
    "",
    ...[...aloneOptions].map(({ name, form, summary }) => row(`${name} ${form}`, summary).trimEnd()),
    "",
    "In a section of its own, node-health, what makes this node unfit to hold resources:",
    "",
    ...healthOptions.map(({ name, form, summary }) => row(`${name} ${form}`, summary).trimEnd()),
    "",
    "What to look at, with probe:",
    "",
    ...[...probeKinds].map(({ name, form, summary }) => row(`${name} ${form}`, summary).trimEnd()),
    "",
  ].join("\n");

const explainLogd = (): string =>
  [...logdDirectives]
    .map(({ name, form, summary, default: text }) =>
      row(`${name} ${form}`, `${summary}${text === undefined ? "" : ` Default: ${text}.`}`),
    )
    .join("");

const explainHaCf = (): string => `ha.cf: who the nodes are, how they hear each other, and when one counts as dead.

One directive in a line; # begins a comment. It is the same on all nodes, but for the addresses of ucast. The least:

    bcast eth1
    auto_failback on
    node alice bob

heartbeat explain lists all directives, heartbeat init writes a first file, heartbeat check looks for mistakes.
`;

const explainAuthkeys = (): string => `authkeys: the keys by which nodes recognise each other. The same on all nodes.

    auth 1
    1 sha1 SECRET

The auth line names the key that signs and stands before it; all keys of the file verify. Methods: sha1, md5, and crc, which is
no protection. Only root may read the file (mode 600). heartbeat keygen writes one with a good key.
`;

const explainHaresources =
  (): string => `haresources: which node prefers which group of resources. The same on all nodes.

    alice 10.0.0.10/24/eth0 Filesystem::/dev/drbd0::/srv::ext4 apache2

A line is the preferred node and a group, started from left to right and stopped from right to left. An address stands for
itself. Filesystem, Delay, MailTo and SendArp are built in; another word is a script of resource.d in the directory of ha.cf, or
of /etc/init.d. Arguments follow after "::".
A backslash at the end continues a line.
`;

/** What each file is for. */
export const files: ReadonlyMap<string, () => string> = new Map([
  ["ha.cf", explainHaCf],
  ["authkeys", explainAuthkeys],
  ["haresources", explainHaresources],
  ["ha4.cf", explainHa4],
  ["logd.cf", explainLogd],
]);
