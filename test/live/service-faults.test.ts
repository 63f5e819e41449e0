/**
 * Real services that fall ill while their machine is well: how long until it is noticed, until it is healed in place, and until it runs on the
 * other node when it does not start any more. The table of docs/monitoring.md comes from here.
 */
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Fault, faultNames, type WatchedService, watchedServices } from "../support/lab/watched-services.ts";
import { Lab } from "../support/lab.ts";
import { full, rows } from "../support/tier.ts";

const address = "10.77.0.101";
const ha4Cf = ({ name, probe }: WatchedService): string => `defaults
  monitor 1
  monitor-timeout 2
  failures-allowed 20
resource ${name}
${probe === "" ? "" : `  ${probe}\n`}`;
/** An interval, a time limit, and room for a busy machine. */
const noticeMax = 6000;
/** The limit of a stop by force, and the start of a database beside it. */
const healMax = 20_000;
const patience = 60; // seconds, until a row has failed whatever the machine has to do

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
  const hurt = async (script: string) => {
    const { code, stderr } = await lab.exec("fox", ["bash", "-c", script]);
    assert.ok(code === 0 || code === 137, `${script}: exit ${code} ${stderr}`);
  };
  await lab.start();
  await lab.until("fox runs it", async () => lab.hasAddress("fox", address) && (await answers("fox")), 60);
  await lab.until("it was asked once", async () => (await lastAnswer(lab, "fox")) === true);
  const watch = lab.watchAddress(address);
  const has = (node: string) => lab.hasAddress(node, address);

  const measured: string[] = [];
  let firstStory = "";
  for (const fault of faults) {
    const said = lab.log("fox").length;
    const began = performance.now();
    await hurt(service.faults[fault]);
    const sinceThen = () => lab.log("fox").slice(said);
    await lab.until(`${fault} is noticed`, () => sinceThen().includes(`${name} has failed`), patience);
    const notice = performance.now() - began;
    await lab.until(`${fault} is healed`, () => sinceThen().includes(`${name} does its work again`), patience);
    const heal = performance.now() - began;
    assert.equal(await answers("fox"), true, `${fault}: it answers again`);
    const [, says = ""] = / has failed: (.*) \(failure/.exec(sinceThen()) ?? [];
    measured.push(`${fault} ${seconds(notice)}/${seconds(heal)} (${says})`);
    firstStory ||= sinceThen();
    if (full) assert.ok(notice < noticeMax && heal < healMax, `${fault}: ${measured.at(-1)}`);
  }
  assert.deepEqual([has("fox"), has("owl")], [true, false]);
  assert.deepEqual(watch.history, ["fox"], "the address never moved");

  await hurt("touch /etc/ha.d/broken");
  const began = performance.now();
  await hurt(service.faults.killed);
  await lab.until("owl runs it", async () => has("owl") && (await answers("owl")), patience);
  measured.push(`moved, when it does not start any more: ${seconds(performance.now() - began)}`);
  t.diagnostic(`${title}, noticed/healed: ${measured.join(", ")}`);
  await lab.holdsFor("it stays where it works", 5, () => has("owl") && !has("fox"), 200);
  assert.equal(await answers("owl"), true);
  const owners = watch.history.filter((who) => who !== "");
  assert.deepEqual(owners, ["fox", "owl"], "it moved once");
  assert.deepEqual(watch.stop().overlaps, []);
  if (service === watchedServices[0]) t.diagnostic(firstStory.trim().replaceAll("\n", " / "));
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

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
