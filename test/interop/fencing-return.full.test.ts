/** A node that was to be fenced is back before the device worked (transcripts 25 and 26), in three columns. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Group, settle } from "../support/lab/groups.ts";
import { Power } from "../support/lab/power.ts";
import { Lab, type Settings } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const ofFox: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
const ofOwl: Group = { owner: "owl", service: "svcB", address: "10.77.0.102" };

interface Column {
  readonly name: string;
  readonly nodes: Settings["nodes"];
}

const columns: readonly Column[] = [
  { name: "original + ours", nodes: { fox: "original", owl: "ours" } },
  { name: "ours + original", nodes: { fox: "ours", owl: "original" } },
  { name: "ours + ours", nodes: { fox: "ours", owl: "ours" } },
];

/** Only owl has a device, and it fails. */
async function cluster({ nodes }: Column, groups: readonly Group[]): Promise<Lab> {
  return await Lab.create({
    nodes,
    haCf: ["deadtime 3", "warntime 2", "initdead 8", "stonith_host owl external/power fox,owl secret-of-the-switch"],
    haresources: groups
      .map(({ owner, service, address }) => `${owner} ${service} IPaddr::${address}/24/eth0`)
      .join("\n"),
    services: groups.map(({ service }) => service),
  });
}

const home = (lab: Lab, groups: readonly Group[]): boolean =>
  groups.every(({ owner, service, address }) => {
    const other = owner === "fox" ? "owl" : "fox";
    return (
      lab.runs(owner, service) &&
      lab.hasAddress(owner, address) &&
      !lab.runs(other, service) &&
      !lab.hasAddress(other, address)
    );
  });

describe("the node is back while its device still fails", { concurrency: 3 }, () => {
  for (const column of rows(columns, () => false)) {
    test(`25 | it was started again | ${column.name}`, async () => {
      await using lab = await cluster(column, [ofFox]);
      using power = await Power.install(lab);
      await power.set("owl", "fails");
      await lab.start();
      await settle(lab, [ofFox]);
      await lab.crash("fox");
      await lab.until("the device has failed", () => power.calls("owl").length >= 1, 30);
      await lab.start("fox");
      await lab.until("fox runs its group again", () => lab.runs("fox", ofFox.service), 60);
      if (column.nodes["owl"] === "original") {
        // The original goes on as long as its device fails, and resets the healthy node when it works (docs/reference/resources.md, section 15).
        const before = power.calls("owl").length;
        await lab.until("it is tried again", () => power.calls("owl").length > before, 30);
        return;
      }
      await lab.logged("owl", /STONITH of fox is given up/);
      await power.set("owl", "works");
      const before = power.calls("owl").length;
      const stays = () => lab.runs("fox", ofFox.service) && !lab.runs("owl", ofFox.service);
      await lab.holdsFor("nobody resets it", 12, stays, 200);
      assert.equal(power.calls("owl").length, before);
      assert.deepEqual(power.cuts, []);
    });

    test(`26 | the partition heals | ${column.name}`, async (t) => {
      await using lab = await cluster(column, [ofFox, ofOwl]);
      using power = await Power.install(lab);
      await power.set("owl", "fails");
      await lab.start();
      await settle(lab, [ofFox, ofOwl]);
      await lab.cut("fox");
      await lab.until("owl wants fox to be reset", () => power.calls("owl").length >= 1, 30);
      await lab.until("fox, which has no device, has taken what owl had", () => lab.runs("fox", ofOwl.service), 30);
      assert.ok(!lab.runs("owl", ofFox.service), "owl took it before fox was off");
      await lab.heal("fox");
      const took = await lab.until("each group is at home and nowhere else", () => home(lab, [ofFox, ofOwl]), 90);
      t.diagnostic(`at home ${took} ms after the return`);
      await lab.holdsFor("each group is at home", 10, () => home(lab, [ofFox, ofOwl]), 200);
      assert.deepEqual(power.cuts, []);
      if (column.nodes["owl"] === "original") return;
      await lab.logged("owl", /STONITH of fox is given up/);
      const calls = power.calls("owl").length;
      await lab.holdsFor("nobody resets it any more", 6, () => power.calls("owl").length === calls, 200);
    });
  }
});
