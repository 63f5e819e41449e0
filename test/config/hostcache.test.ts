/** The lines of hostcache and delhostcache, as the original writes and reads them. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { nodeName } from "../../src/base/units.ts";
import { type HostEntry, hostcacheText, isPlainNodeName, readHostcache } from "../../src/config/hostcache.ts";

const uuid = Uint8Array.from(Buffer.from("939fd8fafe69401f9fd2fb07d55b9f51", "hex"));
const alpha: HostEntry = { name: nodeName("alpha"), uuid, weight: 100, site: "" };
/** Written by 3.0.6. */
const recorded = "alpha\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\t100\t\n";

test("what the original wrote is read, and written back to the byte", () => {
  assert.deepEqual(readHostcache(recorded), { ok: true, value: [alpha] });
  assert.equal(hostcacheText([alpha]), recorded);
  const two = `${recorded}gnu\t00000000-0000-0000-0000-000000000000\t55\tbarn\n`;
  const read = readHostcache(two);
  assert.ok(read.ok);
  assert.equal(hostcacheText(read.value), two);
});

test("older files without weight and site", () => {
  for (const text of [
    "ALPHA\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\n",
    recorded.replace("\t\n", "\n"),
    `\n${recorded}\n`,
  ])
    assert.deepEqual(readHostcache(text), { ok: true, value: [alpha] }, text);
  assert.deepEqual(readHostcache(""), { ok: true, value: [] });
});

test("one bad line is told and spoils the file", () => {
  const bad = [
    "fox\tnonsense\t100\t",
    "fox",
    "\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\t100\t",
    "a b\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\t100\t",
    "fox\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\tmuch\t",
    "fox\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\t1\tx\ty",
    `${"x".repeat(100)}\t939fd8fa-fe69-401f-9fd2-fb07d55b9f51\t1\t`,
  ];
  for (const line of bad) assert.deepEqual(readHostcache(`${recorded}${line}\n`), { ok: false, error: line });
  assert.equal(readHostcache(recorded.repeat(101)).ok, false);
});

test("whatever a site and a name are, the file is read back; nothing makes a second line", () => {
  const name = fc.string({ minLength: 1, maxLength: 99, unit: "binary-ascii" }).filter(isPlainNodeName);
  const entry = fc.record({
    name: name.map((text) => nodeName(text.toLowerCase())),
    uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    weight: fc.integer({ min: -1000, max: 1_000_000 }),
    site: fc.string({ unit: "binary-ascii", maxLength: 400 }),
  });
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 100 }), (entries) => {
      const text = hostcacheText(entries);
      const read = readHostcache(text);
      assert.ok(read.ok, text);
      assert.equal(read.value.length, entries.length);
      assert.equal(hostcacheText(read.value), text);
    }),
    { numRuns: 100 },
  );
});
