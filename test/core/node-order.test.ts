/** What follows from carrying out an order comes after the other orders of the same step. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName } from "../../src/base/units.ts";
import type { Input } from "../../src/core/input.ts";
import { Node } from "../../src/core/node.ts";
import { openDatagram, sealDatagram } from "../../src/wire/framing.ts";
import { stringOf, text } from "../../src/wire/message.ts";
import { foxBesideOwl } from "../support/one-node.ts";

const config = foxBesideOwl({ keepalive: 1000, deadtime: 5000, initdead: 5000 });

test("without a single group the goodbye is still the last word of a stop", () => {
  const node = new Node({
    config,
    identity: { uuid: new Uint8Array(16).fill(7), generation: generation(1) },
    seed: 1,
    pid: 1,
    version: "4",
  });
  const step = (input: Input): string[] =>
    node.step(input, { instant: instant(0), wallSeconds: 1_700_000_000, load: "n/a" }).flatMap((effect) => {
      if (effect.do !== "transmit") return [];
      const opened = openDatagram(effect.bytes, config.keys);
      assert.ok(opened.ok);
      return [`${stringOf(opened.value, "t")} ${stringOf(opened.value, "info") ?? ""}`.trim()];
    });
  let seq = 0;
  const hear = (...words: [string, string][]): string[] => {
    const common: [string, string][] = [
      ["src", "owl"],
      ["seq", String(++seq)],
      ["hg", "1"],
      ["ts", "1"],
    ];
    const bytes = sealDatagram(
      [...words, ...common].map(([name, value]) => text(name, value)),
      config.keys,
      "classic",
    );
    assert.ok(bytes.ok);
    return step({ on: "datagram", medium: mediumName("eth0"), bytes: bytes.value });
  };
  step({ on: "start" });
  hear(["t", "status"], ["st", "active"]);
  hear(["t", "repnodes"], ["dest", "fox"]);
  hear(["t", "resource"], ["rsc_hold", "local"], ["rtype", "full"], ["isstable", "1"]);
  const said = step({ on: "stop" }).filter((each) => each !== "status");
  assert.deepEqual(said, ["resource shutdown", "shutdone"]);
});
