/**
 * One original and one of ours: each is told of other files and takes them over without giving anything up, and ours is killed and comes
 * back. The other node sees a restart, and nobody's services are touched (transcript 18).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";

test("quick restarts of both kinds, and a daemon of ours that is killed and comes back, move nothing", {
  timeout: 240_000,
}, async (t) => {
  await using lab = await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haCf: ["keepalive 500ms", "deadtime 20", "warntime 10", "initdead 20"],
    services: ["svcA", "svcB"],
    haresources: "fox svcA\nowl svcB",
  });
  await lab.start();
  await lab.until("each runs its own", () => lab.runs("fox", "svcA") && lab.runs("owl", "svcB"), 60);
  const settled = async () => (await lab.holds("fox")) === "local" && (await lab.holds("owl")) === "local";
  await lab.until("both are stable", settled, 60);
  const orders = (name: string) => lab.calls(name).filter((call) => !/ status$/.test(call));
  const before = { fox: orders("fox"), owl: orders("owl") };
  const restarts = (on: string, of: string) =>
    lab.log(on).match(new RegExp(`Heartbeat restart on node ${of}`, "g"))?.length ?? 0;

  for (const [name, peer] of [
    ["owl", "fox"],
    ["fox", "owl"],
  ] as const) {
    const seen = restarts(peer, name);
    await lab.exec(name, ["sh", "-c", "sleep 1; echo '# changed' >> /etc/ha.d/ha.cf"]);
    const reload = await lab.heartbeat(name, ["-r"]);
    assert.equal(reload.code, 0, reload.stderr);
    const took = await lab.until(`${peer} sees the restart of ${name}`, () => restarts(peer, name) === seen + 1, 30);
    t.diagnostic(`heartbeat -r on ${lab.kind(name)}: another process after ${took} ms`);
    await lab.until("both are stable again", settled, 60);
  }

  const seen = restarts("fox", "owl");
  await lab.kill9("owl");
  await lab.start("owl");
  const took = await lab.until("fox sees the restart of owl", () => restarts("fox", "owl") === seen + 1, 30);
  t.diagnostic(`kill -9: heard again ${took} ms after its start`);
  await lab.until("both are stable again", settled, 60);

  assert.deepEqual({ fox: orders("fox"), owl: orders("owl") }, before);
  for (const name of ["fox", "owl"]) assert.doesNotMatch(lab.log(name), /is dead/);
});
