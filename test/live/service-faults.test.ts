/**
 * Real services that fall ill while their machine is well: how long until it is noticed, until it is healed in place, and until it runs on the
 * other node when it does not start any more. The table of docs/monitoring.md comes from here.
 */
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { hurt, patience, seconds, throughFaults } from "../support/lab/fault-rounds.ts";
import { type Fault, faultNames, type WatchedService, watchedServices } from "../support/lab/watched-services.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const address = "10.77.0.101";
const ha4Cf = ({ name, probe }: WatchedService): string => `defaults
  monitor 1
  monitor-timeout 2
  failures-allowed 20
resource ${name}
${probe === "" ? "" : `  ${probe}\n`}`;

async function prepared(service: WatchedService): Promise<Lab> {
  const lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: `fox ${address}/24/eth0 ${service.name}`,
    haCf: ["keepalive 500ms", "warntime 5", "deadtime 10", "initdead 12"],
  });
  try {
    for (const node of ["fox", "owl"]) {
      await lab.machine(node).write("/etc/ha.d/ha4.cf", ha4Cf(service));
      await lab.machine(node).write(`/etc/ha.d/resource.d/${service.name}`, service.script, "755");
      const { code, stdout, stderr } = await lab.exec(node, ["bash", "-ec", service.prepare], 120);
      assert.equal(code, 0, `${node}: ${stdout}${stderr}`);
    }
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

async function play(t: TestContext, service: WatchedService, faults: readonly Fault[]): Promise<void> {
  const { name, title } = service;
  await using lab = await prepared(service);
  const answers = async (node: string) => (await lab.exec(node, ["bash", "-c", service.answers])).code === 0;
  const ground = {
    run: (script: string) => lab.exec("fox", ["bash", "-c", script]),
    log: () => lab.log("fox"),
    until: (...until: Parameters<Lab["until"]>) => lab.until(...until),
  };
  await lab.start();
  await lab.until("fox runs it", async () => lab.hasAddress("fox", address) && (await answers("fox")), 60);
  await lab.until("it was asked once", async () => (await lastAnswer(lab, "fox")) === true);
  const watch = lab.watchAddress(address);
  const has = (node: string) => lab.hasAddress(node, address);

  const { measured, firstStory } = await throughFaults(ground, name, service, faults);
  assert.deepEqual([has("fox"), has("owl")], [true, false]);
  assert.deepEqual(watch.history, ["fox"], "the address never moved");

  await hurt(ground, "touch /etc/ha.d/broken");
  const began = performance.now();
  await hurt(ground, service.faults.killed);
  await lab.until("owl runs it", async () => has("owl") && (await answers("owl")), patience);
  const moved = `moved, when it does not start any more: ${seconds(performance.now() - began)}`;
  t.diagnostic(`${title}, noticed/healed: ${[...measured, moved].join(", ")}`);
  await lab.holdsFor("it stays where it works", 5, () => has("owl") && !has("fox"), 200);
  assert.equal(await answers("owl"), true);
  const owners = watch.history.filter((who) => who !== "");
  assert.deepEqual(owners, ["fox", "owl"], "it moved once");
  assert.deepEqual(watch.stop().overlaps, []);
  if (service === watchedServices[0]) t.diagnostic(firstStory);
}

async function lastAnswer(lab: Lab, node: string): Promise<boolean | undefined> {
  const { stdout } = await lab.heartbeat(node, ["status", "--json"]);
  return JSON.parse(stdout).groups[0].resources[1].monitor?.last?.ok;
}

describe("real services, each through every fault", { concurrency: 2 }, () => {
  for (const service of rows(watchedServices, ({ title }) => title === "nginx"))
    test(service.title, (t) =>
      play(
        t,
        service,
        rows(faultNames, (fault) => fault === "hung"),
      ),
    );
});
