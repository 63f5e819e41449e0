/** docs/diagnostics.md shows our messages beside the original's: here both are compared with what is really said. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { readConfiguration } from "../../src/config/index.ts";
import { codes } from "../../src/syntax/codes.ts";
import { render } from "../../src/syntax/diagnostic.ts";
import { linesOf } from "../../src/syntax/lexer.ts";
import { caseHost, filesWith } from "./support.ts";

interface Case {
  readonly name: string;
  readonly file: string;
  readonly content: string;
  readonly exitCode: number;
  readonly hostname?: string;
  readonly logs: readonly string[];
}

const cases: readonly Case[] = JSON.parse(readFileSync("test/config/config-cases.json", "utf8"));

/** What the table lacks on purpose: the verdict, which is the same for all, and lines that have nothing to do with the fault. */
const verdict = /onfiguration error|Logging daemon is disabled|Pacemaker support|must precede media|logging daemon/;

function ours({ file, content, hostname }: Case): string {
  const key = { "ha.cf": "haCf", authkeys: "authkeys", haresources: "haresources" }[file] ?? "haCf";
  const { diagnostics } = readConfiguration(filesWith({ [key]: content }), { ...caseHost, uname: hostname ?? "alice" });
  return diagnostics
    .filter(
      ({ severity, code, file: named }) => named.endsWith(`/${file}`) && (severity === "error" || code === "HB0204"),
    )
    .map((each) => render(each, file === "authkeys" ? undefined : linesOf(Buffer.from(content))[each.line - 1]?.text))
    .join("\n");
}

/** One section of the document for a case. */
const section = (each: Case): string =>
  [
    `### \`${each.name}\``,
    "",
    "3.0.6:",
    "",
    "```",
    each.logs.filter((log) => !verdict.test(log)).join("\n") ||
      (each.exitCode === 139 ? "(crash)" : "(nothing but: configuration error)"),
    "```",
    "",
    "Here:",
    "",
    "```",
    ours(each),
    "```",
    "",
  ].join("\n");

const document = readFileSync("docs/diagnostics.md", "utf8");
const shown = [...document.matchAll(/^### `([^`]+)`$/gm)].map(([, name]) => name);

test("the document shows at least ten cases", () => assert.ok(shown.length >= 10));

for (const name of shown)
  test(`docs/diagnostics.md is right about ${name}`, () => {
    const each = cases.find((one) => one.name === name);
    assert.ok(each);
    assert.ok(document.includes(section(each)), section(each));
  });

test("docs/diagnostics.md lists every code as the table has it", () => {
  const rows = Object.entries(codes).map(
    ([code, { severity, says, original }]) => `| ${code} | ${severity} | ${says} | ${original ?? ""} |`,
  );
  assert.deepEqual(document.match(/^\| HB\d{4} .*$/gm), rows);
});
