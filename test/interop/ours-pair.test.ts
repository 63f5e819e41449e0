/** Two of ours: the everyday life of a cluster, quickly. Nobody may own an address that the other still has. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clusterAtRest, type Group, groupMoves, settle } from "../support/lab/groups.ts";

const group: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };

const cluster = (haCf: readonly string[] = []) =>
  clusterAtRest(
    {
      nodes: { fox: "ours", owl: "ours" },
      haCf,
      haresources: `fox ${group.address}/24/eth0 svcA`,
      services: ["svcA"],
    },
    [group],
  );

describe("two of ours", { concurrency: 3 }, () => {
  test("cold start, crash, failback", async (t) => {
    await using lab = await cluster();
    const watch = lab.watchAddress(group.address);
    assert.deepEqual(lab.complaints("fox").concat(lab.complaints("owl")), []);
    await lab.crash("fox");
    const took = await groupMoves(lab, group, "owl", 5);
    assert.equal(await lab.sees("owl", "fox"), "dead");
    assert.equal((await lab.client(["ping", "-c", "1", "-W", "1", group.address])).code, 0);
    await lab.start("fox");
    const back = await groupMoves(lab, group, "fox", 15);
    await settle(lab, [group]);
    assert.deepEqual(watch.stop().overlaps, []);
    t.diagnostic(`taken over ${took} ms after the crash, back ${back} ms after the start`);
  });

  test("graceful stop and return, on either side", async () => {
    await using lab = await cluster();
    const watch = lab.watchAddress(group.address);
    await lab.stop("fox");
    await groupMoves(lab, group, "owl", 5);
    assert.match((await lab.heartbeat("fox", ["-s"])).stdout, /stopped/);
    await lab.start("fox");
    await groupMoves(lab, group, "fox", 15);
    await settle(lab, [group]);
    await lab.stop("owl");
    await groupMoves(lab, group, "fox", 1);
    await lab.start("owl");
    await settle(lab, [group]);
    assert.deepEqual(watch.stop().overlaps, []);
    assert.deepEqual(lab.complaints("fox").concat(lab.complaints("owl")), []);
  });

  test("hb_standby and hb_takeover", async () => {
    await using lab = await cluster();
    const watch = lab.watchAddress(group.address);
    await lab.tool("fox", "hb_standby");
    await groupMoves(lab, group, "owl", 5);
    await lab.until("owl holds all", async () => (await lab.holds("owl")) === "all", 5);
    await lab.tool("fox", "hb_takeover");
    await groupMoves(lab, group, "fox", 5);
    await lab.until("fox holds all", async () => (await lab.holds("fox")) === "all", 5);
    assert.deepEqual(watch.stop().overlaps, []);
  });

  test("with auto_failback off the group stays where it is", async () => {
    await using lab = await cluster(["auto_failback off"]);
    await lab.crash("fox");
    await groupMoves(lab, group, "owl", 5);
    await lab.start("fox");
    await lab.until("fox is active again", async () => (await lab.sees("owl", "fox")) === "active", 10);
    await lab.holdsFor("the group stays on owl", 4, () => lab.runs("owl", "svcA") && !lab.runs("fox", "svcA"));
  });

  test("both stop at the same time: nothing is left running", async () => {
    await using lab = await cluster();
    await Promise.all([lab.stop("fox"), lab.stop("owl")]);
    for (const node of ["fox", "owl"])
      assert.equal(lab.runs(node, "svcA") || lab.hasAddress(node, group.address), false, `${node} still has something`);
  });

  test("an address that somebody removes is put back, and taken off for good when it is time", async (t) => {
    await using lab = await cluster();
    const removed = await lab.exec("fox", ["ip", "addr", "del", `${group.address}/24`, "dev", "eth0"]);
    assert.equal(removed.code, 0, removed.stderr);
    const took = await lab.until("the address is back", () => lab.hasAddress("fox", group.address), 5);
    await lab.until("the log says so", () => /WARN: .* was removed by somebody else/.test(lab.log("fox")), 5);
    t.diagnostic(`back ${took} ms after the command had ended`);
    await settle(lab, [group]);
    await lab.stop("fox");
    await groupMoves(lab, group, "owl", 10);
    assert.equal(
      lab.log("fox").split("was removed by somebody else").length,
      2,
      "our own removal is not taken for one",
    );
  });
});
