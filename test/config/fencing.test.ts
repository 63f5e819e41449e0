import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfiguration } from "../../src/config/index.ts";
import { caseHost, filesWith, minimalHaCf } from "./support.ts";

const read = (haCf: string, ha4Cf?: string) =>
  readConfiguration(filesWith({ haCf: `${minimalHaCf}${haCf}`, ...(ha4Cf === undefined ? {} : { ha4Cf }) }), caseHost);

test("the devices of ha.cf: ours in file order, and who else has one", () => {
  const { config } = read(
    "stonith_host alice external/ssh alice,bob\nstonith_host bob null alice bob\nstonith_host alice external/ssh x y\n",
  );
  assert.deepEqual(
    config?.fencing.devices.map(({ name, type, parameters }) => [name, type, parameters]),
    [
      ["external/ssh", "external/ssh", { in: "text", text: "alice,bob" }],
      ["external/ssh (2)", "external/ssh", { in: "text", text: "x y" }],
    ],
  );
  assert.deepEqual(config?.fencing.armed, ["alice", "bob"]);
  assert.deepEqual(read("stonith_host alice null bob\n").config?.fencing.armed, ["alice"]);
  assert.deepEqual(read("").config?.fencing, { devices: [], armed: [] });
});

test("the devices of ha4.cf: any fence agent, with everything behind the equals sign as the value", () => {
  const { config, diagnostics } = read(
    "",
    "fence-device power # of both\n  agent fence_ipmilan\n  nodes bob\n  option password=a b#c\n  plug bob=7\n  timeout 30\n",
  );
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error"),
    [],
  );
  assert.deepEqual(config?.fencing.devices, [
    {
      name: "power",
      kind: "agent",
      type: "fence_ipmilan",
      parameters: { in: "options", options: new Map([["password", "a b#c"]]), plugs: new Map([["bob", "7"]]) },
      victims: ["bob"],
      timeLimit: 30_000,
    },
  ]);
  assert.deepEqual(config?.fencing.armed, ["alice", "bob"]);
});

test("faults of a fence-device are found, and no value of an option is shown", () => {
  const rows: readonly [string, RegExp][] = [
    ["fence-device\nagent fence_a\n", /without a name/],
    ["fence-device a\n", /names no agent/],
    ["fence-device a\nagent fence_a\nfence-device a\nagent fence_b\n", /twice/],
    ["fence-device a\nagent fence_a\nnodes carol\n", /\[carol\] is no node/],
    ["fence-device a\nagent fence_a\noption password = s3cret\n", /without blanks/],
    ["fence-device a\nagent fence_a\nplug bob\n", /NODE=PLUG/],
    ["fence-device a\nagent fence_a\npassword s3cret\n", /no option \[password\]/],
    ["fence-device a\nagent ../x\n", /no fence agent/],
    ["fence-device a\nagent fence_a\ntimeout\n", /takes one value/],
  ];
  for (const [text, says] of rows) {
    const { config, diagnostics } = read("", text);
    assert.equal(config, undefined, text);
    assert.ok(
      diagnostics.some(({ code, message }) => code === "HB1105" && says.test(message)),
      text,
    );
    assert.ok(!diagnostics.some(({ message, help }) => `${message}${help}`.includes("s3cret")), text);
  }
});
