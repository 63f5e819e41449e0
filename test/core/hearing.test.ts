import assert from "node:assert/strict";
import test from "node:test";
import { instant, mediumName, milliseconds } from "../../src/base/units.ts";
import { type Arrival, Hearing } from "../../src/core/hearing.ts";
import type { Sighting } from "../../src/core/input.ts";
import type { MediumConfig } from "../../src/media/medium.ts";

const eth0: MediumConfig = { kind: "bcast", name: mediumName("eth0"), device: "eth0", port: 694 };
const line: MediumConfig = { kind: "serial", name: mediumName("/dev/ttyS0"), device: "/dev/ttyS0", baud: 19_200 };
const router: MediumConfig = { kind: "ping", name: mediumName("router"), host: "10.0.0.1" };

function advice(
  media: readonly MediumConfig[],
  arrivals: readonly Arrival[],
  sightings: readonly Sighting[] = [],
): string[] {
  const hearing = new Hearing(media);
  hearing.start(milliseconds(6000), instant(0));
  for (const arrival of arrivals) hearing.note(mediumName("eth0"), arrival);
  assert.equal(hearing.nextDeadline(), 6000);
  assert.deepEqual(hearing.due(instant(5999)), { lines: [], look: false });
  const { lines: first, look } = hearing.due(instant(6000));
  const lines = look ? [...first, ...hearing.seen(sightings)] : [...first];
  assert.equal(hearing.nextDeadline(), undefined);
  assert.deepEqual(hearing.due(instant(60_000)), { lines: [], look: false }, "once");
  return lines;
}

const rows: readonly [string, readonly Arrival[], RegExp | undefined][] = [
  ["nothing", [], /^Nothing at all arrives on bcast eth0: .*port 694.*eth0/],
  ["other keys", ["rubbish", "bad-signature"], /^What arrives on bcast eth0 is signed with another key: .*authkeys/],
  ["unknown names", ["stranger", "bad-signature"], /^Only unknown nodes are heard on bcast eth0: .*uname -n/],
  ["no messages", ["rubbish"], /^What arrives on bcast eth0 are no messages of heartbeat: .*port 694/],
  ["one peer is enough", ["bad-signature", "peer", "stranger"], undefined],
];
for (const [what, arrivals, expected] of rows)
  test(`${what}: the best of what arrived decides`, () => {
    const lines = advice([eth0, eth0, router], arrivals);
    assert.equal(lines.length, expected === undefined ? 0 : 1, lines.join("\n"));
    if (expected !== undefined) assert.match(lines[0] ?? "", expected);
  });

test("each medium is judged by itself", () => {
  assert.deepEqual(
    advice([eth0, line], ["peer"]).map((text) => text.replace(/:.*/, "")),
    ["Nothing at all arrives on serial /dev/ttyS0"],
  );
});

const eth1: MediumConfig = { ...eth0, name: mediumName("eth1"), device: "eth1" };
const seen: readonly [string, readonly MediumConfig[], readonly Sighting[], readonly RegExp[]][] = [
  [
    "a filter",
    [eth0],
    [{ device: "eth0", port: 694 }],
    [/^Heartbeats for port 694 arrive on eth0 and do not reach us/],
  ],
  ["another port", [eth0], [{ device: "eth0", port: 695 }], [/^Heartbeats arrive on eth0 at port 695, not at 694/]],
  ["another interface", [eth0], [{ device: "eth1", port: 694 }], [/^Heartbeats arrive on eth1, not on eth0/]],
  [
    "another medium of ours",
    [eth0, eth1],
    [{ device: "eth1", port: 694 }],
    [/^Nothing at all.*eth0/, /^Heartbeats for.*eth1/],
  ],
  ["another cluster elsewhere", [eth0], [{ device: "eth1", port: 700 }], [/^Nothing at all arrives on bcast eth0/]],
  ["ourselves", [eth0], [{ device: "lo", port: 694 }], [/^Nothing at all arrives on bcast eth0/]],
];
for (const [what, media, sightings, expected] of seen)
  test(`nothing heard, and a look around shows ${what}`, () => {
    const lines = advice(media, [], sightings);
    assert.equal(lines.length, expected.length, lines.join("\n"));
    for (const [i, pattern] of expected.entries()) assert.match(lines[i] ?? "", pattern);
  });

test("who is heard while we look around needs no advice", () => {
  const hearing = new Hearing([eth0]);
  hearing.start(milliseconds(6000), instant(0));
  assert.equal(hearing.due(instant(6000)).look, true);
  hearing.note(mediumName("eth0"), "peer");
  assert.deepEqual(hearing.seen([]), []);
});
