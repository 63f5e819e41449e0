/**
 * A service address that somebody else touches: a machine on the network that claims it, and an administrator who removes it.
 */
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Group, settle } from "../support/lab/groups.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const group: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
const address6 = "fd77::65";
const strangerMac = "02:00:00:00:00:fe";
const otherMac = "02:00:00:00:00:fd";

async function cluster(): Promise<Lab> {
  const lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: `fox ${group.address}/24/eth0 svcA`,
    services: ["svcA"],
  });
  await lab.start();
  await settle(lab, [group]);
  return lab;
}

async function claimed(): Promise<void> {
  await using lab = await cluster();
  const neighbour = async () =>
    /lladdr (\S+)/.exec((await lab.exec("owl", ["ip", "neigh", "show", group.address])).stdout)?.[1];
  await lab.exec("owl", ["ping", "-c", "1", "-W", "2", group.address]);
  assert.equal(await neighbour(), "02:00:00:00:00:01");
  await lab.client(["ip", "address", "add", `${group.address}/32`, "dev", "eth0"]);
  await lab.client(["arping", "-U", "-c", "1", "-I", "eth0", group.address]);
  await lab.until("fox names it", () => lab.log("fox").includes(`hardware address ${strangerMac}`), 10);
  await lab.until("owl reaches fox again", async () => (await neighbour()) === "02:00:00:00:00:01", 5);
  const [conflict] = JSON.parse((await lab.heartbeat("fox", ["status", "--json"])).stdout).conflicts;
  assert.deepEqual([conflict.ip, conflict.mac, conflict.device], [group.address, strangerMac, "eth0"]);
  assert.match((await lab.heartbeat("fox", ["status"])).stdout, new RegExp(strangerMac));
  assert.equal(lab.hasAddress("fox", group.address), true);
  assert.doesNotMatch(lab.log("owl"), /claims 10/);
}

/** The group's second address is of version 6: it comes up at once, is told to the neighbours, defended, put back, and moves. */
async function version6(): Promise<void> {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: `fox ${group.address}/24/eth0 IPv6addr::${address6}/64/eth0 svcA`,
    services: ["svcA"],
  });
  await lab.start();
  await settle(lab, [group]);
  const on = (node: string) => lab.machine(node).hasAddress6(address6);
  const neighbour = async () => {
    await lab.client(["ping", "-6", "-c", "1", "-W", "1", address6]);
    return /lladdr (\S+)/.exec((await lab.client(["ip", "-6", "neigh", "show", address6])).stdout)?.[1];
  };
  assert.deepEqual([on("fox"), on("owl")], [true, false]);
  assert.equal(await neighbour(), "02:00:00:00:00:01");
  await lab.exec("fox", ["ip", "-6", "address", "del", `${address6}/64`, "dev", "eth0"]);
  await lab.until("fox has put it back", () => lab.log("fox").includes(`${address6}/64/eth0 is back on eth0`), 10);
  // The advertisement alone changes what the client remembers: it asks nobody.
  await lab.tool("fox", "hb_standby", "all");
  await lab.until("owl has it", () => on("owl") && !on("fox") && lab.runs("owl", "svcA"), 10);
  const remembered = async () =>
    (await lab.client(["ip", "-6", "neigh", "show", address6])).stdout.includes("lladdr 02:00:00:00:00:02");
  await lab.until("the client knows where it is now", remembered, 10);
  await lab.client(["ip", "-6", "address", "add", `${address6}/128`, "dev", "eth0", "nodad"]);
  // A machine whose hardware address changes tells its neighbours so, if it is set up to.
  await lab.client(["sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/eth0/ndisc_notify"]);
  await lab.client(["ip", "link", "set", "eth0", "address", otherMac]);
  await lab.until(
    "owl names the claimant",
    () => lab.log("owl").includes(`claims ${address6}: hardware address ${otherMac}`),
    10,
  );
  const [conflict] = JSON.parse((await lab.heartbeat("owl", ["status", "--json"])).stdout).conflicts;
  assert.deepEqual([conflict.ip, conflict.mac, conflict.device], [address6, otherMac, "eth0"]);
  assert.doesNotMatch(lab.log("fox"), /Another machine claims/);
}

async function removed(t: TestContext): Promise<void> {
  await using lab = await cluster();
  const missing: number[] = [];
  const look = setInterval(() => {
    if (!lab.hasAddress("fox", group.address)) missing.push(performance.now());
  }, 1);
  await lab.exec("fox", ["ip", "address", "del", `${group.address}/24`, "dev", "eth0"]);
  await lab.until("fox has it again", () => lab.hasAddress("fox", group.address), 5);
  clearInterval(look);
  const gap = (missing.at(-1) ?? 0) - (missing[0] ?? 0);
  t.diagnostic(`seen missing ${missing.length} times, for ${gap.toFixed(1)} ms`);
  assert.ok(gap < 100, `missing for ${gap} ms`);
  await lab.logged("fox", /was removed by somebody else: putting it back/);
}

/** Its interface is taken away altogether, so that it cannot be put back: the group is better on the other node. */
async function strandedGroup(): Promise<void> {
  const ip = "10.88.0.1";
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: `fox svcA ${ip}/24/br9`,
    services: ["svcA"],
  });
  const addInterface = async (node: string): Promise<void> =>
    assert.equal((await lab.exec(node, ["ip", "link", "add", "br9", "up", "type", "bridge"])).code, 0);
  for (const node of ["fox", "owl"]) await addInterface(node);
  await lab.start();
  const only = (node: string, other: string) => () =>
    lab.hasAddress(node, ip) && lab.runs(node, "svcA") && !lab.hasAddress(other, ip) && !lab.runs(other, "svcA");
  await lab.until("fox has it", only("fox", "owl"), 20);
  await lab.exec("fox", ["ip", "link", "del", "br9"]);
  await lab.until("owl has it", only("owl", "fox"), 15);
  await lab.logged("fox", /Giving up resources due to failure of 10\.88\.0\.1/);
  // The network of both is restarted, and takes longer than the address is waited for: nothing stays down.
  await lab.exec("owl", ["ip", "link", "del", "br9"]);
  await lab.logged("owl", /10\.88\.0\.1\/24\/br9 cannot be put back/);
  await addInterface("fox");
  await lab.until("fox has it again, without an operator", only("fox", "owl"), 20);
  await addInterface("owl");
  await lab.exec("fox", ["ip", "link", "del", "br9"]);
  await lab.until("owl has it again", only("owl", "fox"), 25);
  // There is nobody else now: the rest stays up, and the address comes back with its interface.
  await lab.stop("fox");
  await lab.exec("owl", ["ip", "link", "del", "br9"]);
  await lab.until("it has no address", () => !lab.hasAddress("owl", ip), 10);
  await addInterface("owl");
  await lab.until("owl has it once more", only("owl", "fox"), 10);
  assert.equal(lab.calls("owl").filter((call) => call.endsWith(" svcA start")).length, 2);
}

async function moved(): Promise<void> {
  await using lab = await cluster();
  await lab.tool("fox", "hb_standby", "all");
  await lab.until("owl has it", () => lab.hasAddress("owl", group.address) && lab.runs("owl", "svcA"), 10);
  await lab.tool("fox", "hb_takeover", "all");
  await lab.until("fox has it", () => lab.hasAddress("fox", group.address) && lab.runs("fox", "svcA"), 10);
  for (const node of ["fox", "owl"]) assert.doesNotMatch(lab.log(node), /Another machine claims/);
}

const stories = [
  { name: "that another machine claims is defended, and the claimant is named", usual: true, run: claimed },
  { name: "that somebody removes is back within a tenth of a second", usual: false, run: removed },
  {
    name: "whose interface is gone takes its group to the other node, if there is one",
    usual: false,
    run: strandedGroup,
  },
  { name: "that moves is claimed by nobody else", usual: false, run: moved },
  { name: "of version 6 comes, is put back, moves and is defended like the others", usual: false, run: version6 },
];

describe("a service address of ours", { concurrency: true }, () => {
  for (const { name, run } of rows(stories, ({ usual }) => usual)) test(name, run);
});
