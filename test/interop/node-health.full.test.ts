/** Nodes that are well but of no use: their service interface lost its carrier, their disk takes no write, or they reach fewer ping nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

interface Illness {
  readonly name: string;
  /** In ha4.cf. */
  readonly check: string;
  readonly befall: string;
  readonly repair: string;
  readonly says: RegExp;
}

const illnesses: readonly Illness[] = [
  {
    name: "the service interface loses its carrier",
    check: "carrier service0",
    befall: "ip link set cable0 down",
    repair: "ip link set cable0 up",
    says: /not fit to hold resources\. \(carrier service0: has no carrier\)/,
  },
  {
    name: "the service interface is taken down",
    check: "carrier service0",
    befall: "ip link set service0 down",
    repair: "ip link set service0 up",
    says: /not fit to hold resources\. \(carrier service0: is down\)/,
  },
  {
    name: "a disk goes read-only",
    check: "disk /srv",
    befall: "mount -o remount,ro /srv",
    repair: "mount -o remount,rw /srv",
    says: /not fit to hold resources\. \(disk \/srv: cannot be written to: Read-only file system\)/,
  },
];
const prepare = `ip link add service0 type veth peer name cable0
ip link set service0 up; ip link set cable0 up
mkdir -p /srv; mount -t tmpfs disk /srv`;

for (const { name, check, befall, repair, says } of rows(illnesses, () => false))
  test(`${name}: its group moves, and comes home some time after the repair`, async (t) => {
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours" },
      haresources: "fox 10.77.0.101/24/eth0 svcA",
      services: ["svcA"],
    });
    for (const node of ["fox", "owl"]) {
      const { code, stderr } = await lab.exec(node, ["bash", "-ec", prepare]);
      assert.equal(code, 0, stderr);
      const text = `node-health\n  ${check}\n  interval 500ms\n  patience 2\n  recovery 6\n`;
      await lab.machine(node).write("/etc/ha.d/ha4.cf", text);
    }
    await lab.start();
    const runs = (node: string) => lab.runs(node, "svcA") && lab.hasAddress(node, "10.77.0.101");
    await lab.until("fox runs it", () => runs("fox"), 60);
    const watch = lab.watchAddress("10.77.0.101");
    const began = performance.now();
    await lab.exec("fox", ["bash", "-ec", befall]);
    await lab.until("owl runs it", () => runs("owl"), 60);
    const moved = performance.now() - began;
    await lab.logged("fox", says);
    const status = JSON.parse((await lab.heartbeat("fox", ["status", "--json"])).stdout);
    assert.match(`not fit to hold resources. (${status.unfit})`, says);
    await lab.until("owl knows", async () => {
      const { nodes } = JSON.parse((await lab.heartbeat("owl", ["status", "--json"])).stdout);
      return nodes.find((node: { name: string }) => node.name === "fox").unfit === true;
    });
    await lab.holdsFor("nothing comes back", 3, () => runs("owl") && !runs("fox"));
    const repaired = performance.now();
    await lab.exec("fox", ["bash", "-ec", repair]);
    await lab.until("it is home again", () => runs("fox") && !runs("owl"), 60);
    assert.ok(performance.now() - repaired > 5500, "not before the recovery time");
    assert.deepEqual(watch.stop().overlaps, []);
    t.diagnostic(`${name}: moved after ${(moved / 1000).toFixed(1)} s, with a patience of 2 s`);
  });
