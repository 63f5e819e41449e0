/** Two halves of a cluster that had lost each other: who keeps what, and for how long a thing is owned twice. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Group, groupMoves, settle } from "../support/lab/groups.ts";
import { Lab } from "../support/lab.ts";

const group: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
const both = (lab: Lab) => lab.hasAddress("fox", group.address) && lab.hasAddress("owl", group.address);

async function cluster(owl: "ours" | "original", haCf: readonly string[] = []): Promise<Lab> {
  const lab = await Lab.create({
    nodes: { fox: "ours", owl },
    haCf: ["auto_failback off", ...haCf],
    haresources: `fox ${group.address}/24/eth0 svcA`,
    services: ["svcA"],
  });
  await lab.start();
  await settle(lab, [group]);
  return lab;
}

describe("a partition heals", { concurrency: true }, () => {
  test("between two of ours: the first holder keeps, the other lets go at once, nobody restarts", async (t) => {
    await using lab = await cluster("ours");
    const pids = ["fox", "owl"].map((node) => lab.daemonPid(node));
    await lab.cut("fox");
    await lab.until("both hold the address", () => both(lab), 10);
    await lab.heal("fox");
    const took = await lab.until("owl has let go", () => !lab.hasAddress("owl", group.address), 5);
    t.diagnostic(`owned twice for ${took} ms after the return`);
    assert.ok(took < 1000, `${took} ms`);
    await lab.holdsFor("fox keeps it", 2, () => lab.runs("fox", "svcA") && !lab.hasAddress("owl", group.address));
    assert.deepEqual(
      ["fox", "owl"].map((node) => lab.daemonPid(node)),
      pids,
    );
  });

  test("a node of ours that slept past its dead time lets go before it has heard a word", async (t) => {
    await using lab = await cluster("ours");
    await lab.exec("fox", ["kill", "-STOP", `${lab.daemonPid("fox")}`]);
    await lab.until("owl has taken over", () => lab.runs("owl", "svcA"), 10);
    await lab.exec("fox", ["kill", "-CONT", `${lab.daemonPid("fox")}`]);
    const took = await lab.until("fox has let go", () => !lab.hasAddress("fox", group.address), 5);
    t.diagnostic(`owned twice for ${took} ms after the awakening`);
    assert.ok(took < 1000, `${took} ms`);
    await lab.logged("fox", /Releasing the resources of fox.*silent for/);
    await lab.holdsFor("owl keeps it", 2, () => lab.runs("owl", "svcA") && lab.hasAddress("owl", group.address));
    assert.doesNotMatch(lab.log("fox"), /node owl: is dead/);
  });

  test("a short sleep moves nothing", async () => {
    await using lab = await cluster("ours", ["deadtime 3", "warntime 2", "initdead 4"]);
    await lab.exec("fox", ["kill", "-STOP", `${lab.daemonPid("fox")}`]);
    await new Promise((resolve) => setTimeout(resolve, 1500)); // the length of the sleep is what is tested
    await lab.exec("fox", ["kill", "-CONT", `${lab.daemonPid("fox")}`]);
    await lab.holdsFor("fox keeps it", 3, () => lab.runs("fox", "svcA") && !lab.hasAddress("owl", group.address));
    assert.doesNotMatch(lab.log("owl") + lab.log("fox"), /is dead/);
  });

  test("beside an original: it restarts itself, ours keeps what it has and tells the network", async (t) => {
    await using lab = await cluster("original");
    const pid = lab.daemonPid("fox");
    await lab.cut("fox");
    await lab.until("both hold the address", () => both(lab), 20);
    await lab.heal("fox");
    const took = await lab.until("the original has let go", () => !lab.hasAddress("owl", group.address), 30);
    t.diagnostic(`the original let go ${took} ms after the return`);
    await lab.until("the original has restarted", async () => /restart exec/.test(lab.log("owl")), 30);
    await lab.until("they see each other", async () => (await lab.sees("fox", "owl")) === "active", 40);
    await lab.holdsFor("ours keeps it", 3, () => lab.runs("fox", "svcA") && !lab.hasAddress("owl", group.address));
    assert.equal(lab.daemonPid("fox"), pid);
    await groupMoves(lab, group, "fox", 1);
  });
});
