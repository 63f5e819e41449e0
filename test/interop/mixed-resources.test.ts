/**
 * One original and one of ours share two groups, one for each: each takes the other's over and gives it back, whatever the
 * reason. All the while nobody may own an address that the other still has.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { clusterAtRest, type Group, groupMoves, settle } from "../support/lab/groups.ts";

// The address comes last: the original's IPaddr is busy for five seconds with its announcements.
const foxGroup: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
const owlGroup: Group = { owner: "owl", service: "svcB", address: "10.77.0.102" };
const settings = {
  nodes: { fox: "original", owl: "ours" },
  haresources: [foxGroup, owlGroup]
    .map(({ owner, service, address }) => `${owner} ${service} IPaddr::${address}/24/eth0`)
    .join("\n"),
  services: ["svcA", "svcB"],
} as const;

const cluster = () => clusterAtRest(settings, [foxGroup, owlGroup]);

describe("an original (fox) and one of ours (owl)", { concurrency: 3 }, () => {
  test("the original dies: ours takes its group over, and gives it back", async (t) => {
    await using lab = await cluster();
    const watch = lab.watchAddress(foxGroup.address);
    await lab.crash("fox");
    const took = await groupMoves(lab, foxGroup, "owl", 10);
    assert.equal(await lab.sees("owl", "fox"), "dead");
    await lab.logged("owl", /node fox: is dead/);
    assert.equal((await lab.client(["ping", "-c", "1", "-W", "2", foxGroup.address])).code, 0);
    await lab.start("fox");
    const back = await groupMoves(lab, foxGroup, "fox", 40);
    await settle(lab, [foxGroup, owlGroup]);
    assert.deepEqual(watch.stop().overlaps, []);
    t.diagnostic(`taken over ${took} ms after the crash, back ${back} ms after the start`);
  });

  test("ours dies: the original takes its group over, and gives it back", async (t) => {
    await using lab = await cluster();
    const watch = lab.watchAddress(owlGroup.address);
    await lab.crash("owl");
    const took = await groupMoves(lab, owlGroup, "fox", 20);
    assert.equal(await lab.sees("fox", "owl"), "dead");
    await lab.start("owl");
    const back = await groupMoves(lab, owlGroup, "owl", 40);
    await settle(lab, [foxGroup, owlGroup]);
    assert.deepEqual(watch.stop().overlaps, []);
    t.diagnostic(`taken over ${took} ms after the crash, back ${back} ms after the start`);
  });

  test("the original is stopped: it releases, then ours takes over", async (t) => {
    await using lab = await cluster();
    const watch = lab.watchAddress(foxGroup.address);
    await lab.stop("fox");
    const took = await groupMoves(lab, foxGroup, "owl", 10);
    assert.deepEqual(watch.stop().overlaps, []);
    await lab.start("fox");
    await groupMoves(lab, foxGroup, "fox", 40);
    await settle(lab, [foxGroup, owlGroup]);
    t.diagnostic(`taken over ${took} ms after the stop`);
  });

  test("ours is stopped: it releases, then the original takes over", async (t) => {
    await using lab = await cluster();
    const watch = lab.watchAddress(owlGroup.address);
    await lab.stop("owl");
    assert.equal(lab.hasAddress("owl", owlGroup.address) || lab.runs("owl", owlGroup.service), false);
    const took = await groupMoves(lab, owlGroup, "fox", 20);
    assert.deepEqual(watch.stop().overlaps, []);
    await lab.start("owl");
    await groupMoves(lab, owlGroup, "owl", 40);
    await settle(lab, [foxGroup, owlGroup]);
    t.diagnostic(`taken over ${took} ms after the stop`);
  });

  test("hb_standby on the original, then on ours", async (t) => {
    await using lab = await cluster();
    const watches = [foxGroup, owlGroup].map((group) => lab.watchAddress(group.address));
    await lab.tool("fox", "hb_standby", "local");
    const toOurs = await groupMoves(lab, foxGroup, "owl", 20);
    await lab.until("owl holds all", async () => (await lab.holds("owl")) === "all", 20);
    await lab.until("fox holds none", async () => (await lab.holds("fox")) === "none", 20);
    await lab.tool("owl", "hb_standby", "all");
    const toOriginal = await groupMoves(lab, owlGroup, "fox", 20);
    await groupMoves(lab, foxGroup, "fox", 20);
    await lab.until("fox holds all", async () => (await lab.holds("fox")) === "all", 20);
    await lab.until("owl holds none", async () => (await lab.holds("owl")) === "none", 20);
    await lab.tool("owl", "hb_takeover", "local");
    await groupMoves(lab, owlGroup, "owl", 20);
    await settle(lab, [foxGroup, owlGroup]);
    assert.deepEqual(
      watches.map((watch) => watch.stop().overlaps),
      [[], []],
    );
    t.diagnostic(`fox to owl ${toOurs} ms, owl to fox ${toOriginal} ms`);
  });
});
