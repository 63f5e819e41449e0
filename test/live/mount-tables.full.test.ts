/**
 * A shared disk moves from one node to the other while processes of the first have it mounted in tables of their own: at no moment may the kernel have
 * the file system for both.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import test, { type TestContext } from "node:test";
import { diskScript, image } from "../support/lab/shared-disk.ts";
import { Watch } from "../support/lab/watch.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const address = "10.77.0.101";
const place = "/srv";

async function move(t: TestContext): Promise<void> {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: `fox ${address}/24/eth0 shareddisk Filesystem::/dev/shared::${place}::ext4`,
    sharedDisk: 32,
    haCf: ["keepalive 250ms", "warntime 2", "deadtime 4", "initdead 8"],
  });
  for (const node of ["fox", "owl"]) {
    await lab.machine(node).write("/etc/ha.d/resource.d/shareddisk", diskScript, "755");
    await lab.machine(node).write(`${place}/.empty`, "");
  }
  const made = await lab.exec("fox", ["mkfs.ext4", "-q", "-F", image], 60);
  assert.equal(made.code, 0, made.stderr);
  await lab.start();
  const has = (node: string): boolean =>
    readFileSync(`/proc/${lab.machine(node).pid}/mounts`, "latin1").includes(` ${place} ext4 `);
  await lab.until("fox has it", () => has("fox"), 60);
  const apart = (script: string): Promise<unknown> =>
    lab.exec("fox", [
      ...["bash", "-c"],
      `setsid unshare -m --propagation private bash -c '${script}; touch /run/apart-$$; exec sleep 600' </dev/null >/dev/null 2>&1 &`,
    ]);
  await apart(`exec 7>${place}/open`);
  await apart("true");
  const ready = async (): Promise<boolean> =>
    (await lab.exec("fox", ["sh", "-c", "ls /run/apart-*"])).stdout.split("\n").length > 2;
  await lab.until("both have a table of their own", ready, 20);

  const lives = (node: string): boolean => {
    try {
      return existsSync(`/sys/fs/ext4/${basename(readlinkSync(`/proc/${lab.machine(node).pid}/root/dev/shared`))}`);
    } catch {
      return false; // it has no disk
    }
  };
  assert.deepEqual([lives("fox"), lives("owl")], [true, false]);
  const watch = new Watch(() => ["fox", "owl"].filter(lives));
  await lab.tool("fox", "hb_standby", "all");
  await lab.until("owl has it", () => lives("owl") && has("owl"), 60);
  const { overlaps, looks } = watch.stop();
  assert.deepEqual(overlaps, []);
  await lab.logged("fox", /SIGTERM to users of \/srv: sleep \(\d+\)/);
  await lab.logged("fox", /unmounted \/srv for sleep \(\d+\)/);
  t.diagnostic(`${looks} looks: ${watch.history.join(" -> ")}`);
}

const name = "a disk that processes have mounted for themselves is never in two kernels at once";
for (const run of rows([move], () => false)) test(name, run);
