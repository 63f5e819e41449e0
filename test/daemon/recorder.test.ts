import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import fc from "fast-check";
import { clientId, instant, mediumName } from "../../src/base/units.ts";
import { Recorder, recordedBytesMax, recordedMax } from "../../src/daemon/recorder.ts";

const at = (n: number) => ({ instant: instant(n), wallSeconds: 0, load: "n/a" });

test("the last inputs are kept, older ones fall out", () => {
  const recorder = new Recorder();
  for (let level = 0; level < 3 * recordedMax; level++) recorder.record({ on: "debug-level", level }, at(level));
  const lines = recorder.text({}).trim().split("\n");
  assert.equal(lines.length, recordedMax + 1);
  assert.equal(JSON.parse(lines.at(-1) ?? "").input.level, 3 * recordedMax - 1);
});

test("a dump is for root only, and the one before it is kept", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "hb-recorder-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "crash.jsonl");
  for (const says of ["first", "second", "third"]) new Recorder().dump(path, { says });
  assert.equal(readFileSync(path, "utf8"), '{"says":"third"}\n');
  assert.equal(readFileSync(`${path}.1`, "utf8"), '{"says":"second"}\n');
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("large datagrams shorten the memory instead of filling it", () => {
  const recorder = new Recorder();
  for (let n = 0; n < recordedMax; n++)
    recorder.record({ on: "datagram", medium: mediumName("eth0"), bytes: new Uint8Array(64 * 1024) }, at(n));
  // One less than bytes alone would allow: the words about them take room, too.
  assert.equal(recorder.text({}).trim().split("\n").length, recordedBytesMax / (64 * 1024));
});

test("whatever the sizes, the history has no gap and ends with the last input", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(300_000), { minLength: 1, maxLength: 40 }), (sizes) => {
      const recorder = new Recorder();
      sizes.forEach((size, n) => {
        recorder.record({ on: "control-message", bytes: new Uint8Array(size).fill(n) }, at(n));
      });
      const kept = recorder
        .text({})
        .trim()
        .split("\n")
        .slice(1)
        .map((line) => JSON.parse(line));
      assert.ok(kept.length > 0);
      kept.reverse().forEach(({ now, input }, back) => {
        const n = sizes.length - 1 - back;
        assert.equal(now.instant, n);
        assert.ok(Buffer.from(input.bytes.base64, "base64").equals(new Uint8Array(sizes[n] ?? 0).fill(n)));
      });
    }),
    { numRuns: 100 },
  );
});

test("what is too large for the memory is told, and the history goes on", () => {
  const recorder = new Recorder();
  recorder.record({ on: "debug-level", level: 1 }, at(1));
  recorder.record({ on: "control-message", bytes: new Uint8Array(recordedBytesMax) }, at(2));
  recorder.record({ on: "debug-level", level: 3 }, at(3));
  const inputs = recorder
    .text({})
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => JSON.parse(line).input);
  assert.deepEqual(inputs, [
    { on: "debug-level", level: 1 },
    { on: "control-message", says: "too large to be kept" },
    { on: "debug-level", level: 3 },
  ]);
});

test("what is recorded is what was heard, whatever becomes of its memory", () => {
  const recorder = new Recorder();
  const shared = new Uint8Array(8192);
  const said: string[] = [];
  for (let i = 0; i < 700; i++) {
    const length = i % 100 === 99 ? 8000 : 100 + (i % 7);
    const bytes = shared.subarray(0, length).fill(i % 251);
    said.push(Buffer.from(bytes).toString("base64"));
    recorder.record({ on: "client-frame", client: clientId(1), body: bytes }, at(i));
  }
  shared.fill(255);
  const kept = recorder.text({}).trim().split("\n").slice(1);
  assert.deepEqual(
    kept.map((line) => JSON.parse(line).input.body.base64),
    said,
  );
});
