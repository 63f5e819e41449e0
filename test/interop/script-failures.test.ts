/**
 * A start or a stop that fails on a node of ours, beside an original (docs/reference/transcripts/09 and 10): the order of the calls is the
 * original's, nothing ever runs twice, and the other groups do not notice.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

async function cluster(): Promise<Lab> {
  return await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haCf: ["initdead 30"], // both come up in every story, however busy this machine is
    haresources: "fox svcA\nowl svcC svcD svcE",
    services: ["svcA", "svcC", "svcD", "svcE"],
  });
}

/** Neither is in transition any more: before that, both kinds refuse a stand-by ("resources in flux"). */
const atRest = (lab: Lab): Promise<number> =>
  lab.until(
    "both are at rest",
    async () => {
      const held = await Promise.all([lab.holds("fox"), lab.holds("owl")]);
      return held.every((each) => /^(?:none|local)$/.test(each));
    },
    60,
  );

/** Starts and stops, without the questions. */
const moves = (lab: Lab, node: string): string[] =>
  lab
    .calls(node)
    .map((call) => call.replace(/^\S+ /, ""))
    .filter((call) => / (?:start|stop)$/.test(call));

async function startFails(): Promise<void> {
  await using lab = await cluster();
  await lab.misbehave("owl", "svcD", "start", "fail");
  await lab.start();
  await lab.until("fox runs its own", () => lab.runs("fox", "svcA"), 60);
  await lab.until(
    "owl gives its group up",
    () => lab.log("owl").includes("Giving up resources due to failure of svcD"),
    60,
  );
  await lab.until("what had started is stopped", () => moves(lab, "owl").at(-1) === "svcC stop");
  await atRest(lab);
  // The original stops svcE, too, which never started (quirk 13).
  assert.deepEqual(moves(lab, "owl"), ["svcC start", "svcD start", "svcD stop", "svcC stop"]);
  await lab.until("owl shows it as failed, and why", async () => {
    const { groups } = JSON.parse((await lab.heartbeat("owl", ["status", "--json"])).stdout);
    const group = groups.find(({ key }: { key: string }) => key === "svcC");
    return group.state === "failed" && /svcD: return code 1/.test(group.because);
  });
  assert.equal(lab.runs("fox", "svcA"), true);
  // By hand it can go to the other node, where it starts.
  await lab.tool("owl", "hb_standby", "local");
  await lab.until("fox runs all", () => ["svcA", "svcC", "svcD", "svcE"].every((service) => lab.runs("fox", service)));
  assert.deepEqual(moves(lab, "fox"), ["svcA start", "svcC start", "svcD start", "svcE start"]);
}

async function stopFails(): Promise<void> {
  await using lab = await cluster();
  await lab.start();
  await lab.until("each runs its own", () => lab.runs("fox", "svcA") && lab.runs("owl", "svcE"), 60);
  await atRest(lab);
  await lab.misbehave("owl", "svcD", "stop", "fail");
  await lab.tool("owl", "hb_standby", "local");
  await lab.machine("owl").died();
  const stops = moves(lab, "owl").filter((call) => call === "svcD stop");
  assert.equal(stops.length, 11);
  await lab.logged("owl", /CRIT: Resource STOP failure. Reboot required!/);
  await lab.logged("owl", /EMERG: Rebooting system\. {2}Reason: svcD would not stop/);
  assert.equal(lab.runs("fox", "svcD"), false, "nobody starts what still runs on a machine that is not dead yet");
  await lab.until("fox takes all over from the dead", () =>
    ["svcC", "svcD", "svcE"].every((it) => lab.runs("fox", it)),
  );
  await lab.logged("fox", /WARN: node owl: is dead/);
}

async function stopFailsAndIsHeld(): Promise<void> {
  await using lab = await cluster();
  await lab.machine("owl").write("/etc/ha.d/ha4.cf", "resource svcD\n  stop-failure hold\n");
  await lab.start();
  await lab.until("each runs its own", () => lab.runs("fox", "svcA") && lab.runs("owl", "svcE"), 60);
  await atRest(lab);
  await lab.misbehave("owl", "svcD", "stop", "fail");
  await lab.tool("owl", "hb_standby", "local");
  await lab.until("owl gives up stopping it", () => lab.log("owl").includes("Resource STOP failure"), 60);
  await lab.until("the rest of the group is stopped all the same", () => moves(lab, "owl").at(-1) === "svcC stop");
  assert.equal(lab.runs("owl", "svcD"), true);
  await lab.holdsFor("fox does not start what still runs on owl", 5, () => !lab.runs("fox", "svcD"));
  assert.equal(lab.machine("owl").isOn, true);
  assert.equal(lab.log("owl").includes("Rebooting"), false);
}

const stories = [
  {
    name: "a start fails: the group is stopped and stays down, the other node can have it",
    usual: true,
    run: startFails,
  },
  { name: "a stop fails eleven times: the machine restarts, the other node takes over", usual: true, run: stopFails },
  {
    name: "the same with stop-failure hold: the group stays claimed, nobody starts it",
    usual: false,
    run: stopFailsAndIsHeld,
  },
];

describe("scripts that fail, beside an original", { concurrency: true }, () => {
  for (const { name, run } of rows(stories, ({ usual }) => usual)) test(name, run);
});
