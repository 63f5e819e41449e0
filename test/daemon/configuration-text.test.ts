import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../src/base/units.ts";
import { configurationText, readConfigurationText } from "../../src/daemon/configuration-text.ts";
import { Recorder } from "../../src/daemon/recorder.ts";
import { version } from "../../src/daemon/version.ts";
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

test("what another version wrote, and what is cut off, is not believed", () => {
  const text = configurationText(asChecked);
  assert.equal(readConfigurationText(text.replace(version, "4.9")), undefined);
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
