import assert from "node:assert/strict";
import test from "node:test";
import { readConfiguration } from "../../src/config/index.ts";
import { caseHost, filesWith } from "./support.ts";

const read = (ha4Cf: string) => readConfiguration(filesWith({ ha4Cf, haresources: "alice 10.77.0.100\n" }), caseHost);
const healthOf = (lines: string) => read(`node-health\n${lines}`).config?.extension?.health;

test("what is looked at, and its times; the next section ends it", () => {
  const health = healthOf(
    " carrier eth0\n carrier eth1\n disk /srv\n pings on\n interval 1\n patience 5\n recovery 60\n time-limit 3\ndefaults\n monitor 5\n",
  );
  assert.deepEqual(health, {
    checks: [
      { probe: { kind: "carrier", device: "eth0" } },
      { probe: { kind: "carrier", device: "eth1" } },
      { probe: { kind: "disk", path: "/srv" } },
    ],
    pings: true,
    interval: 1000,
    patience: 5000,
    recovery: 60_000,
    timeLimit: 3000,
  });
});

test("times have defaults; a section in which nothing is to be looked at is none", () => {
  const { interval, patience, recovery, timeLimit } = healthOf(" carrier eth0\n") ?? {};
  assert.deepEqual([interval, patience, recovery, timeLimit], [2000, 10_000, 300_000, 5000]);
  assert.equal(healthOf(" patience 5\n"), undefined);
  assert.equal(healthOf(" pings off\n"), undefined);
});

test("a bad line is named, with what to write", () => {
  for (const [line, help] of [
    ["carrier", "write: carrier INTERFACE"],
    ["carrier eth0 eth1", "write: carrier INTERFACE"],
    ["carrier ../eth0", "write: carrier INTERFACE"],
    ["disk srv", "write: disk PATH"],
    ["pings maybe", "write: pings on"],
    ["battery on", "options: carrier, disk, interval, patience, pings, recovery, time-limit"],
  ] as const) {
    const { config, diagnostics } = read(`node-health\n ${line}\n`);
    assert.equal(config, undefined, line);
    assert.ok(
      diagnostics.some((each) => each.code === "HB1103" && each.help === help),
      `${line}: ${JSON.stringify(diagnostics)}`,
    );
  }
  assert.equal(read("node-health\n patience 0\n").config, undefined);
  const many = Array.from({ length: 33 }, (_, index) => ` carrier eth${index}\n`).join("");
  assert.equal(read(`node-health\n${many}`).config, undefined);
});
