/**
 * The configuration: a pure function of the files and of facts about the host.
 *
 * All faults of all files are found in one run. What the original would refuse is refused, with few exceptions that
 * docs/quirks.md lists; whether that is so is measured by its 477 recorded cases.
 */

import type { ResourceGroup } from "../agents/resource.ts";
import { milliseconds, nodeName } from "../base/units.ts";
import { codes } from "../syntax/codes.ts";
import { type Diagnostic, Report } from "../syntax/diagnostic.ts";
import { fileSizeMax, type Line, linesOf } from "../syntax/lexer.ts";
import { osText } from "../syntax/text.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import { readAuthkeys } from "./authkeys.ts";
import { checkHaCf, localNodeOf } from "./check.ts";
import { childrenOf } from "./children.ts";
import type { ClusterConfig } from "./cluster-config.ts";
import type { ConfigurationFile, ConfigurationFiles, FoundFile } from "./configuration-files.ts";
import { withBuiltIns } from "./directives/apiauth.ts";
import { type Draft, emptyDraft, type Scope } from "./draft.ts";
import { type Effective, effectiveOf } from "./effective.ts";
import { fencingOf } from "./fencing.ts";
import { fillDefaults, readHaCf } from "./ha-cf.ts";
import { type Extension, readHa4Cf } from "./ha4-cf.ts";
import { readHaresources } from "./haresources.ts";
import type { HostFacts } from "./host-facts.ts";
import { reportOddLines } from "./odd-lines.ts";
import { checkWatchdog } from "./watchdog.ts";

export interface Reading {
  /** Undefined if there is an error. */
  readonly config: ClusterConfig | undefined;
  readonly diagnostics: readonly Diagnostic[];
  /** The daemon's exit code with these files: 0, 6 (configuration error), 4 (a file may not be read). */
  readonly exitCode: 0 | 4 | 6;
  /** What ha.cf comes to; also there when another file is bad. */
  readonly draft: Draft;
  readonly effective: Effective;
}

/**
 * `debug` is the number of `-d` options: the debug level where ha.cf names none. Without `managesResources` (`-M`) haresources and ha4.cf
 * mean nothing, and nodes may join by themselves.
 */
export function readConfiguration(
  files: ConfigurationFiles,
  facts: HostFacts,
  debug = 0,
  managesResources = true,
): Reading {
  const directory = files.directory ?? "/etc/ha.d";
  const draft = emptyDraft();

  const haCf = openFile(`${directory}/ha.cf`, files.haCf, "HB0110", (path) => `Cannot open config file [${path}]`);
  const scope: Scope = { draft, managesResources, facts, report: haCf.report };
  if (haCf.file !== undefined) {
    readHaCf(haCf.lines, scope);
    fillDefaults(draft, debug);
    checkHaCf(scope);
  }

  const authkeys = openFile(
    `${directory}/authkeys`,
    files.authkeys,
    "HB0701",
    (path) => `Cannot open keyfile [${path}].  Stop.`,
  );
  const keyFile = authkeys.file && !isDirectory(authkeys.report, facts) ? authkeys.file : undefined;
  if (keyFile) reportOddLines(authkeys.lines, authkeys.report, () => true);
  const keys = keyFile && readAuthkeys(authkeys.lines, keyFile, facts.ownUid, authkeys.report);

  const haresources = managesResources
    ? openFile(
        `${directory}/haresources`,
        files.haresources,
        "HB0802",
        (path) => `Cannot open resources file [${path}]`,
      )
    : undefined;
  const lineOf = new Map<string, number>();
  const groups = haresources === undefined ? [] : groupsOf(haresources, scope, lineOf);

  const ha4Cf =
    managesResources && files.ha4Cf !== undefined && !("missing" in files.ha4Cf && files.ha4Cf.missing === "ENOENT")
      ? openFile(`${directory}/ha4.cf`, files.ha4Cf, "HB0110", (path) => `Cannot open config file [${path}]`)
      : undefined;
  if (ha4Cf?.file) reportOddLines(ha4Cf.lines, ha4Cf.report, () => true);
  const extension = ha4Cf?.file && readHa4Cf(ha4Cf.lines, groups, nodeNamesOf(draft), ha4Cf.report);

  for (const each of [haCf, ...(ha4Cf ? [ha4Cf] : [])]) warnOfReaders(each, draft, extension);
  checkWatchdog(scope, extension);

  const opened = [haCf, authkeys, haresources, ha4Cf].filter((each) => each !== undefined);
  const exitCode = exitCodeOf(opened);
  return {
    config: exitCode === 0 && keys ? configOf(scope, keys, groups, extension, linesIn(scope, lineOf)) : undefined,
    diagnostics: opened.flatMap(({ report }) => report.diagnostics),
    exitCode,
    draft,
    effective: effectiveOf(draft),
  };
}

/** As `--strict` sees it: every warning is an error. */
export const strict = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  diagnostics.map((each) => (each.severity === "warning" ? { ...each, severity: "error" } : each));

/** As `heartbeat check` sees it: what is bound to fail later is an error, although the daemon starts. */
export const checked = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  diagnostics.map((each) => (codes[each.code].checked === "error" ? { ...each, severity: "error" } : each));

/** Findings about this version and its own file, which 3.0.6 knows nothing of. */
const ours = /^HB1[01]/;

/** As 3.0.6 sees it: what it refuses is an error, what it lets pass is none. */
export const as306 = (diagnostics: readonly Diagnostic[]): Diagnostic[] =>
  diagnostics
    .filter(({ code }) => !ours.test(code))
    .map((each) => {
      const { original } = codes[each.code];
      if (original === "refuses") return { ...each, severity: "error" };
      return original === "accepts" && each.severity === "error" ? { ...each, severity: "warning" } : each;
    });

/** Parameters of fencing devices hold passwords. */
function warnOfReaders({ file, report }: Opened, { kept }: Draft, extension: Extension | undefined): void {
  const line = kept.find(({ directive }) => directive === "stonith_host");
  const holds = report.file.endsWith("/ha.cf") ? line !== undefined : (extension?.fences?.length ?? 0) > 0;
  if (!holds || file === undefined || (file.mode & 0o044) === 0) return;
  const says = `${report.file} holds parameters of fencing devices, and others may read it`;
  report.add("HB1106", report.file.endsWith("/ha.cf") ? line?.at : undefined, says, `chmod 600 ${report.file}`);
}

/** Complains about a directory in place of the keys, which reads like an empty file. */
function isDirectory(report: Report, facts: HostFacts): boolean {
  if (facts.fileKind(report.file) !== "directory") return false;
  report.add("HB0701", undefined, `keyfile [${report.file}] is a directory`, "make it a file: heartbeat keygen");
  return true;
}

interface Opened {
  readonly report: Report;
  readonly lines: readonly Line[];
  readonly file: FoundFile | undefined;
  /** The system forbade reading it. */
  readonly forbidden: boolean;
}

function openFile(
  path: string,
  file: ConfigurationFile,
  code: "HB0110" | "HB0701" | "HB0802",
  says: (path: string) => string,
): Opened {
  if ("missing" in file) {
    const report = new Report(path);
    const forbidden = file.missing === "EACCES" || file.missing === "EPERM";
    const help = forbidden
      ? "read it as root"
      : file.missing === "ENOENT"
        ? "create it on this node: heartbeat init"
        : "";
    report.add(
      code,
      undefined,
      `${says(path)} ${reasons[file.missing] ?? file.missing}`,
      help === "" ? undefined : help,
    );
    return { report, lines: [], file: undefined, forbidden };
  }
  if (file.bytes.length > fileSizeMax) {
    const report = new Report(path);
    report.add(
      "HB0108",
      undefined,
      `the file is larger than ${fileSizeMax} bytes: it cannot be the configuration`,
      "look what was put in its place",
    );
    return { report, lines: [], file: undefined, forbidden: false };
  }
  const lines = linesOf(file.bytes);
  return { report: new Report(path, lines), lines, file, forbidden: false };
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: "No such file or directory",
  EACCES: "Permission denied",
  EPERM: "Operation not permitted",
};

function groupsOf(haresources: Opened, { draft, facts }: Scope, lineOf: Map<string, number>): ResourceGroup[] {
  if (!haresources.file) return [];
  reportOddLines(haresources.lines, haresources.report, () => true);
  // With no nodes known, each line would be blamed for ha.cf.
  if (draft.members.length === 0) return [];
  const named = (ping: boolean): string[] =>
    draft.members.filter((member) => member.ping === ping).map(({ name }) => name);
  const known = {
    nodes: named(false),
    pingNodes: named(true),
    hasResourceScript: facts.hasResourceScript,
    runsBuiltIn: facts.runsBuiltIn,
    fileKind: facts.fileKind,
  };
  return readHaresources(haresources.lines, known, haresources.report, lineOf);
}

/** Where the things are written that all nodes must agree on. */
function linesIn({ draft }: Scope, groups: ReadonlyMap<string, number>): Map<string, number> {
  const lines = new Map<string, number>();
  for (const name of ["keepalive", "deadtime", "initdead", "auto_failback"] as const) {
    const origin = draft.parameters.get(name)?.origin;
    if (origin?.from === "file") lines.set(name, origin.place.line);
  }
  const node = draft.seen.get("node");
  if (node !== undefined) lines.set("node", node.line);
  for (const [key, line] of groups) lines.set(`group ${key}`, line);
  return lines;
}

/** The original judges ha.cf first, then authkeys, then haresources, and says 4 where the system forbade something. */
function exitCodeOf(opened: readonly Opened[]): 0 | 4 | 6 {
  const first = opened.find(({ report }) => report.errors > 0);
  return first === undefined ? 0 : first.forbidden ? 4 : 6;
}

const nodeNamesOf = ({ members }: Draft): string[] => [
  ...new Set(members.filter(({ ping }) => !ping).map(({ name }) => name)),
];

function configOf(
  { draft, facts, managesResources }: Scope,
  keys: KeyRing,
  groups: readonly ResourceGroup[],
  extension: Extension | undefined,
  lines: ReadonlyMap<string, number>,
): ClusterConfig {
  const { times } = draft;
  const facility = draft.facility === "none" || draft.facility === "kern" ? undefined : draft.facility;
  const path = (text: string | undefined): string | undefined =>
    text === undefined || text.toLowerCase() === "/dev/null" ? undefined : osText(text);
  const logfile = path(draft.logfile);
  const debugfile = path(draft.debugfile);
  const nodes = nodeNamesOf(draft).map(nodeName);
  const watchdog = draft.parameters.get("watchdog")?.text;
  const localNode = nodeName(localNodeOf(facts));
  return {
    localNode,
    nodes,
    nodeTable: [...new Set(draft.members.map(({ name }) => nodeName(name)))],
    autojoin: draft.autojoin,
    managesResources,
    media: draft.media.map(({ config }) => config),
    keepalive: milliseconds(times.get("keepalive") ?? 1000),
    deadtime: milliseconds(times.get("deadtime") ?? 30_000),
    warntime: milliseconds(times.get("warntime") ?? 15_000),
    initdead: milliseconds(times.get("initdead") ?? 30_000),
    deadping: milliseconds(times.get("deadping") ?? 30_000),
    hopfudge: draft.hopfudge,
    autoFailback: draft.autoFailback,
    messageFormat: draft.messageFormat,
    compression: draft.compression,
    maxRetransmitDelay: milliseconds(draft.maxRetransmitDelay),
    generationMethod: draft.generationMethod,
    uuidFrom: draft.uuidFrom,
    realtime: draft.realtime,
    rtprio: draft.rtprio,
    logging: {
      ...(facility === undefined ? {} : { facility }),
      ...(logfile === undefined ? {} : { logfile }),
      ...(debugfile === undefined ? {} : { debugfile }),
      useLogd: draft.useLogd ?? false,
      ...(draft.useLogd === true ? { logdRetryAfter: draft.times.get("conn_logd_time") ?? 60_000 } : {}),
      syslogMessageFormat: draft.syslogMessageFormat,
      badPackets: draft.logBadPackets,
      debug: draft.debug,
    },
    keys,
    groups,
    lines,
    parameters: new Map([...draft.parameters].map(([name, { text }]) => [name, text])),
    environment: draft.environment,
    apiAuth: withBuiltIns(draft.apiAuth, facts),
    ...childrenOf(draft, facts),
    ...(watchdog === undefined ? {} : { watchdog: osText(watchdog) }),
    fencing: fencingOf(draft, localNode, nodes, extension),
    ...(extension === undefined ? {} : { extension }),
  };
}
