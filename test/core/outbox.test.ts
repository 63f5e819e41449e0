/** What leaves compressed, and what is refused before it has a number. */
import assert from "node:assert/strict";
import test from "node:test";
import { Prng } from "../../src/base/prng.ts";
import { generation, instant, nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import { Outbox } from "../../src/core/outbox.ts";
import { textOf } from "../../src/wire/bytes.ts";
import { openDatagram } from "../../src/wire/framing.ts";
import { type Message, stringOf, text } from "../../src/wire/message.ts";
import { configOf } from "../support/client-cluster.ts";

const now = { instant: instant(0), wallSeconds: 1_700_000_000, load: "n/a" };
const uuid = new Uint8Array(16).fill(7);

function sent(body: Message, changes: Partial<ClusterConfig>, classicFraming = false) {
  const config = configOf("node-a", changes);
  const outbox = new Outbox(config, { uuid, generation: generation(1) }, () => undefined);
  outbox.classicFraming = classicFraming;
  const posted = outbox.post(body, now);
  if (!posted.ok) return { error: posted.error, highest: outbox.highest };
  const opened = openDatagram(posted.value.bytes, config.keys);
  assert.ok(opened.ok, "who receives it can open it");
  assert.ok(posted.value.bytes.length <= 65_507);
  const frame = textOf(posted.value.bytes);
  return { message: opened.value, frame, method: /_compression_algorithm=(\w+)/.exec(frame)?.[1] };
}

const body = (length: number): Message => [text("t", "note"), text("body", "some words ".repeat(length / 11))];
const whole = (method: "bz2" | "zlib") => ({ compression: { method, threshold: 2048, whole: true } });

for (const method of ["zlib", "bz2"] as const)
  for (const messageFormat of ["classic", "netstring"] as const)
    for (const classicFraming of [false, true])
      test(`traditional compression, ${method}, msgfmt ${messageFormat}, ${classicFraming ? "text" : "netstring"} frame`, () => {
        const changes = { ...whole(method), messageFormat };
        assert.equal(sent(body(1100), changes, classicFraming).method, undefined, "below the threshold");
        const { message = [], frame = "", method: used } = sent(body(3300), changes, classicFraming);
        assert.equal(used, method);
        assert.deepEqual(stringOf(message, "body"), stringOf(body(3300), "body"));
        assert.equal(stringOf(message, "seq"), "1");
        assert.equal(stringOf(message, "src"), nodeName("node-a"));
        assert.equal(
          stringOf(message, "auth") !== undefined,
          messageFormat === "classic",
          "signed inside like the original",
        );
        assert.doesNotMatch(frame.slice(0, 20), /t=note/);
      });

test("what fits no datagram is compressed though nobody asked, and refused without a number if that is not enough", () => {
  const { method, message = [] } = sent(body(110_000), {});
  assert.equal(method, "zlib");
  assert.equal(stringOf(message, "body")?.length, 110_000);
  const prng = new Prng(9);
  const random = Array.from({ length: 110_000 }, () => String.fromCharCode(prng.integer(33, 126))).join("");
  assert.deepEqual(sent([text("t", "note"), text("body", random)], {}), { error: "too-big", highest: 0 });
});

test("what is kept for a retransmission keeps nothing else with it", () => {
  const config = configOf("node-a", {});
  const outbox = new Outbox(config, { uuid, generation: generation(1) }, () => undefined);
  const posted = outbox.post([text("t", "note")], now);
  assert.ok(posted.ok);
  assert.equal(posted.value.bytes.buffer.byteLength, posted.value.bytes.length, "no slice of a pool");
});
