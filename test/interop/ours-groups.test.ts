/** Two of ours: each group goes its own way. A failed start moves it, an operator moves it, maintenance keeps everything where it is. */
import assert from "node:assert/strict";
import test from "node:test";
import { clusterAtRest, type Group, groupMoves } from "../support/lab/groups.ts";
import { misbehaviourFile } from "../support/lab/service.ts";

const web: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
const db: Group = { owner: "fox", service: "svcB", address: "10.77.0.102" };

test("a group that does not start moves alone, comes home after a cleanup, moves on demand, and stays in maintenance", async (t) => {
  await using lab = await clusterAtRest(
    {
      nodes: { fox: "ours", owl: "ours" },
      haresources: `fox svcA ${web.address}/24/eth0\nfox svcB ${db.address}/24/eth0`,
      services: ["svcA", "svcB"],
    },
    [web, db],
  );
  const watches = [web, db].map((group) => lab.watchAddress(group.address));
  const groupOf = async (key: string) =>
    JSON.parse((await lab.heartbeat("owl", ["status", "--json"])).stdout).groups.find(
      (each: { key: string }) => each.key === key,
    );

  await lab.heartbeat("owl", ["move", "svcA"]);
  await groupMoves(lab, web, "owl", 10);
  await lab.misbehave("fox", "svcA", "start", "fail");
  const refused = await lab.heartbeat("owl", ["move", "svcA", "fox", "--wait", "20"]);
  assert.equal(refused.code, 1, refused.stdout + refused.stderr);
  const back = await groupMoves(lab, web, "owl", 10);
  assert.ok(lab.runs("fox", "svcB"), "the other group does not notice");
  assert.deepEqual((await groupOf("svcA")).failedOn, ["fox"]);
  const again = await lab.heartbeat("fox", ["move", "svcA", "fox"]);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /did not start on fox: heartbeat cleanup svcA/);

  await lab.exec("fox", ["rm", misbehaviourFile("svcA", "start")]);
  const cleaned = await lab.heartbeat("owl", ["cleanup", "svcA"]);
  assert.equal(cleaned.code, 0, cleaned.stderr);
  await groupMoves(lab, web, "fox", 10);
  const moved = await lab.heartbeat("owl", ["move", "svcB", "owl", "--json"]);
  assert.equal(moved.code, 0, moved.stderr);
  assert.deepEqual(JSON.parse(moved.stdout), { ok: true, says: "svcB moves from fox to owl", to: "owl" });
  assert.ok(lab.runs("owl", "svcB") && !lab.runs("fox", "svcB"), "the command returns when it is done");

  assert.equal((await lab.heartbeat("owl", ["maintenance", "on"])).code, 0);
  assert.match((await lab.heartbeat("fox", ["status"])).stdout, /maintenance: nothing is started, stopped or moved/);
  await lab.tool("fox", "hb_standby", "all");
  await lab.holdsFor("nothing moves", 2, () => lab.runs("fox", "svcA") && lab.runs("owl", "svcB"));
  assert.equal((await lab.heartbeat("fox", ["maintenance", "off"])).code, 0);
  await lab.tool("fox", "hb_standby", "all");
  await groupMoves(lab, web, "owl", 10);
  assert.deepEqual(
    watches.map((watch) => watch.stop().overlaps),
    [[], []],
  );
  t.diagnostic(`after the failed start on fox it was up on owl again within ${back} ms`);
});
