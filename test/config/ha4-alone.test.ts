import assert from "node:assert/strict";
import test from "node:test";
import { aloneOptions } from "../../src/config/ha4-alone.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { caseHost, filesWith } from "./support.ts";

const read = (ha4Cf: string) => readConfiguration(filesWith({ ha4Cf, haresources: "alice 10.77.0.100\n" }), caseHost);

test("options for the node as a whole are read, in a section or not", () => {
  const text = "fence-wait 3\nstonith-timeout 20\ndefaults\nwatchdog-module softdog\nwatchdog-timeout 9\n";
  const { config } = read(text);
  assert.equal(config?.extension?.fenceWait, 3000);
  assert.equal(config?.fencing.wait, 3000);
  assert.equal(config?.extension?.stonithTimeout, 20_000);
  assert.equal(config?.extension?.watchdogModule, "softdog");
  assert.equal(config?.extension?.watchdogTimeout, 9000);
});

test("each example is right; without a value, each is an error that shows it", () => {
  for (const { name, example } of aloneOptions) {
    assert.equal(read(`${example}\n`).exitCode, 0, name);
    const { config, diagnostics } = read(`${name}\n`);
    assert.equal(config, undefined, name);
    assert.ok(
      diagnostics.some(({ code, help }) => code === "HB1103" && help === `write: ${example}`),
      name,
    );
  }
});

test("a module's name is a word, and nothing that modprobe would take for an option", () => {
  for (const bad of ["-r", "../softdog", "soft;dog"])
    assert.equal(read(`watchdog-module ${bad}\n`).config, undefined, bad);
});
