/**
 * Real services through random faults: nginx and MariaDB on one shared disk behind one address. Whatever happens, the disk is never
 * mounted twice, and no row is lost that a client was told is there.
 */
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Prng } from "../../src/base/prng.ts";
import {
  address,
  checkDisk,
  holder,
  insertRows,
  place,
  query,
  serviceCluster,
  webAnswers,
} from "../support/lab/real-services.ts";
import { cutDisk } from "../support/lab/shared-disk.ts";
import type { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const other = (node: string): string => (node === "fox" ? "owl" : "fox");

/** What happens to the node that runs everything; returns when the cluster can be expected to settle. */
const faults: Readonly<Record<string, (lab: Lab, node: string) => Promise<void>>> = {
  crash: async (lab, node) => {
    await lab.cut(node);
    cutDisk(lab.machine(node), place);
    await lab.crash(node);
    await lab.until("the other one has it", () => holder(lab) === other(node), 40);
    await lab.start(node); // and home it goes, if it was fox
  },
  "kill -9": async (lab, node) => {
    await lab.kill9(node);
    await lab.until("the other one has it", () => holder(lab) === other(node), 40);
    await lab.start(node);
  },
  standby: async (lab, node) => {
    await lab.tool(node, "hb_standby", "all");
    await lab.until("the other one has it", () => holder(lab) === other(node), 40);
  },
  "take-over": async (lab, node) => {
    await lab.tool(other(node), "hb_takeover", "all");
    await lab.until("the other one has it", () => holder(lab) === other(node), 40);
  },
  "stop and start": async (lab, node) => {
    await lab.stop(node);
    await lab.until("the other one has it", () => holder(lab) === other(node), 40);
    await lab.start(node);
  },
};

async function rounds(t: TestContext, count: number): Promise<void> {
  const seed = Number(process.env["HEARTBEAT_TEST_SEED"] ?? Date.now() % 1_000_000);
  t.diagnostic(`HEARTBEAT_TEST_SEED=${seed}`);
  const prng = new Prng(seed);
  await using lab = await serviceCluster();
  const watch = lab.watchMounts(place);
  await lab.start();
  await lab.until("fox runs the group", () => holder(lab) === "fox", 60);
  const acknowledged: number[] = [];
  const played: string[] = [];
  const deck = [...Object.keys(faults), "crash"]; // in any order, but none is left out
  for (let round = 0; round < count; round++) {
    const node = holder(lab) ?? "";
    const [kind = "crash"] = deck.splice(prng.integer(0, deck.length - 1), 1);
    if (deck.length === 0) deck.push(...Object.keys(faults), "crash");
    played.push(`${kind} of ${node}`);
    const writing = insertRows(lab, (acknowledged.at(-1) ?? 0) + 1000, 2);
    await new Promise((resolve) => setTimeout(resolve, prng.integer(200, 1200)));
    await faults[kind]?.(lab, node);
    const written = await writing;
    assert.ok(written.length > 0, `round ${round}: nothing was acknowledged`);
    acknowledged.push(...written);
    await atRest(lab);
    const stored = new Set((await query(lab, "select id from t.seen"))?.map(Number));
    const lost = acknowledged.filter((id) => !stored.has(id));
    assert.deepEqual(lost, [], `round ${round} (${played.at(-1)}): rows were acknowledged and are gone`);
    assert.deepEqual(await query(lab, "check table t.seen extended"), ["t.seen\tcheck\tstatus\tOK"]);
    assert.equal(await webAnswers(lab), true, "the web server answers with the file on the disk");
    assert.equal(await checkDisk(lab, holder(lab) ?? ""), "", `round ${round} (${played.at(-1)}): e2fsck`);
  }
  const { overlaps, looks } = watch.stop();
  assert.deepEqual(overlaps, [], "the disk was mounted twice");
  t.diagnostic(`${count} rounds, ${acknowledged.length} rows, ${looks} looks at the mounts: ${played.join(", ")}`);
}

/** Both nodes are there, and the group has stopped moving: a failback may follow what a fault began. */
async function atRest(lab: Lab): Promise<void> {
  for (const node of ["fox", "owl"])
    await lab.until(`${node} is at rest`, async () => /^(?:all|local|foreign|none)$/.test(await lab.holds(node)), 40);
  let since = performance.now();
  let last = holder(lab);
  await lab.until(
    "the group rests on one node, and its database answers",
    async () => {
      const now = holder(lab);
      if (now !== last || now === undefined) since = performance.now();
      last = now;
      return performance.now() - since > 1000 && (await query(lab, "select 1")) !== undefined;
    },
    60,
  );
}

/** The watch and e2fsck must be able to see what they are for. */
async function forcedDoubleStart(t: TestContext): Promise<void> {
  await using lab = await serviceCluster();
  const watch = lab.watchMounts(place);
  const steal = `/etc/ha.d/resource.d/shareddisk start && mount -t ext4 /dev/shared ${place}`;
  const write = `for i in $(seq 1 200); do head -c 9000 /dev/zero > ${place}/www/$(uname -n).$i || exit 1; done; sync`;
  const run = (node: string, script: string) => lab.exec(node, ["bash", "-c", script]);
  for (const node of ["fox", "owl"]) assert.equal((await run(node, steal)).code, 0, "the kernel does not refuse it");
  const written = [await run("fox", write), await run("owl", write)];
  for (const node of ["fox", "owl"]) await run(node, `umount ${place}`);
  const { overlaps } = watch.stop();
  assert.ok(
    overlaps.some(({ owners }) => owners.join() === "fox,owl"),
    "the watch sees two mounts",
  );
  await run("fox", `e2fsck -fy /shared/disk.img; mount -t ext4 /dev/shared ${place}`);
  const { stdout } = await run("fox", `find ${place} -name 'fox.*' -o -name 'owl.*'`);
  const found = stdout.split("\n").length - 1;
  const failures = written.filter(({ code }) => code !== 0);
  assert.ok(failures.length > 0 || found < 400, "two mounts did no damage: this disk cannot show what it is for");
  t.diagnostic(`${failures.map(({ stderr }) => stderr.trim()).join()} ${found} of 400 files are left`);
  assert.equal(lab.hasAddress("fox", address), false);
}

const stories = [
  { name: "two mounts at once, forced, are seen and do damage", usual: true, run: forcedDoubleStart },
  { name: "10 rounds", usual: true, run: (t: TestContext) => rounds(t, 10) },
  { name: "50 rounds", usual: false, run: (t: TestContext) => rounds(t, 50) },
];

describe("nginx and MariaDB on a shared disk", { concurrency: true }, () => {
  for (const { name, run } of rows(stories, ({ usual }) => usual)) test(name, run);
});
