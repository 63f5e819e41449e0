import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { nodeName } from "../../src/base/units.ts";
import { claimPidFile, nextGeneration, ownUuid, writeAtomically } from "../../src/drivers/files.ts";
import { uuidText } from "../../src/wire/uuid.ts";

const folder = mkdtempSync(join(tmpdir(), "hb-files-"));
after(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string) => join(folder, name);
const now = 1_795_429_248;

test("generation: missing starts from the time, then counts; the file has the original's form", () => {
  const file = path("hb_generation");
  assert.deepEqual(nextGeneration(file, "file", now), { generation: now + 1, previous: "missing" });
  assert.equal(readFileSync(file, "latin1"), "     1795429249\n");
  assert.deepEqual(nextGeneration(file, "file", now), { generation: now + 2, previous: "found" });
  assert.equal(statSync(file).mode & 0o777, 0o644);
});

for (const [text, previous] of [
  ["", "missing"],
  ["garbage\n", "broken"],
  ["12x\n", "broken"],
  ["9999999999999999999999\n", "broken"],
] as const)
  test(`generation: ${JSON.stringify(text)} starts from the time`, () => {
    writeFileSync(path("broken"), text);
    assert.deepEqual(nextGeneration(path("broken"), "file", now), { generation: now + 1, previous });
  });

test("generation: by time no file is touched; where none can be written it is the time", () => {
  assert.deepEqual(nextGeneration(path("none"), "time", now), { generation: now, previous: "unused" });
  assert.equal(existsSync(path("none")), false);
  const result = nextGeneration("/nowhere/hb_generation", "file", now);
  assert.equal(result.unstored?.code, "file-failed");
  assert.equal(result.generation, now + 1);
});

test("generation: a start that nobody could store is behind the next one that is stored; a clock that went back changes nothing", () => {
  const file = path("remounted");
  nextGeneration(file, "file", now);
  const unstored = nextGeneration("/nowhere/hb_generation", "file", now + 5000);
  const stored = nextGeneration(file, "file", now + 6000);
  assert.ok(stored.generation > unstored.generation, `${stored.generation} after ${unstored.generation}`);
  assert.deepEqual(nextGeneration(file, "file", now - 9000), { generation: stored.generation + 1, previous: "found" });
});

test("identity: made once, then the same; damaged ones are replaced; by name no file is touched", () => {
  const file = path("hb_uuid");
  const fox = nodeName("fox");
  const first = ownUuid(file, "file", fox);
  assert.ok(first.created);
  assert.deepEqual(ownUuid(file, "file", fox), { uuid: first.uuid, created: false });
  assert.equal(statSync(file).size, 16);
  for (const damaged of ["short", "\0".repeat(16)]) {
    writeFileSync(file, damaged);
    const again = ownUuid(file, "file", fox);
    assert.ok(again.created);
  }
  const named = ownUuid(path("unused"), "nodename", nodeName("alpha"));
  assert.equal(uuidText(named.uuid), "cc301fda-9190-a843-de51-a987ec340ccc");
  assert.equal(existsSync(path("unused")), false);
});

test("pid file: entered in the original's form; a living owner refuses, a stale or broken one is replaced", () => {
  const file = path("pid");
  assert.equal(
    claimPidFile(file, 200, () => false),
    undefined,
  );
  assert.equal(readFileSync(file, "latin1"), "       200\n");
  assert.equal(
    claimPidFile(file, 200, () => true),
    undefined,
    "our own",
  );
  assert.equal(claimPidFile(file, 300, (pid) => pid === 200)?.says, "heartbeat: already running [pid 200].");
  assert.equal(readFileSync(file, "latin1"), "       200\n");
  for (const stale of ["       200\n", "", "x\n", "-1\n"]) {
    writeFileSync(file, stale);
    assert.equal(
      claimPidFile(file, 300, () => false),
      undefined,
    );
    assert.equal(readFileSync(file, "latin1"), "       300\n");
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith("pid")),
    ["pid"],
  );
  assert.equal(claimPidFile("/nowhere/pid", 1, () => false)?.code, "file-failed");
});

test("a file is replaced whole, and a failure leaves nothing behind", () => {
  const file = path("whole");
  assert.equal(writeAtomically(file, Buffer.from("old"), 0o644), undefined);
  assert.equal(writeAtomically(file, Buffer.from("newer"), 0o600), undefined);
  assert.equal(readFileSync(file, "latin1"), "newer");
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.equal(writeAtomically(folder, Buffer.from("x"), 0o600)?.code, "file-failed");
  assert.equal(existsSync(`${folder}.tmp`), false);
});

test("identity: where none can be stored it is the name's, at every start the same", () => {
  const first = ownUuid("/nowhere/hb_uuid", "file", nodeName("alpha"));
  assert.equal(first.unstored?.code, "file-failed");
  assert.equal(uuidText(first.uuid), "cc301fda-9190-a843-de51-a987ec340ccc");
});
