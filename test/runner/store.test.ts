import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { Store } from "../../src/runner/store.ts";

test("files are written whole, in their last version; what cannot be written is told, and the rest goes on", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "store-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const told: string[] = [];
  const store = new Store((path, says) => told.push(`${path} ${says}`));
  const file = join(folder, "hostcache");
  for (let i = 0; i <= 100; i++) store.push(file, `version ${i} \xe9\n`);
  store.push(join(folder, "missing", "x"), "nothing");
  store.push(join(folder, "other"), "other");
  await store.done();
  assert.deepEqual(readFileSync(file), Buffer.from("version 100 \xe9\n", "latin1"));
  assert.deepEqual(readdirSync(folder).sort(), ["hostcache", "other"]);
  assert.equal(told.length, 1);
  assert.match(told[0] ?? "", /missing.x ENOENT/);
  store.push(file, "again");
  await store.done();
  assert.equal(readFileSync(file, "utf8"), "again");
});
