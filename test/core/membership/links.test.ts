/** How long a link lives over which nothing is heard. */
import assert from "node:assert/strict";
import test from "node:test";
import { mediumName } from "../../../src/base/units.ts";
import { foxBesideOwl, OneNode } from "../../support/one-node.ts";

const [eth0, eth1] = [mediumName("eth0"), mediumName("eth1")];
const plain = foxBesideOwl({ keepalive: 1000, deadtime: 10_000, initdead: 10_000 });
const config = { ...plain, media: [eth0, eth1].flatMap((name) => plain.media.map((medium) => ({ ...medium, name }))) };

/** fox, and what it says of owl's links; owl asks for so many milliseconds of patience. */
function fox() {
  const one = new OneNode(config);
  one.step({ on: "start" });
  let sent = 0;
  const said: string[] = [];
  const listen = (effects: ReturnType<OneNode["step"]>): void => {
    for (const effect of effects)
      if (effect.do === "log" && effect.id.startsWith("link-") && effect.text.includes("owl"))
        said.push(`${one.now} ${effect.text}`);
  };
  return {
    said,
    hears: (at: number, media: readonly (typeof eth0)[], hg: string, patience: number): void => {
      listen(one.waits(at));
      const message = { t: "status", st: "active", dt: patience.toString(16), src: "owl", hg, ts: "1" };
      sent++;
      for (const medium of media) listen(one.hears({ ...message, seq: sent.toString(16) }, medium));
    },
    waits: (until: number): void => listen(one.waits(until)),
  };
}

test("a link that is not heard again dies by the dead time of its node", () => {
  const { said, hears } = fox();
  hears(0, [eth0, eth1], "1", 10_000);
  for (let at = 1000; at <= 12_000; at += 1000) hears(at, [eth0], "1", 10_000);
  assert.deepEqual(said, ["0 Link owl:eth0 up.", "0 Link owl:eth1 up.", "10000 Link owl:eth1 dead."]);
});

test("whoever asked for patience and speaks again is waited for on his other links no longer than usual", () => {
  const { said, hears } = fox();
  hears(0, [eth0, eth1], "1", 10_000);
  hears(1000, [eth0, eth1], "1", 60_000); // it is about to start anew
  for (let at = 5000; at <= 16_000; at += 1000) hears(at, [eth0], "2", 10_000);
  assert.deepEqual(said, ["0 Link owl:eth0 up.", "0 Link owl:eth1 up.", "15000 Link owl:eth1 dead."]);
});

test("as long as it is silent it is waited for as it asked", () => {
  const { said, hears, waits } = fox();
  hears(0, [eth0, eth1], "1", 10_000);
  hears(1000, [eth0, eth1], "1", 60_000);
  waits(60_999);
  assert.deepEqual(said, ["0 Link owl:eth0 up.", "0 Link owl:eth1 up."]);
  waits(61_000);
  assert.deepEqual(said.slice(2), ["61000 Link owl:eth0 dead.", "61000 Link owl:eth1 dead."]);
});
