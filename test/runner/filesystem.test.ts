/** The built-in Filesystem with real file systems: ext4 on loop devices, a bind mount, one in memory, and processes that hold them. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { isMounted } from "../../src/runner/disk-probe.ts";
import { attach, command, makeDisk, prepare, program } from "../support/file-systems.ts";
import { inMountSpace } from "../support/mount-space.ts";
import { until } from "../support/until.ts";

const mapsOf = ({ pid }: ChildProcess): string => readFileSync(`/proc/${pid}/maps`, "latin1");

inMountSpace(import.meta.url, {}, () => {
  test("a disk is mounted, seen, and unmounted; each twice does no harm", async (t) => {
    const { image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const args = [attach(t, image), place, "ext4", "noatime"];
    assert.equal(await run("status", args), 7);
    assert.equal(await run("stop", args), 0);
    for (let i = 0; i < 2; i++) {
      assert.equal(await run("start", args), 0, remarks.join("\n"));
      assert.equal(await isMounted(place), true);
      assert.equal(await run("status", args), 0);
    }
    assert.match(command("findmnt", "-n", "-o", "OPTIONS", place), /noatime/);
    writeFileSync(join(place, "kept"), "yes");
    for (let i = 0; i < 2; i++) assert.equal(await run("stop", args), 0);
    assert.equal(await run("status", args), 7);
    assert.equal(existsSync(join(place, "kept")), false);
    assert.equal(await run("start", args.slice(0, 2)), 0, "the type may be left out: then it is checked before");
    assert.equal(readFileSync(join(place, "kept"), "utf8"), "yes");
    assert.equal(await run("stop", args), 0);
    assert.deepEqual(remarks, []);
  });

  test("an image with the option loop, under a name that is a link, by a script's own words", async (t) => {
    const { folder, image, place, run } = prepare(t);
    makeDisk(image);
    mkdirSync(place);
    const link = join(folder, "link");
    symlinkSync(place, link);
    const args = [image, `${link}/`, "ext4", "loop,ro"];
    assert.equal(await run("start", args), 0);
    assert.equal(await isMounted(place), true);
    assert.equal(await run("status", args), 0);
    assert.equal(await run("stop", args), 0);
    assert.equal(await isMounted(place), false);
    await until("its loop device is gone, too", () => !command("losetup", "--associated", image).includes("loop"));
  });

  test("a disk by its label, written as for mount", async (t) => {
    const { image, place, run, remarks } = prepare(t);
    const label = `hb${process.pid}${Date.now() % 1_000_000}`;
    makeDisk(image, label);
    attach(t, image);
    for (const device of [`-L${label}`, `LABEL=${label}`]) {
      assert.equal(await run("start", [device, place, "ext4"]), 0, remarks.join("\n"));
      assert.equal(await run("stop", [device, place, "ext4"]), 0);
    }
  });

  test("who uses it is told to end, and ended; nobody else", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const args = [attach(t, image), place, "ext4"];
    assert.equal(await run("start", args), 0);
    command("cp", "/bin/sleep", join(place, "sleep"));
    const users = {
      inside: program(t, "sleep 60 & wait", place),
      open: program(t, `exec 7>'${place}/open'; sleep 60 & wait`),
      stubborn: program(t, `trap '' TERM; exec 7>'${place}/open'; touch '${folder}/ready'; while :; do sleep 1; done`),
      running: program(t, `exec '${place}/sleep' 60`),
      listening: program(t, `exec '${process.execPath}' -e 'net.createServer().listen("${place}/socket")'`),
    };
    const other = program(t, "exec sleep 60", folder);
    await until("the stubborn one is ready", () => existsSync(join(folder, "ready")));
    await until("the socket is there", () => existsSync(join(place, "socket")));
    const from = performance.now();
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    t.diagnostic(`unmounted after ${((performance.now() - from) / 1000).toFixed(1)} s`);
    assert.equal(await isMounted(place), false);
    for (const [name, { gone }] of Object.entries(users)) await until(`${name} has ended`, gone);
    assert.equal(other.gone(), false);
    assert.ok(remarks.some((text) => /^SIGTERM to users of .*: .*bash \(\d+\)/.test(text)));
    assert.ok(remarks.some((text) => /^SIGKILL to users of /.test(text)));
  });

  test("a user in a mount table of its own counts, too, and so does one that has only memory of it", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const args = [attach(t, image), place, "ext4"];
    command("mount", "--make-rshared", "/");
    assert.equal(await run("start", args), 0);
    const [, library = ""] = /(\S+\/libm\.so\S*)$/m.exec(readFileSync("/proc/self/maps", "latin1")) ?? [];
    command("cp", library, join(place, "library.so"));
    symlinkSync(place, join(folder, "link")); // a path with a blank would be two
    const mapper = program(t, `LD_PRELOAD='${folder}/link/library.so' exec sleep 60`);
    const apart = program(
      t,
      `exec unshare -m --propagation slave bash -c "exec 7>'${place}/open'; touch '${folder}/apart'; sleep 60 & wait"`,
    );
    await until(
      "both are ready",
      () => existsSync(join(folder, "apart")) && mapsOf(mapper.child).includes("library.so"),
    );
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    assert.equal(await isMounted(place), false);
    await until("the one with a table of its own has ended", apart.gone);
    await until("the one with a mapping has ended", mapper.gone);
  });

  test("a bind mount ends only its own users, not those of the disk behind it", async (t) => {
    const { folder, place, run, remarks } = prepare(t);
    const behind = join(folder, "behind");
    mkdirSync(behind);
    const args = [behind, place, "none", "bind"];
    assert.equal(await run("start", args), 0, remarks.join("\n"));
    assert.equal(await run("status", args), 0);
    const user = program(t, "exec sleep 60", place);
    const other = program(t, "exec sleep 60", behind);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    await until("its user has ended", user.gone);
    assert.equal(other.gone(), false);
  });

  test("a bind mount of a whole file system leaves that where it is, and its users", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const behind = join(folder, "whole");
    mkdirSync(behind);
    command("mount", attach(t, image), behind);
    const other = program(t, "exec sleep 60", behind);
    try {
      const args = [behind, place, "none", "bind"];
      assert.equal(await run("start", args), 0, remarks.join("\n"));
      assert.equal(await run("stop", args), 0, remarks.join("\n"));
      assert.equal(await isMounted(place), false);
      assert.equal(await isMounted(behind), true);
      assert.equal(other.gone(), false);
    } finally {
      other.child.kill("SIGKILL");
      await until("it has ended", other.gone);
      command("umount", behind);
    }
  });

  test("what is mounted below it, or elsewhere of the same disk, goes with it", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const args = [attach(t, image), place, "ext4"];
    assert.equal(await run("start", args), 0);
    mkdirSync(join(place, "below"));
    mkdirSync(join(folder, "elsewhere"));
    command("mount", "-t", "tmpfs", "none", join(place, "below"));
    command("mount", "--bind", place, join(folder, "elsewhere"));
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    for (const left of [place, join(place, "below"), join(folder, "elsewhere")])
      assert.equal(await isMounted(left), false, left);
    mkdirSync(join(place, "below"));
    command("mount", "-t", "tmpfs", "none", join(place, "below"));
    assert.equal(await run("start", args), 6, "it would hide another one");
    assert.match(remarks.at(-1) ?? "", /is mounted below/);
    command("umount", join(place, "below"));
  });

  test("of two mounts at one place both go, and the disk's other places", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    makeDisk(image);
    const args = [attach(t, image), place, "ext4"];
    assert.equal(await run("start", args), 0);
    mkdirSync(join(folder, "elsewhere"));
    command("mount", "--bind", place, join(folder, "elsewhere"));
    command("mount", "-t", "tmpfs", "none", place);
    assert.equal(await run("stop", args), 0, remarks.join("\n"));
    for (const left of [place, join(folder, "elsewhere")]) assert.equal(await isMounted(left), false, left);
  });

  test("one in memory needs no device", async (t) => {
    const { place, run, remarks } = prepare(t);
    const args = ["tmpfs", place, "tmpfs", "size=1M"];
    assert.equal(await run("start", args), 0, remarks.join("\n"));
    assert.equal(await run("stop", args), 0);
  });

  test("what cannot be mounted says why", async (t) => {
    const { folder, image, place, run, remarks } = prepare(t);
    command("truncate", "-s", "1M", image);
    assert.equal(await run("start", [attach(t, image), place, "ext4"]), 1);
    assert.match(remarks.at(-1) ?? "", /^mount ended with code \d+: .*(?:wrong fs type|bad superblock)/s);
    assert.equal(await run("start", ["/dev/hb-nowhere/disk", place, "ext4"]), 5);
    assert.equal(remarks.at(-1), "there is no device /dev/hb-nowhere/disk");
    writeFileSync(join(folder, "file"), "");
    assert.equal(await run("start", [attach(t, image), join(folder, "file"), "ext4"]), 5);
  });
});
