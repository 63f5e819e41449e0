/**
 * Every file that is made from the program's own tables and installed beside it: manual pages and completion. The package build installs them,
 * `npm run docs` writes them into `docs` for reading.
 */
import { bashCompletion, zshCompletion } from "./completion.ts";
import { explained } from "./explain.ts";
import { escaped, manualPage } from "./manual.ts";
import { daemonHelp, type ProgramHelp, programHelps, subProgramHelps } from "./program-help.ts";

/** Path on the machine, and content. */
export type InstalledFile = readonly [path: string, text: string];

/** The section of each program's page; commands for everybody are in 1. */
const everybodys: ReadonlySet<string> = new Set(["cl_status", "hb_addnode", "hb_delnode", "hb_standby", "hb_takeover"]);

/** One line about each file of the configuration that has a page of its own beside ha.cf's. */
const fileSummaries = {
  authkeys: "the keys by which nodes of Heartbeat recognise each other",
  haresources: "which node of Heartbeat prefers which group of resources",
  "ha4.cf": "options of Heartbeat that version 3.0.6 did not have",
  "logd.cf": "the configuration of the logging daemon",
} as const;

export async function manualFiles(): Promise<InstalledFile[]> {
  const [daemon, subs, others] = await Promise.all([daemonHelp(), subProgramHelps(), programHelps()]);
  const page = (name: string, section: number, text: string): InstalledFile => [
    `/usr/share/man/man${section}/${name}.${section}`,
    text,
  ];
  return [
    page("heartbeat", 8, daemonPage(daemon, subs)),
    page("ha.cf", 5, manualPage()),
    ...Object.entries(fileSummaries).map(([name, summary]) => page(name, 5, filePage(name, summary))),
    ...others.map((each) => {
      const section = everybodys.has(each.command) ? 1 : 8;
      return page(each.command, section, programPage(each, section));
    }),
    ["/usr/share/bash-completion/completions/heartbeat", await bashCompletion()],
    ["/usr/share/zsh/vendor-completions/_heartbeat", await zshCompletion()],
  ];
}

const heading = (name: string, section: number, summary: string): string[] => [
  `.TH ${name.toUpperCase()} ${section} "" "Heartbeat" "${section === 5 ? "File formats" : "Heartbeat"}"`,
  ".SH NAME",
  `${escaped(name)} \\- ${escaped(summary)}`,
];

/** Text that is laid out already. */
const asItStands = (text: string): string[] => [".nf", ...text.trim().split("\n").map(escaped), ".fi"];

function daemonPage(daemon: ProgramHelp, subs: readonly ProgramHelp[]): string {
  return [
    ...heading("heartbeat", 8, "high availability for small clusters: the daemon and its programs"),
    ".SH DESCRIPTION",
    "Keeps addresses and services alive on a small cluster of machines. Its files are those of /etc/ha.d:",
    ".BR ha.cf (5),",
    ".BR authkeys (5),",
    ".BR haresources (5)",
    "and, if wanted,",
    ".BR ha4.cf (5).",
    ".SH OPTIONS",
    ...asItStands(daemon.help),
    ".SH SIGNALS",
    ".TP",
    ".B SIGTERM",
    "Give the resources away and end.",
    ".TP",
    ".B SIGHUP",
    "Read the files again; a mistake in one of them changes nothing.",
    ".TP",
    ".BR SIGUSR1 ,\\ SIGUSR2",
    "Debug level one up, one down.",
    ".SH PROGRAMS",
    ...subs.flatMap((each) => [`.SS ${escaped(each.command)}`, ...asItStands(each.help)]),
    ".SH FILES",
    ".nf",
    ...[
      "/etc/ha.d/",
      "/run/heartbeat.pid",
      "/run/heartbeat/register",
      "/var/lib/heartbeat/",
      "/usr/share/doc/heartbeat/",
    ],
    ".fi",
    "",
  ].join("\n");
}

const programPage = ({ command, summary, usage, help }: ProgramHelp, section: number): string =>
  [
    ...heading(command, section, summary.replace(/\.$/, "")),
    ".SH SYNOPSIS",
    ".nf",
    escaped(usage),
    ".fi",
    ".SH DESCRIPTION",
    ...asItStands(help),
    ".SH SEE ALSO",
    ".BR heartbeat (8)",
    "",
  ].join("\n");

function filePage(name: string, summary: string): string {
  const text = explained(name) ?? "";
  return [
    ...heading(name, 5, summary),
    ".SH DESCRIPTION",
    ...asItStands(text),
    ".SH SEE ALSO",
    ".BR ha.cf (5),",
    ".BR heartbeat (8)",
    "",
  ].join("\n");
}
