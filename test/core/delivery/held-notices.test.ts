/** A notice that a program joined or left is told when all is there that its node said before; everything else at once. */
import assert from "node:assert/strict";
import test from "node:test";
import { clientId, nodeName } from "../../../src/base/units.ts";
import type { Effect } from "../../../src/core/effect.ts";
import { heldNoticesMax, retransmitAttemptsMax } from "../../../src/core/limits.ts";
import { configure } from "../../../src/sim/cluster.ts";
import { decodePlain } from "../../../src/wire/framing.ts";
import { stringOf } from "../../../src/wire/message.ts";
import { OneNode } from "../../support/one-node.ts";

const sketch = {
  nodes: ["fox", "owl"].map((name) => ({ name, groups: [] })),
  keepalive: 1000,
  deadtime: 60_000,
  initdead: 60_000,
  autoFailback: "on",
} as const;
const config = configure(sketch, nodeName("fox"));
const program = 4711;

/** fox with a program on it; what owl says, and what the program hears of that. */
function fox() {
  const one = new OneNode({ ...config, apiAuth: new Map([["default", { uids: [0], gids: [] }]]) });
  const heard = (effects: readonly Effect[]): string[] =>
    effects.flatMap((effect) => {
      const message = effect.do === "client-send" ? decodePlain(effect.body) : undefined;
      if (message?.ok !== true || stringOf(message.value, "src") !== "owl") return [];
      return [stringOf(message.value, "n") ?? stringOf(message.value, "st") ?? ""];
    });
  one.step({ on: "start" });
  const client = clientId(1);
  one.step({ on: "client-connected", client, peer: { pid: program, uid: 0, gid: 0 } });
  const signOn = `t=hbapi-req\nreqtype=signon\nfrom_id=talk\npid=${program}\nuid=0\ngid=0\n`;
  one.step({ on: "client-frame", client, body: Buffer.from(`>>>\n${signOn}<<<\n\0`) });
  const owl = (number: number, fields: Readonly<Record<string, string>>): string[] => {
    const said = { ...fields, src: "owl", seq: number.toString(16), hg: "5", ts: "65000000", ...fields };
    return heard(one.hears(said));
  };
  return {
    says: (number: number): string[] => owl(number, { t: "talk", to_id: "talk", n: String(number) }),
    leaves: (number: number): string[] =>
      owl(number, { t: "hbapi-clstat", st: `leave ${number}`, from_id: "talk", to_id: "talk", client_gen: "0" }),
    beats: (number: number, more: Readonly<Record<string, string>> = {}): string[] =>
      owl(number, { t: "status", st: "active", dt: "ea60", protocol: "1", ...more }),
    lists: (number: number): string[] =>
      owl(number, { t: "repnodes", dest: "fox", nodelist: "fox owl ", delnodelist: " " }),
    refuses: (number: number): string[] =>
      owl(0, { t: "NS_nak_rexmit", dest: "fox", firstseq: number.toString(16), info: "seqno too low" }),
    waits: (until: number): string[] => heard(one.waits(until)),
  };
}

test("a leave waits for what was said before it, and nothing else waits", () => {
  const { says, leaves, beats } = fox();
  beats(1);
  assert.deepEqual(says(2), ["2"]);
  assert.deepEqual(leaves(5), [], "3 and 4 are on their way");
  assert.deepEqual(says(6), ["6"]);
  assert.deepEqual(says(4), ["4"]);
  assert.deepEqual(says(3), ["3", "leave 5"]);
  assert.deepEqual(leaves(7), ["leave 7"], "nothing is missing");
});

test("each waits for the holes before it only", () => {
  const { says, leaves, beats } = fox();
  beats(1);
  assert.deepEqual(leaves(5), []);
  assert.deepEqual(leaves(3), [], "2 is missing before it");
  assert.deepEqual(says(2), ["2", "leave 3"]);
  assert.deepEqual(says(4), ["4", "leave 5"]);
});

test("a message that its sender has no more is not waited for", () => {
  const { leaves, beats, refuses } = fox();
  beats(1);
  assert.deepEqual(leaves(3), []);
  assert.deepEqual(refuses(2), ["leave 3"]);
});

test("nor one that nobody answers for", () => {
  const { leaves, beats, waits } = fox();
  beats(1);
  assert.deepEqual(leaves(3), []);
  assert.deepEqual(waits(retransmitAttemptsMax * 5000 - 1000), ["leave 3"]);
});

test("what waits is told before its node is said to be dead, and before it has started anew", () => {
  const dying = fox();
  dying.beats(1, { dt: "3e8" });
  dying.lists(2);
  assert.deepEqual(dying.leaves(4), []);
  assert.deepEqual(dying.waits(1001), ["leave 4", "dead"]);
  const restarting = fox();
  restarting.beats(1);
  assert.deepEqual(restarting.leaves(3), []);
  assert.deepEqual(restarting.beats(1, { hg: "6", st: "up" }), ["leave 3", "up"]);
});

test("they do not pile up: of more than a bounded number the oldest is told", () => {
  const { leaves, beats } = fox();
  beats(1);
  for (let i = 0; i < heldNoticesMax; i++) assert.deepEqual(leaves(i + 3), []);
  assert.deepEqual(leaves(heldNoticesMax + 3), ["leave 3"]);
});
