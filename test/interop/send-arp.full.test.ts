/**
 * `SendArp` of haresources, as the neighbours see it: the frames on the wire, of ours and of the original's script beside it.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { type ArpFrame, recordFrames } from "../support/lab/frames.ts";
import { Lab } from "../support/lab.ts";

const ours = { node: "fox", ip: "10.77.0.150", mac: "02:00:00:00:00:01" };
const next = { ...ours, node: "cat", mac: "02:00:00:00:00:02" };
/** Its daemon is not started: under load an original now and then loses an order of its own, and with it the start. */
const theirs = { node: "owl", ip: "10.77.0.151", mac: "02:00:00:00:00:03" };
const neither = "10.77.0.152";
const everybody = "ff:ff:ff:ff:ff:ff";
const request = 1;
/** After the first frame, in milliseconds: when ours announces again. */
const again = [50, 300, 1300, 3300];

/** What a neighbour learns from a frame: on which wire address it came, whose address that says to be, and how it was asked. */
const lesson = ({ to, from, operation, sender, target }: ArpFrame): string =>
  `${operation} ${from} > ${to}: ${sender.ip} is at ${sender.mac}, for ${target.ip}`;
const lessons = (frames: readonly ArpFrame[]): string[] => [...new Set(frames.map(lesson))].sort();

test("both announce the same, ours more often and for longer, and neither once the address is given up", async (t) => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", cat: "ours", owl: "original" },
    haresources: `fox SendArp::${ours.ip}/eth0 svcA`,
    services: ["svcA"],
  });
  const original = (words: string) => lab.exec("owl", ["/etc/ha.d/resource.d/SendArp", words, "start"]);
  using recorder = await recordFrames(lab);
  const about = (ip: string, mac: string): ArpFrame[] =>
    recorder.frames.filter(({ sender, from }) => sender.ip === ip && from === mac);
  const first = (ip: string, mac: string): number => about(ip, mac)[0]?.at ?? Number.POSITIVE_INFINITY;
  await original(`${theirs.ip}/eth0`);
  await lab.start("fox", "cat");
  await lab.until("fox runs what is its own", () => lab.runs("fox", "svcA"), 60);
  const enough = (): boolean => about(ours.ip, ours.mac).length >= 2 * (1 + again.length);
  await lab.until("fox has announced for some seconds", enough, 20);
  await lab.until("owl has announced", () => about(theirs.ip, theirs.mac).length >= 5, 20);

  for (const { ip, mac, node } of [ours, theirs]) {
    t.diagnostic(`${node}: ${about(ip, mac).length} frames`);
    for (const line of lessons(about(ip, mac))) t.diagnostic(`${node}: ${line}`);
    const gaps = about(ip, mac).map(({ at }) => Math.round(at - first(ip, mac)));
    t.diagnostic(`${node}: after ${gaps.join(", ")} ms`);
  }
  const expected = ({ ip, mac }: typeof ours): string[] =>
    [request, 2].map((operation) => `${operation} ${mac} > ${everybody}: ${ip} is at ${mac}, for ${ip}`);
  assert.deepEqual(lessons(about(ours.ip, ours.mac)), expected(ours));
  assert.deepEqual(lessons(about(theirs.ip, theirs.mac)), expected(theirs), "the original's");
  const requests = about(ours.ip, ours.mac).filter(({ operation }) => operation === request);
  for (const [i, wait] of again.entries()) {
    const at = (requests[i + 1]?.at ?? 0) - first(ours.ip, ours.mac);
    assert.ok(at > wait - 500 && at < wait + 2000, `announcement ${i + 2} came after ${at} ms`);
  }

  // What ours takes beside (quirk 296): the original's script looks for an interface of the name `24/eth0`.
  const both = await original(`${neither}/24/eth0`);
  t.diagnostic(`the original, asked for ${neither}/24/eth0: exit ${both.code}, ${both.stderr.trim()}`);

  await lab.tool("fox", "hb_standby", "local");
  await lab.until("cat announces it", () => about(ours.ip, next.mac).length >= 4, 30);
  const given = performance.timeOrigin + performance.now();
  assert.deepEqual(lessons(about(ours.ip, next.mac)), expected(next));
  // The next ones of fox would have come 8.3 and 18.3 s after its first.
  await lab.until("the times have passed at which fox would have gone on", () => Date.now() > given + 20_000, 30);
  assert.deepEqual(
    about(ours.ip, ours.mac).filter(({ at }) => at > given),
    [],
  );
  assert.deepEqual(about(neither, theirs.mac), []);
});
