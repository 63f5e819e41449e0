/** Log files that never hold their writer up: order, rotation, a place that takes nothing and its count. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { QueuedFile } from "../../src/drivers/queued-file.ts";
import { until } from "../support/until.ts";

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "hb-queued-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function fileAt(path: string, mode = 0o600) {
  const troubles: string[] = [];
  const dropped = (count: number) => Buffer.from(`dropped ${count}\n`);
  const file = new QueuedFile({ path, mode, dropped, onTrouble: (says) => void troubles.push(says) });
  return { file, troubles, push: (text: string) => file.push(Buffer.from(text)) };
}

test("lines are written in their order, with the permissions that are asked for", async (t) => {
  const path = join(folderOf(t), "log");
  const { file, push } = fileAt(path);
  const lines = Array.from({ length: 5000 }, (_, n) => `line ${n}\n`);
  for (const line of lines) push(line);
  await file.end();
  assert.equal(readFileSync(path, "utf8"), lines.join(""));
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("a file that was renamed is left for a new one: at once when told so, within a second without", async (t) => {
  const path = join(folderOf(t), "log");
  const { file, push } = fileAt(path);
  push("one\n");
  await until("it is written", () => readIf(path) === "one\n");
  renameSync(path, `${path}.1`);
  file.follow();
  push("two\n");
  await until("the new file is there", () => readIf(path) === "two\n");
  renameSync(path, `${path}.2`);
  let n = 0;
  await until("it is seen without a word", () => {
    push(`${n++}\n`);
    return readIf(path) !== "";
  });
  await file.end();
  const all = readFileSync(`${path}.2`, "utf8") + readFileSync(path, "utf8");
  assert.equal(all, `two\n${Array.from({ length: n }, (_, each) => `${each}\n`).join("")}`, "no line is lost");
});

test("what a place does not take is dropped when a mebibyte waits, and counted where it takes lines again", async (t) => {
  const path = join(folderOf(t), "fifo");
  execFileSync("mkfifo", [path]);
  const { file, troubles, push } = fileAt(path);
  const line = `${"x".repeat(1023)}\n`;
  const began = performance.now();
  for (let n = 0; n < 3000; n++) push(line);
  assert.ok(performance.now() - began < 1000, "nobody waits");
  await until("that it cannot be written is told", () => troubles.length === 1);
  assert.match(troubles[0] ?? "", /^cannot write .*fifo: ENXIO/);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => closeSync(reader));
  const heard = { text: "" };
  await until("all that waited has come, and the count with the next line", () => {
    const bytes = Buffer.alloc(65_536);
    try {
      heard.text += bytes.toString("latin1", 0, readSync(reader, bytes));
    } catch {
      // Nothing there at present.
    }
    if (heard.text.length >= 1024 * 1024 && !heard.text.includes("dropped")) push("last\n");
    return heard.text.includes("dropped");
  });
  assert.match(heard.text, /\ndropped 1976\nlast\n/);
  assert.equal(troubles.length, 1);
  await file.end();
});

test("the end does not wait for a place that takes nothing", async (t) => {
  const { file, troubles, push } = fileAt(join(folderOf(t), "not", "there"));
  push("lost\n");
  await file.end();
  assert.equal(troubles.length, 1);
});

const readIf = (path: string): string => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
};
