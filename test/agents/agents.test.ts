import assert from "node:assert/strict";
import test from "node:test";
import type { StatusAnswer } from "../../src/agents/agent.ts";
import { agentOf, agents } from "../../src/agents/index.ts";

const answer = (code: number, output = "", init = false): StatusAnswer => ({ code, output, init });

test("the script agent is asked last: it takes any name", () => {
  assert.equal(agents.at(-1)?.prefix, undefined);
  assert.ok(agents.slice(0, -1).every(({ prefix }) => prefix !== undefined));
});

test("scripts of resource.d are judged by their text, those of init.d by their code", () => {
  const { judge } = agentOf("script");
  const rows: [StatusAnswer, "running" | "stopped"][] = [
    [answer(3, "INFO: IPaddr Running OK"), "running"],
    [answer(1, "OK"), "running"],
    [answer(0, "stopped, was running"), "running"], // as the original
    [answer(0, "not now running"), "running"],
    [answer(0, "is NOT  Running"), "stopped"],
    [answer(0), "stopped"],
    [answer(0, "active", true), "running"],
    [answer(0, "", true), "running"],
    [answer(0, "nginx is stopped", true), "stopped"],
    [answer(3, "was running until now", true), "stopped"],
    [answer(4, "running", true), "running"],
  ];
  for (const [said, verdict] of rows) assert.equal(judge(said), verdict, JSON.stringify(said));
});

test("an OCF agent is judged by its code, and any odd one may mean that it runs", () => {
  const { judge } = agentOf("ocf");
  assert.deepEqual(
    [0, 8, 7, 1, 5].map((code) => judge(answer(code))),
    ["running", "running", "stopped", "unknown", "unknown"],
  );
});

test("a unit is judged by its word", () => {
  const { judge } = agentOf("systemd");
  assert.deepEqual(
    ["active", "reloading", "inactive", "failed", "activating", ""].map((word) => judge(answer(3, `${word}\n`))),
    ["running", "running", "stopped", "stopped", "unknown", "unknown"],
  );
});

test("commands: no shell, parameters in the environment", () => {
  assert.deepEqual(agentOf("script").command({ script: "web", args: ["a b"], action: "stop" }), {
    program: "web",
    argv: ["a b", "stop"],
    environment: {},
  });
  assert.deepEqual(agentOf("ocf").command({ script: "heartbeat/Delay", args: ["startdelay=a=b"], action: "status" }), {
    program: ["/usr/lib/ocf/resource.d/heartbeat/Delay"],
    argv: ["monitor"],
    environment: {
      OCF_RA_VERSION_MAJOR: "1",
      OCF_RA_VERSION_MINOR: "0",
      OCF_RESOURCE_PROVIDER: "heartbeat",
      OCF_RESOURCE_TYPE: "Delay",
      OCF_RESOURCE_INSTANCE: "Delay_a=b",
      OCF_RESKEY_CRM_meta_interval: "0",
      OCF_RESKEY_startdelay: "a=b",
    },
  });
  assert.deepEqual(agentOf("systemd").command({ script: "nginx", args: [], action: "status" }).argv, [
    "is-active",
    "nginx",
  ]);
});

test("a unit of a template is found by the template's file", () => {
  const files = agentOf("systemd").files?.("db@one") ?? [];
  assert.ok(files.includes("/etc/systemd/system/db@.service"));
  assert.ok(files.includes("/etc/systemd/system/db@one.service"));
});
