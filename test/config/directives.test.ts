/** The table of directives is complete: each entry has an example that parses, a summary, and its place in docs/directives.md. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { bashCompletion } from "../../src/cli/completion.ts";
import { directivesMarkdown, manualPage } from "../../src/cli/manual.ts";
import { directives } from "../../src/config/directives/index.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { codes } from "../../src/syntax/codes.ts";
import { caseHost, filesWith, minimalHaCf } from "./support.ts";

for (const { name, example, summary, repeat } of directives)
  test(`${name}: its example parses`, () => {
    assert.ok(example.startsWith(`${name} `), example);
    assert.match(summary, /^[A-Z0-9#].*\.$/);
    const base = repeat === "once" ? minimalHaCf : minimalHaCf.replace(new RegExp(`^${name} .*\n`, "m"), "");
    // Addresses in examples need not exist on the host; what they mean must.
    const facts = {
      ...caseHost,
      uname: "alice",
      resolveHost: () => "10.0.0.1",
      fileKind: (path: string) => (path.startsWith("/dev/tty") ? "tty" : "executable"),
    } as const;
    const { diagnostics } = readConfiguration(filesWith({ haCf: `${base}${example}\n` }), facts);
    const errors = diagnostics.filter(({ severity }) => severity === "error");
    assert.deepEqual(errors, []);
  });

test("docs/directives.md is what the table says: heartbeat explain --markdown writes it", () => {
  assert.equal(readFileSync("docs/directives.md", "utf8"), directivesMarkdown());
});

test("the manual page and completion know every directive", async () => {
  const page = manualPage();
  const completion = await bashCompletion();
  for (const { name } of directives) {
    assert.ok(page.includes(`.B ${name}`), name);
    assert.ok(completion.includes(` ${name} `), name);
  }
  assert.match(page, /^\.TH HA\.CF 5/m);
});

test("docs/diagnostics.md mentions no code that does not exist", () => {
  const named = readFileSync("docs/diagnostics.md", "utf8").match(/HB\d{4}/g) ?? [];
  assert.ok(named.length >= 10);
  assert.deepEqual(
    named.filter((code) => !Object.hasOwn(codes, code)),
    [],
  );
});
