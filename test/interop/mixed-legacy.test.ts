/**
 * An original with `auto_failback legacy` beside one of ours (docs/reference/resources.md, section 9.6; transcripts 05 and 24): each
 * asks the other for its groups when it starts, and takes the other's when that dies or stops.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Group, groupMoves } from "../support/lab/groups.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const mine: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
const yours: Group = { owner: "owl", service: "svcC", address: "10.77.0.102" };
const haresources = [mine, yours]
  .map(({ owner, service, address }) => `${owner} ${address}/24/eth0 ${service}`)
  .join("\n");

/** The original is always in legacy mode; ours is in this one. */
const modes = rows(["legacy", "on"] as const, (mode) => mode === "legacy");

async function cluster(mode: "legacy" | "on"): Promise<Lab> {
  const lab = await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haCf: ["auto_failback legacy"],
    haresources,
    services: [mine.service, yours.service],
  });
  const own = lab.machine("owl").read("/etc/ha.d/ha.cf").replace("auto_failback legacy", `auto_failback ${mode}`);
  await lab.machine("owl").write("/etc/ha.d/ha.cf", own);
  return lab;
}

const bothHome = async (lab: Lab) => {
  await groupMoves(lab, mine, "fox", 30);
  await groupMoves(lab, yours, "owl", 30);
};

describe("an original in legacy mode", { concurrency: true }, () => {
  for (const mode of modes)
    test(`ours with auto_failback ${mode}: start together, death, return and stop of the original`, async () => {
      await using lab = await cluster(mode);
      const watch = lab.watchAddress(mine.address);
      await lab.start();
      await bothHome(lab);
      await lab.crash("fox");
      await groupMoves(lab, mine, "owl", 20);
      await lab.start("fox");
      await bothHome(lab); // it asks with ip-request, and is given
      await lab.stop("fox");
      await groupMoves(lab, mine, "owl", 20);
      assert.deepEqual(watch.stop().overlaps, []);
    });

  test("ours dies, returns and stops", async () => {
    await using lab = await cluster("legacy");
    const watch = lab.watchAddress(yours.address);
    await lab.start();
    await bothHome(lab);
    await lab.crash("owl");
    await groupMoves(lab, yours, "fox", 20);
    await lab.start("owl");
    await bothHome(lab); // we ask, and start when it is given
    await lab.tool("owl", "hb_standby");
    await lab.until("the standby is refused", () => lab.log("owl").includes("Standby mode only implemented"));
    await lab.stop("owl");
    await groupMoves(lab, yours, "fox", 20);
    assert.deepEqual(watch.stop().overlaps, []);
  });
});
