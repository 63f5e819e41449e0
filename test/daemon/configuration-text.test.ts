import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import { configurationText, type OtherVersion, readConfigurationText } from "../../src/daemon/configuration-text.ts";
import { judgeOtherVersion } from "../../src/daemon/other-version.ts";
import { Recorder } from "../../src/daemon/recorder.ts";
import { version } from "../../src/daemon/version.ts";
import { runnerProtocol } from "../../src/drivers/runner-protocol.ts";
import { configure } from "../../src/sim/cluster.ts";

const sketch = {
  nodes: [{ name: "fox", groups: [["10.0.0.1", "web"]] }],
  keepalive: 1000,
  deadtime: 5000,
  initdead: 9000,
};
const config = configure({ ...sketch, autoFailback: "on" }, nodeName("fox"));
const checked = {
  ok: true,
  messages: [],
  stamps: new Map([["/etc/ha.d/ha.cf", 5]]),
  clusterUser: undefined,
  config,
} as const;
const asChecked = checked as unknown as Parameters<typeof configurationText>[0];

test("a configuration arrives as it was sent, maps within maps included", () => {
  const { clusterUser: _none, ...arrives } = checked;
  assert.deepEqual(readConfigurationText(configurationText(asChecked)), arrives);
});

test("of what another version wrote only the head is believed: which it is, whether it can take over, whether the files are right", () => {
  const other = configurationText(asChecked).replace(`"version":"${version}"`, '"version":"4.9"');
  assert.deepEqual(readConfigurationText(other), { otherVersion: "4.9", runnerProtocol, ok: true, says: [] });
  const faulty = {
    ok: false,
    exitCode: 6,
    stamps: new Map(),
    messages: [
      { id: "HB0101", level: "error", text: "ha.cf: no" },
      { id: "HB0102", level: "warn", text: "ha.cf: well" },
    ],
  } as unknown as Parameters<typeof configurationText>[0];
  const wrong = configurationText(faulty).replace(`"version":"${version}"`, '"version":"4.9"');
  assert.deepEqual(readConfigurationText(wrong), {
    otherVersion: "4.9",
    runnerProtocol,
    ok: false,
    says: ["ha.cf: no"],
  });
  assert.equal(readConfigurationText('{"version":"4.9","checked":{}}'), undefined, "from before there was a head");
});

test("the program on the disk takes over if it speaks as we do and finds no error; else we go on, and say what to do", () => {
  const other: OtherVersion = { otherVersion: "4.9", runnerProtocol: 1, ok: true, says: [] };
  const told = (read: OtherVersion) => {
    const { restart, lines } = judgeOtherVersion(read, 1);
    return { restart, lines: lines.map(({ level, text }) => `${level} ${text}`) };
  };
  assert.deepEqual(told(other), {
    restart: true,
    lines: ["info Version 4.9 is installed: restarting; what we hold stays where it is."],
  });
  const stranger = told({ ...other, runnerProtocol: 2 });
  assert.equal(stranger.restart, false);
  assert.match(
    stranger.lines.join(),
    /^error Version 4\.9 .* protocol 2 .* this one 1: it cannot take over\. Stop heartbeat/,
  );
  const faulty = told({ ...other, ok: false, says: ["ha.cf:3: no"] });
  assert.deepEqual(faulty, {
    restart: false,
    lines: ["error Version 4.9 is installed and has errors in these files: this one goes on.", "error ha.cf:3: no"],
  });
});

test("what is cut off is not believed", () => {
  const text = configurationText(asChecked);
  assert.equal(readConfigurationText(text.slice(0, -1)), undefined);
  assert.equal(readConfigurationText("null"), undefined);
});

test("the recorder keeps no key", () => {
  const recorder = new Recorder();
  const now = { instant: 0, wallSeconds: 1, load: "n/a" } as unknown as Parameters<Recorder["record"]>[1];
  recorder.record(
    { on: "keys", keys: { active: 1, entries: new Map([[1, { method: "sha1", text: "a secret" }]]) } },
    now,
  );
  assert.match(recorder.text({}), /"on":"keys"/);
  assert.doesNotMatch(recorder.text({}), /secret/);
});
