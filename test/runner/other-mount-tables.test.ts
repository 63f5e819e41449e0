/**
 * A disk that is mounted in another process's table of mounts, too, where the unmounting of ours does not reach: the kernel goes on writing to it,
 * so that it is not stopped.
 */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { helperFlags } from "../../src/drivers/helper-process.ts";
import { deviceOf, diskAt, hasFileSystem } from "../../src/runner/block-devices.ts";
import { answers } from "../../src/runner/disk-answers.ts";
import { stillMounted } from "../../src/runner/disk-use.ts";
import { attach, command, makeDisk, prepare, program } from "../support/file-systems.ts";
import { inMountSpace } from "../support/mount-space.ts";
import { until } from "../support/until.ts";

/** As the kernel sees it: nobody has it mounted. */
function isFree(device: string): boolean {
  return spawnSync(process.execPath, ["-e", `fs.closeSync(fs.openSync("${device}", ${exclusive}))`]).status === 0;
}
const exclusive = 0o200; // O_RDONLY | O_EXCL

/** A process with a table of its own that follows ours in nothing; `script` runs in it, then `last` becomes `sleep`. */
async function apart(t: TestContext, script = "true", options = "", last = "exec sleep 60") {
  const started = program(t, `exec unshare -m --propagation private ${options} bash -c "${script}; ${last}"`);
  const comm = `/proc/${started.child.pid}/comm`;
  await until("it has a table of its own", () => readFileSync(comm, "latin1") === "sleep\n", patience);
  return { ...started, name: `sleep (${started.child.pid})` };
}
const patience = 20_000; // of a busy machine

/**
 * One whose table the file keeps. The kernel allows that for a table with a higher number than ours only, and recent ones number on each processor
 * for itself: so it may take some attempts.
 */
async function keptBy(file: string, t: TestContext) {
  for (let attempt = 0; attempt < 50; attempt++) {
    const holder = await apart(t);
    if (spawnSync("mount", ["--bind", `/proc/${holder.child.pid}/ns/mnt`, file]).status === 0) return holder;
    holder.child.kill("SIGKILL");
    await until("it has ended", holder.gone, patience);
  }
  assert.fail("the kernel lets a file keep no table of mounts");
}

/** Commands that make it a place in which programs can run. */
const rootAt = (path: string): string =>
  `mkdir -p '${path}/usr' '${path}/old'; ln -s usr/bin usr/lib usr/lib64 '${path}'; mount --bind /usr '${path}/usr'`;

async function mounted(t: TestContext) {
  const prepared = prepare(t);
  makeDisk(prepared.image);
  const device = attach(t, prepared.image);
  const args = [device, prepared.place, "ext4"];
  assert.equal(await prepared.run("start", args), 0, prepared.remarks.join("\n"));
  return { ...prepared, device, args };
}

inMountSpace(import.meta.url, {}, () => {
  test("a copy of the mount that nobody uses is unmounted, and its holder lives on", async (t) => {
    const { run, args, device, remarks } = await mounted(t);
    const holder = await apart(t);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    assert.equal(isFree(device), true, "the kernel has let go of it");
    assert.equal(holder.gone(), false);
    assert.ok(
      remarks.some((text) => /^unmounted .* for /.test(text) && text.includes(holder.name)),
      remarks.join("\n"),
    );
    assert.equal(await run("status", args), 7);
  });

  test("who uses the copy, wherever it lies, is told to end, and ended; nobody else", async (t) => {
    const { folder, place, run, args, device, remarks } = await mounted(t);
    const move = `mkdir '${folder}/data'; mount --bind '${place}' '${folder}/data'; umount '${place}'`;
    const users = {
      open: await apart(t, `exec 7>'${place}/open'`),
      stubborn: await apart(t, `trap '' TERM; exec 7>'${place}/other'`),
      elsewhere: await apart(t, `${move}; cd '${folder}/data'`),
      // The kernel lets nobody take out of such a table what came from ours.
      unprivileged: await apart(t, "true", "--user --map-root-user"),
    };
    const other = program(t, "exec sleep 60", folder);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    assert.equal(isFree(device), true, "the kernel has let go of it");
    for (const [name, { gone }] of Object.entries(users)) await until(`${name} has ended`, gone, patience);
    assert.equal(other.gone(), false);
    assert.ok(remarks.some((text) => text.startsWith("SIGTERM to users of ") && text.includes(users.open.name)));
    assert.ok(remarks.some((text) => text.startsWith("SIGKILL to users of ") && text.includes(users.stubborn.name)));
    assert.ok(
      remarks.some((text) => /^SIGTERM to those who have /.test(text) && text.includes(users.unprivileged.name)),
    );
  });

  test("a root on the disk is not unmounted, which would only let nobody write any more: its users end", async (t) => {
    const { place, run, args, device, remarks } = await mounted(t);
    const into = `cd '${place}'; pivot_root . old; umount --lazy old; exec sleep 60`;
    const container = await apart(t, rootAt(place), "", into);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    await until("it has ended", container.gone, patience);
    assert.equal(isFree(device), true);
    assert.deepEqual(remarks, [`SIGTERM to users of /: ${container.name}`]);
  });

  test("who sees it with a root of his own is ended; nothing else of that name is unmounted", async (t) => {
    const { folder, image, run, remarks } = prepare(t);
    makeDisk(image);
    const device = attach(t, image);
    const jail = join(folder, "jail");
    const seen = join(folder, "data");
    mkdirSync(seen);
    const args = [device, `${jail}${seen}`, "ext4"];
    assert.equal(await run("start", args), 0, remarks.join("\n"));
    const innocent = `mount -t tmpfs none '${seen}'`;
    const holder = await apart(t, `${rootAt(jail)}; ${innocent}`, "", `exec chroot '${jail}' sleep 60`);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    await until("it has ended", holder.gone, patience);
    assert.equal(isFree(device), true);
    assert.deepEqual(remarks, [`SIGTERM to those who have ${seen} mounted for themselves: ${holder.name}`]);
  });

  test("what is mounted over it stays; whose table it is is ended", async (t) => {
    const { place, run, args, device, remarks } = await mounted(t);
    const holder = await apart(t, `mount -t tmpfs none '${place}'`);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    await until("it has ended", holder.gone, patience);
    assert.equal(isFree(device), true);
    assert.deepEqual(remarks, [`SIGTERM to those who have ${place} mounted for themselves: ${holder.name}`]);
  });

  test("a process that is not who it was is left alone", () => {
    const table = { pid: process.pid, namespace: "mnt:[1]", mounts: [] };
    const main = fileURLToPath(new URL(`../../src/runner/disk-use-main${extname(import.meta.url)}`, import.meta.url));
    const argv = [...helperFlags, main, "unmount", JSON.stringify(table)];
    assert.equal(command(process.execPath, ...argv), `${answers.busy}`);
    const namespace = readlinkSync("/proc/self/ns/mnt");
    assert.equal(command(process.execPath, ...argv.slice(0, -1), JSON.stringify({ ...table, namespace })), "0");
  });

  test("what was unmounted by hand, but not for everybody, is not stopped; its stop ends that", async (t) => {
    const { place, run, args, device, remarks } = await mounted(t);
    const holder = await apart(t, `exec 7>'${place}/open'`);
    command("umount", place);
    assert.equal(await run("status", args), 1);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    await until("it has ended", holder.gone, patience);
    assert.equal(isFree(device), true);
    assert.equal(await run("status", args), 7);
  });

  test("what no process shows has not stopped either", async (t) => {
    const { folder, run, args, device, remarks } = await mounted(t);
    const file = join(folder, "table");
    writeFileSync(file, "");
    const holder = await keptBy(file, t);
    t.after(() => spawnSync("umount", [file]));
    holder.child.kill("SIGKILL");
    await until("it has ended", holder.gone, patience);
    assert.equal(await run("stop", args), 1);
    assert.match(remarks.at(-1) ?? "", new RegExp(`^${device} of .* is not free: its file system lives on`));
    assert.equal(await run("status", args), 1);
    const disk = diskAt(deviceOf(device) ?? "", device);
    const hands = {
      askDisk: async () => ({ code: answers.cannot, says: "" }),
      run: async () => ({ code: 1, says: "" }),
    };
    const rest = { spared: [], unreleased: new Set<string>(), remark: () => {}, signal: new AbortController().signal };
    const left = async (): Promise<number> => (await stillMounted([disk], { ...hands, ...rest })).length;
    assert.equal(await left(), 1, "where nobody may open the disk, too");
    command("umount", file);
    await until("its file system is gone for them, too", () => !hasFileSystem(disk.device), patience);
    assert.equal(await left(), 0);
    assert.equal(await run("stop", args), 0);
    assert.equal(isFree(device), true);
    assert.equal(await run("status", args), 7);
  });

  test("an image with the option loop", async (t) => {
    const { image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const args = [image, place, "ext4", "loop"];
    assert.equal(await run("start", args), 0, remarks.join("\n"));
    const users = [await apart(t, `exec 7>'${place}/open'`), await apart(t)];
    command("umount", place);
    assert.equal(await run("status", args), 1);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    const [user, holder] = users;
    await until("who used it has ended", () => user?.gone() === true, patience);
    assert.equal(holder?.gone(), false);
    assert.equal(command("losetup", "--associated", image), "");
  });

  test("the disk of a bind mount is somebody else's, and memory is no disk: copies of them harm nobody", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const behind = join(folder, "behind");
    mkdirSync(behind);
    command("mount", attach(t, image), behind);
    for (const args of [
      [behind, place, "none", "bind"],
      ["tmpfs", place, "tmpfs", "size=1M"],
    ]) {
      assert.equal(await run("start", args), 0, remarks.join("\n"));
      const holder = await apart(t, `exec 7>'${place}/open'`);
      assert.equal(await run("stop", args), 0, remarks.join("\n"));
      assert.equal(await run("status", args), 7);
      assert.equal(holder.gone(), false);
      holder.child.kill("SIGKILL");
      await until("it has ended", holder.gone, patience);
    }
    command("umount", behind);
    assert.deepEqual(remarks, []);
  });

  test("a disk that is mounted elsewhere on purpose, or taken by something else, is no business of a stop", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const device = attach(t, image);
    const elsewhere = join(folder, "elsewhere");
    mkdirSync(elsewhere);
    command("mount", device, elsewhere);
    const holder = await apart(t, `exec 7>'${elsewhere}/open'`);
    const args = [device, place, "ext4"];
    assert.equal(await run("stop", args), 0);
    assert.equal(await run("status", args), 7);
    assert.equal(holder.gone(), false);
    holder.child.kill("SIGKILL");
    await until("it has ended", holder.gone, patience);
    command("umount", elsewhere);
    // Looking whether it is free takes it for a moment, in which nobody else gets it.
    const take = `try { fs.openSync("${device}", ${exclusive}) } catch { setTimeout(take, 5) }`;
    const script = `const take = () => { ${take} }; take(); setTimeout(() => {}, 60000)`;
    const owner = program(t, `exec '${process.execPath}' -e '${script}'`);
    await until("it is taken", () => !isFree(device), patience);
    assert.equal(await run("stop", args), 0);
    assert.equal(await run("status", args), 7);
    owner.child.kill("SIGKILL");
    assert.deepEqual(remarks, []);
  });
});
