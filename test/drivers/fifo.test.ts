import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { openFifo } from "../../src/drivers/fifo.ts";
import { until } from "../support/until.ts";

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "hb-fifo-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("it is made for its owner only, and what scripts write arrives, also after others have closed it", async (t) => {
  const path = join(folder(t), "fifo");
  let heard = "";
  const fifo = openFifo(path, (bytes) => {
    heard += Buffer.from(bytes).toString();
  });
  assert.ok(fifo.ok, fifo.ok ? "" : fifo.error.says);
  t.after(() => fifo.value.close());
  assert.ok(fifo.value.created);
  assert.ok(statSync(path).isFIFO());
  assert.equal(statSync(path).mode & 0o777, 0o600);
  writeFileSync(path, ">>>\nt=one\n<<<\n");
  await until("the first message is here", () => heard.endsWith("<<<\n"));
  writeFileSync(path, "again");
  await until("and the second", () => heard === ">>>\nt=one\n<<<\nagain");
  fifo.value.close();
  fifo.value.close();
});

test("a full pipe is read in many turns of the loop, and something else has its turn in between", async (t) => {
  const path = join(folder(t), "fifo");
  const pieces: number[] = [];
  let others = 0;
  let heard = "";
  const fifo = openFifo(path, (bytes) => {
    pieces.push(bytes.length);
    heard += Buffer.from(bytes).toString();
    setImmediate(() => others++);
  });
  assert.ok(fifo.ok);
  t.after(() => fifo.value.close());
  const text = Array.from({ length: 2000 }, (_, n) => `>>>\nt=${n}\n<<<\n`).join("");
  writeFileSync(path, text);
  await until("all is here", () => heard.length === text.length);
  assert.equal(heard, text);
  assert.ok(Math.max(...pieces) <= 512, `${Math.max(...pieces)} bytes in one turn`);
  assert.ok(others >= pieces.length - 1, `${others} turns for ${pieces.length} pieces`);
});

test("one that is there is used; something else there is refused", (t) => {
  const place = folder(t);
  const path = join(place, "fifo");
  for (const created of [true, false]) {
    const fifo = openFifo(path, () => {});
    assert.ok(fifo.ok);
    assert.equal(fifo.value.created, created);
    fifo.value.close();
  }
  const plain = join(place, "plain");
  writeFileSync(plain, "");
  symlinkSync(path, join(place, "link"));
  for (const wrong of [plain, place, join(place, "link")]) {
    const fifo = openFifo(wrong, () => {});
    assert.equal(fifo.ok ? "opened" : fifo.error.says, `${wrong} is not a FIFO`);
  }
  const nowhere = openFifo("/nowhere/fifo", () => {});
  assert.equal(nowhere.ok ? "opened" : nowhere.error.code, "fifo-failed");
});
