/**
 * Services that fail while their machines are well: started anew in place, moved when that does not help, and left down where nothing helps. With
 * real daemons, in both kinds of clusters.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { stateFile } from "../support/lab/service.ts";
import { Lab } from "../support/lab.ts";

const ha4Cf = `defaults
  monitor 500ms
  monitor-timeout 1
  failures-allowed 1
`;
const moves = (lab: Lab, node: string): string[] =>
  lab
    .calls(node)
    .map((call) => call.replace(/^\S+ /, ""))
    .filter((call) => / (?:start|stop)$/.test(call));
const kill = (lab: Lab, node: string, service: string) => lab.exec(node, ["rm", "-f", stateFile(service)]);
const times = (text: string, word: string): number => text.split(word).length - 1;

test("a service of ours dies: healed in place with its address untouched; dies again: its group moves, once, and stays", async () => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: "fox 10.77.0.101/24/eth0 svcA svcB",
    services: ["svcA", "svcB"],
  });
  for (const node of ["fox", "owl"]) await lab.machine(node).write("/etc/ha.d/ha4.cf", ha4Cf);
  await lab.start();
  await lab.until("fox runs it", () => lab.runs("fox", "svcA") && lab.runs("fox", "svcB"));
  const watch = lab.watchAddress("10.77.0.101");

  await kill(lab, "fox", "svcA");
  await lab.until("fox has healed it", () => lab.log("fox").includes("svcA does its work again."));
  assert.deepEqual(moves(lab, "fox"), [
    "svcA start",
    "svcB start",
    "svcB stop",
    "svcA stop",
    "svcA start",
    "svcB start",
  ]);
  assert.equal(lab.hasAddress("fox", "10.77.0.101"), true);
  assert.deepEqual(moves(lab, "owl"), []);

  await kill(lab, "fox", "svcA");
  await lab.until("owl has it", () => lab.runs("owl", "svcB") && lab.hasAddress("owl", "10.77.0.101"));
  assert.equal(lab.runs("fox", "svcB"), false);
  assert.match(
    lab.log("fox"),
    /svcA has failed: status says stopped \(failure 2 within 600 s, more than the 1 allowed\)/,
  );
  await lab.holdsFor("it does not come back by itself", 3, () => lab.runs("owl", "svcA") && !lab.runs("fox", "svcA"));
  assert.equal(times(lab.log("owl"), "Giving up resources"), 0);
  assert.deepEqual(watch.stop().overlaps, [], "never on two nodes");
  const status = JSON.parse((await lab.heartbeat("owl", ["status", "--json"])).stdout);
  const [, resource] = status.groups[0].resources;
  assert.equal(resource.monitor.last.ok, true);
});

test("a service that hangs is found by the time limit, and one that a probe finds ill by the probe", async () => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: "fox svcA\nowl svcB",
    services: ["svcA", "svcB"],
  });
  const probed = `${ha4Cf}resource svcB\n  probe command /bin/test -e /run/well\n`;
  for (const node of ["fox", "owl"]) {
    await lab.machine(node).write("/etc/ha.d/ha4.cf", probed);
    await lab.exec(node, ["touch", "/run/well"]);
  }
  await lab.start();
  await lab.until("each runs its own", () => lab.runs("fox", "svcA") && lab.runs("owl", "svcB"));
  await lab.misbehave("fox", "svcA", "status", "hang");
  await lab.until("the hanging one is noticed", () =>
    lab.log("fox").includes("svcA has failed: no answer within 1000 ms"),
  );
  await lab.exec("owl", ["rm", "/run/well"]);
  await lab.until("the probe's word counts", () =>
    lab.log("owl").includes("svcB has failed: command /bin/test: return code 1"),
  );
  await lab.until("fox takes svcB over", () => lab.runs("fox", "svcB") && !lab.runs("owl", "svcB"));
});

test("beside an original a service is healed in place, too", async () => {
  await using lab = await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haresources: "fox svcA\nowl svcB",
    services: ["svcA", "svcB"],
  });
  await lab.machine("owl").write("/etc/ha.d/ha4.cf", ha4Cf);
  await lab.start();
  await lab.until("each runs its own", () => lab.runs("fox", "svcA") && lab.runs("owl", "svcB"), 40);
  await kill(lab, "owl", "svcB");
  await lab.until("owl has healed it", () => lab.log("owl").includes("svcB does its work again."));
  assert.equal(lab.runs("owl", "svcB"), true);
  assert.deepEqual(lab.complaints("fox"), []);
});
