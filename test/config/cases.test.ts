/**
 * The 477 recorded verdicts of the original: accepted or refused, exit code, effective values and key phrases. Where we differ,
 * docs/quirks.md says so with the reason; a difference that is not listed and a listed one that is none both fail.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import type { ConfigurationFile, ConfigurationFiles } from "../../src/config/configuration-files.ts";
import type { HostFacts } from "../../src/config/host-facts.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { readLogdCf } from "../../src/config/logd-cf.ts";
import type { FileKind } from "../../src/media/description.ts";
import { caseHost, filesWith, found } from "./support.ts";

interface Case {
  readonly name: string;
  readonly file: "ha.cf" | "authkeys" | "haresources" | "logd.cf";
  readonly content: string | null;
  readonly with?: Readonly<Record<string, string>>;
  readonly mode?: string;
  readonly hostname?: string;
  readonly setup?: string;
  readonly etcServices?: string;
  readonly command?: string;
  readonly accepted: boolean;
  readonly exitCode: number | null;
  readonly logs: readonly string[];
  readonly runs?: boolean;
  readonly signingKeyId?: number;
  readonly keys?: Readonly<Record<string, string>>;
  readonly effective?: {
    readonly nodes: readonly string[];
    readonly media: readonly string[];
    readonly params: Readonly<Record<string, string | null>>;
  };
}

const cases: readonly Case[] = JSON.parse(readFileSync("test/config/config-cases.json", "utf8"));
const minimal = cases.find(({ name }) => name === "hacf/minimal")?.effective?.params ?? {};

/** What a case's shell commands change about the host. */
function hostOf({ hostname, setup = "", etcServices }: Case): HostFacts {
  const kinds: Record<string, FileKind> = {};
  if (setup.includes("/etc/ha.d/stonith.cfg")) kinds["/etc/ha.d/stonith.cfg"] = "file";
  if (setup.includes("/dev/ttyCF0")) kinds["/dev/ttyCF0"] = "tty";
  return {
    ...caseHost,
    ...(hostname === undefined ? {} : { uname: hostname }),
    ...(etcServices === undefined ? {} : { services: new Map([["ha-cluster", 2694]]) }),
    fileKind: (path) => kinds[path] ?? caseHost.fileKind(path),
  };
}

function filesOf(each: Case): ConfigurationFiles {
  const { content, setup = "" } = each;
  const forbidden = each.command?.startsWith("setpriv") === true;
  // A directory opens and reads as an empty file.
  const file: ConfigurationFile = /^mkdir (-m \d+ )?\/etc\/ha.d\//.test(setup)
    ? found("", 0o700)
    : content === null
      ? { missing: "ENOENT" }
      : { ...found(content, 0o644), uid: setup.includes("chown") ? 105 : 0 };
  const own = (name: string): string | undefined => (each.with?.[name] === "default" ? undefined : each.with?.[name]);
  const base = filesWith({
    ...(own("ha.cf") === undefined ? {} : { haCf: own("ha.cf") ?? "" }),
    ...(own("haresources") === undefined ? {} : { haresources: own("haresources") ?? "" }),
  });
  const mode = each.mode === undefined ? 0o600 : Number.parseInt(each.mode, 8);
  switch (each.file) {
    case "ha.cf":
      return { ...base, haCf: file, ...(forbidden ? { authkeys: { missing: "EACCES" } } : {}) };
    case "authkeys":
      return { ...base, authkeys: "missing" in file ? file : { ...file, mode } };
    default:
      return { ...base, haresources: file };
  }
}

const utf8 = (bytes: string): string => Buffer.from(bytes, "latin1").toString("utf8");

/** How we differ from the original, or undefined. */
function difference(each: Case): string | undefined {
  if (each.file === "logd.cf") {
    const { exitCode } = readLogdCf(
      each.content === null ? { missing: "ENOENT" } : found(each.content),
      "/etc/logd.cf",
    );
    return (exitCode === 0) === each.accepted ? undefined : `exit code ${exitCode}`;
  }
  const { exitCode, effective, config } = readConfiguration(filesOf(each), hostOf(each));
  if ((exitCode === 0) !== each.accepted) return exitCode === 0 ? "accepted" : "refused";
  if (each.exitCode !== null && each.exitCode !== 139 && exitCode !== each.exitCode) return `exit code ${exitCode}`;
  if (each.exitCode === 139) return "a diagnostic";
  if (each.accepted && each.runs === false) return "accepted, and the original dies";
  if (!each.accepted || !each.effective) return undefined;
  const wanted = Object.fromEntries(
    Object.entries({ ...minimal, ...each.effective.params }).flatMap(([name, text]): [string, string][] =>
      text === null ? [] : [[name, text]],
    ),
  );
  const ours = Object.fromEntries(Object.entries(effective.params).map(([name, text]) => [name, utf8(text)]));
  const same =
    isSame(ours, wanted) &&
    isSame(effective.nodes.map(utf8), each.effective.nodes) &&
    isSame(effective.media, each.effective.media);
  if (!same) return "other effective values";
  const keys = Object.fromEntries([...(config?.keys.entries ?? [])].map(([id, { method }]) => [String(id), method]));
  if (each.keys && (!isSame(keys, each.keys) || config?.keys.active !== each.signingKeyId)) return "other keys";
  return undefined;
}

function isSame(a: unknown, b: unknown): boolean {
  try {
    assert.deepEqual(a, b);
    return true;
  } catch {
    return false;
  }
}

/** The table of docs/quirks.md: `| case | here | because |`. */
const listed = new Map(
  [
    ...readFileSync("docs/quirks.md", "utf8").matchAll(
      /^\| `((?:hacf|authkeys|haresources|logd)\/[^`]+)` \| ([^|]+) \|/gm,
    ),
  ].map(([, name = "", here = ""]) => [name, here.trim()]),
);

for (const each of cases)
  test(each.name, () => {
    assert.equal(difference(each), listed.get(each.name));
  });

test("docs/quirks.md lists no case that does not exist", () => {
  const names = new Set(cases.map(({ name }) => name));
  assert.deepEqual(
    [...listed.keys()].filter((name) => !names.has(name)),
    [],
  );
});

test(`${cases.length - listed.size} of ${cases.length} cases agree`, () => assert.equal(cases.length, 477));

/** Lines that say nothing about the fault, or say it wrongly; each with the reason. */
const notKept: readonly { readonly text: RegExp; readonly because: string }[] = [
  { text: /[Cc]onfiguration error/, because: "the verdict, not a fault: the daemon's own line" },
  { text: /Config file \[<file>\] is incorrect/, because: "the verdict" },
  { text: /interface \[eth0\] does not exist/, because: "wrong: the host name is bad, not the interface" },
  { text: /IP interface \[eth2\] does not exist/, because: "wrong: it exists, it has no address" },
  { text: /using ioctl|LoadPlugin|Lookup extended|Table size/, because: "the inside of the original" },
  { text: /^set_|HBcomm|Cannot load comm plugin/, because: "the inside of the original" },
  { text: /strictly interpreted|Consider converting|When you do/, because: "replaced by what is done instead" },
  { text: /Bad gid list \[hacluster uid/, because: "wrong: it prints the rest of the line, not the list" },
  { text: /Failed to add pacemaker client child/, because: "we refuse the mode itself, not a missing program" },
  { text: /Auth line \[/, because: "would show what may be a key" },
  { text: /Invalid auth line \[/, because: "would show what may be a key" },
];

const plain = (text: string): string =>
  text
    .replaceAll("//", "/")
    .replaceAll("\\ufeff", "\ufeff")
    .replace(/[ \t\n]+/g, " ");

for (const each of cases.filter(({ accepted, name, file }) => !accepted && !listed.has(name) && file !== "logd.cf"))
  test(`${each.name}: the original's phrases are kept`, () => {
    const { diagnostics } = readConfiguration(filesOf(each), hostOf(each));
    const said = plain(diagnostics.map(({ message }) => message).join("\n"));
    // Where the line of the key is itself faulty, that is said, and not that the key is missing as well.
    const keyLineFaulty = diagnostics.some(
      ({ code, file, severity }) => severity === "error" && file.endsWith("authkeys") && code !== "HB0721",
    );
    for (const log of each.logs) {
      const phrase = plain(
        log
          .replace(/^(ERROR|stderr): (glib: )?( ?heartbeat: )?/, "")
          .replace(/: Success$/, "")
          .trim(),
      );
      if (
        !/^(ERROR|stderr)/.test(log) ||
        /must precede media/.test(log) ||
        (keyLineFaulty && /^Auth Key \[/.test(phrase)) ||
        notKept.some(({ text }) => text.test(phrase))
      )
        continue;
      const shownPhrase = phrase.length > 150 ? phrase.slice(0, 100) : phrase;
      assert.ok(said.includes(shownPhrase), `missing: ${phrase}\nsaid:\n${said}`);
    }
    assert.ok(diagnostics.some(({ severity }) => severity === "error"));
  });
