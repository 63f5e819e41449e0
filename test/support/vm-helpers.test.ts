/** The pure parts of the virtual machines' harness: they run with every test, the machines themselves only with `npm run test:vm`. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { ConsoleText } from "./vm/console-text.ts";
import { cpioArchive } from "./vm/cpio.ts";
import { Frames } from "./vm/frames.ts";
import { dependsOf, inLoadingOrder, modulesDep } from "./vm/modules.ts";

test("an archive holds directories before files, modes, links, and of two of a name the last", () => {
  const archive = cpioArchive([
    { path: "/a/b/old", content: Buffer.from("1") },
    { path: "/a/b/old", content: Buffer.from("hello"), mode: 0o755 },
    { path: "/bin/sh", link: "/bin/busybox" },
  ]);
  assert.equal(archive.length % 4, 0);
  const seen: string[] = [];
  for (let at = 0; at < archive.length; ) {
    const field = (n: number): number =>
      Number.parseInt(archive.toString("latin1", at + 6 + 8 * n, at + 14 + 8 * n), 16);
    assert.equal(archive.toString("latin1", at, at + 6), "070701");
    const [mode, size, nameSize] = [field(1), field(6), field(11)];
    const name = archive.toString("latin1", at + 110, at + 110 + nameSize - 1);
    const body = at + Math.ceil((110 + nameSize) / 4) * 4;
    seen.push(`${name} ${mode.toString(8)} ${archive.toString("latin1", body, body + size)}`.trim());
    at = body + Math.ceil(size / 4) * 4;
  }
  const expected = ["a 40755", "a/b 40755", "bin 40755", "a/b/old 100755 hello", "bin/sh 120777 /bin/busybox"];
  assert.deepEqual(seen, [...expected, "TRAILER!!! 0"]);
});

test("modules are loaded after what they need", () => {
  const files = new Map([
    ["net", "\0license=GPL\0depends=ring,core\0"],
    ["ring", "\0depends=\0"],
    ["core", "\0depends=ring\0"],
  ]);
  const read = (name: string): Buffer => Buffer.from(files.get(name) ?? "", "latin1");
  assert.deepEqual(dependsOf(read("net")), ["ring", "core"]);
  assert.deepEqual(dependsOf(Buffer.from("no such word")), []);
  assert.deepEqual(inLoadingOrder(["net"], read), ["ring", "core", "net"]);
  assert.equal(modulesDep(["ring", "net"], read), "ring.ko:\nnet.ko: core.ko ring.ko\n");
});

test("a stream is cut into whole frames, however it arrives", () => {
  const frame = (text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(text.length);
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const stream = Buffer.concat([frame("one"), frame(""), frame("three")]);
  for (let size = 1; size <= stream.length; size++) {
    const frames = new Frames();
    const got: string[] = [];
    for (let at = 0; at < stream.length; at += size)
      got.push(...frames.push(stream.subarray(at, at + size)).map((each) => each.toString("latin1", 4)));
    assert.deepEqual(got, ["one", "", "three"]);
  }
  assert.throws(() => new Frames().push(Buffer.from([255, 0, 0, 0])), /a frame of/);
});

test("a console's lines come without what steers a terminal", () => {
  const text = new ConsoleText();
  assert.deepEqual(text.push(Buffer.from("\x1b[2Jone\r\ntw")), ["one"]);
  assert.deepEqual(text.push(Buffer.from("o\r\n\r\n")), ["two"]);
});

test("no other run includes the virtual machines, and their own includes nothing else", () => {
  const list = (...options: string[]): string =>
    spawnSync(process.execPath, ["scripts/test.mjs", "--list", ...options], { encoding: "utf8" }).stdout;
  assert.doesNotMatch(list(), /test\/vm\//);
  assert.doesNotMatch(list("--full"), /test\/vm\//);
  assert.match(list("--vm"), /^vm +test\/vm\/watchdog\.test\.ts\n$/);
});
