/** What must hold for every input: no exception, bounded time, and an effective configuration that reads back as itself. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import { printHaCf } from "../../src/config/effective.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { readLogdCf } from "../../src/config/logd-cf.ts";
import { render } from "../../src/syntax/diagnostic.ts";
import { linesOf } from "../../src/syntax/lexer.ts";
import { caseHost, filesWith, minimalHaCf } from "./support.ts";

const recorded: readonly { readonly file: string; readonly content: string | null; readonly hostname?: string }[] =
  JSON.parse(readFileSync("test/config/config-cases.json", "utf8"));
const contents = recorded.flatMap(({ content }) => (content === null || content.length > 2000 ? [] : [content]));

/** Noise, and recorded files with a few bytes changed. */
const damaged = fc.oneof(
  fc.uint8Array({ maxLength: 400 }),
  fc
    .tuple(fc.constantFrom(...contents), fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 6 }), fc.nat())
    .map(([text, changes, cut]) => {
      const bytes = Buffer.from(text);
      for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
      return bytes.subarray(0, cut % 4 === 0 ? cut % (bytes.length + 1) : bytes.length);
    }),
);

test("no bytes make a reader throw, and every finding can be shown", () =>
  fc.assert(
    fc.property(damaged, damaged, damaged, damaged, (haCf, authkeys, haresources, ha4Cf) => {
      const file = (bytes: Uint8Array) => ({ bytes, mode: 0o600, uid: 0 });
      const { diagnostics } = readConfiguration(
        { haCf: file(haCf), authkeys: file(authkeys), haresources: file(haresources), ha4Cf: file(ha4Cf) },
        caseHost,
      );
      const logd = readLogdCf(file(haCf), "/etc/logd.cf");
      for (const each of [...diagnostics, ...logd.diagnostics]) {
        const source = each.file.endsWith("ha.cf") ? linesOf(haCf)[each.line - 1]?.text : undefined;
        // biome-ignore lint/suspicious/noControlCharactersInRegex: nothing of a file may steer the terminal
        assert.doesNotMatch(render(each, source), /[\x00-\x09\x0b-\x1f\x7f]/);
        assert.ok(each.column <= each.endColumn);
      }
    }),
    { numRuns: 2000 },
  ));

test("a control character behind a misspelt auth is neither shown nor takes the key behind it along", () => {
  const { diagnostics } = readConfiguration(filesWith({ authkeys: "AUTH\vtOpSeCrEtKeY\n1 sha1 secret\n" }), caseHost);
  const said = diagnostics.map((each) => render(each)).join("\n");
  assert.match(said, /Auth line \[AUTH\] is invalid/);
  assert.doesNotMatch(said, /tOpSeCrEtKeY|\v/);
});

test("whatever bytes stand in authkeys, no message repeats a key", () => {
  const secret = "tOpSeCrEtKeY";
  const line = fc.tuple(
    fc.constantFrom("", "1 ", "1 sha1 ", "auth ", "9 md5", "1 crc ", "a", "16 sha1 "),
    fc.constantFrom("", " x", "#", "\\"),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      const authkeys = lines.map(([before, behind]) => `${before}${secret}${behind}`).join("\n");
      const { diagnostics } = readConfiguration(filesWith({ authkeys }), caseHost);
      assert.ok(!diagnostics.some((each) => render(each).includes(secret)));
    }),
  );
});

test("printing the effective configuration and reading it again gives the same", () => {
  let compared = 0;
  const check = (haCf: string, facts = caseHost): void => {
    const first = readConfiguration(filesWith({ haCf }), facts);
    if (first.exitCode !== 0) return;
    compared++;
    const text = printHaCf(first.draft, "ha.cf").join("\n");
    const second = readConfiguration(
      { ...filesWith({}), haCf: { bytes: Buffer.from(text, "latin1"), mode: 0o644, uid: 0 } },
      facts,
    );
    assert.equal(second.exitCode, 0, text);
    assert.deepEqual(second.effective, { ...first.effective, params: { ...first.effective.params } }, text);
    // All of it but the places: what is printed stands in other lines.
    assert.deepEqual({ ...second.config, lines: undefined }, { ...first.config, lines: undefined }, text);
  };
  for (const { file, content, hostname } of recorded)
    if (file === "ha.cf" && content !== null) check(content, { ...caseHost, uname: hostname ?? "alice" });
  assert.ok(compared > 150, `${compared} configurations compared`);

  const lines = recorded
    .filter(({ file, content }) => file === "ha.cf" && content !== null && content.length < 1000)
    .flatMap(({ content }) => (content ?? "").split("\n"))
    .filter((line) => !/^(keepalive|deadtime|node|baud|watchdog|#)/.test(line));
  fc.assert(
    fc.property(fc.shuffledSubarray([...new Set(lines)], { maxLength: 6 }), (more) =>
      check(`${minimalHaCf}${more.join("\n")}\n`),
    ),
    { numRuns: 1000 },
  );
});

/** Milliseconds of processor time, because other work shares the machine; the best of three, because the first one compiles. */
function fastest(read: () => void): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const start = process.cpuUsage();
    read();
    const { user, system } = process.cpuUsage(start);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

const size = 100_000;
/** What is cheaper than this cannot be compared. */
const clockGrain = 2; // milliseconds
const noise = (seed: number): Buffer => {
  const bytes = Buffer.alloc(size);
  let state = seed;
  for (let i = 0; i < size; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
};
const repeated = (text: string): Buffer =>
  Buffer.from(text.repeat(Math.ceil(size / text.length)).slice(0, size), "latin1");

// Four times the text costs four times as much, and sixteen times if something is quadratic; the machine's own pace does not matter.
for (const [says, bytes] of [
  ["noise", noise(1)],
  ["one line", repeated("x")],
  ["one line of words", repeated("node a ")],
  ["one line of misspelt words", repeated("keepalvie 1 ")],
  ["unknown directives", repeated("keepalvie 1\n")],
  ["unknown one-letter lines", repeated("a\n")],
  ["digits and dots", repeated("1.2.")],
  ["nodes", repeated("node x\n")],
  ["bad media", repeated("bcast eth9\n")],
  ["a line of bad media", repeated(`bcast${" eth9".repeat(30_000)}`)],
  ["pings", repeated("ping 10.0.0.1\n")],
  ["apiauth", repeated(`apiauth a uid=${"root,".repeat(25_000)}\n`)],
  ["env", repeated("env A=b\n")],
  ["respawn", repeated("respawn root /bin/sleep 1\n")],
  ["continued lines", repeated("alice a \\\n")],
  ["one group", repeated(`alice${" 10.77.0.1".repeat(15_000)}`)],
  ["groups", repeated("alice 10.77.0.1 httpd\n")],
  ["keys", repeated("1 sha1 secret\n")],
  ["sections", repeated("resource x\n start-timeout 5\n")],
  ["non-ASCII", repeated("n\xc3\xb6de \xc3\xa4\n")],
] as const)
  test(`100 kB of ${says} cost in proportion to their size`, (t) => {
    for (const name of ["haCf", "authkeys", "haresources", "ha4Cf"] as const) {
      const cost = (length: number): number => {
        const file = { bytes: bytes.subarray(0, length), mode: 0o600, uid: 0 };
        return fastest(() => void readConfiguration({ ...filesWith({}), [name]: file }, caseHost));
      };
      // A compiler or a collector at work may spoil one comparison, not each of five.
      let growth = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < 5 && growth > 10; attempt++)
        growth = cost(size) / Math.max(cost(size / 4), clockGrain);
      t.diagnostic(`${name}: ${growth.toFixed(1)} times a quarter of it`);
      assert.ok(growth <= 10, `${name}: ${growth.toFixed(1)} times as much as a quarter of it`);
    }
  });

test("a file of 100 MB is refused at once", () => {
  const { exitCode, diagnostics } = readConfiguration(
    { ...filesWith({}), haCf: { bytes: new Uint8Array(1024 * 1024 + 1), mode: 0o644, uid: 0 } },
    caseHost,
  );
  assert.equal(exitCode, 6);
  assert.equal(diagnostics[0]?.code, "HB0108");
});
