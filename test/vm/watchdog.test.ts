/**
 * The watchdog really resets a machine: two virtual machines, softdog, heartbeats over a serial line and a network.
 *
 * The tests follow each other on the same pair. Order is asserted, and that a machine is gone before it is taken over; the times are
 * printed (docs/fencing.md shows a run).
 */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Event, VirtualMachine } from "../support/vm/machine.ts";
import { address, deadtime, Pair, watchdogTimeout } from "../support/vm/pair.ts";

const images = process.env["HEARTBEAT_VM_IMAGES"] ?? "";
let pair: Pair;

const reset = /^MONITOR RESET guest-reset/;
const started = /^SERVICE started/;
const isUp = /^machine \w+ is up/;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const between = (from: Event | number, to: Event): string =>
  seconds(to.at - (typeof from === "number" ? from : from.at));

before(async () => {
  assert.notEqual(images, "", "run it as: npm run test:vm");
  pair = await Pair.on(images);
  await Promise.all([begin(pair.fox), begin(pair.owl)]);
  await pair.fox.saw(started, { seconds: 90, says: "fox starts its service" });
  await Promise.all([linked(pair.fox, 0), linked(pair.owl, 0)]);
});

after(() => pair?.off());

/** From the power button, or a reset, to a running daemon. */
async function begin(machine: VirtualMachine, from = 0): Promise<void> {
  await machine.saw(isUp, { from, seconds: 90, says: "it boots" });
  const { code, output } = await machine.run("heartbeat", 90);
  assert.equal(code, 0, output);
  assert.ok(!machine.has(/Cannot open watchdog|Cannot load/, from), machine.tail());
}

/** Both links to the other node are up. */
async function linked(machine: VirtualMachine, from: number): Promise<void> {
  const peer = machine.name === "fox" ? "owl" : "fox";
  for (const link of ["/dev/ttyS1", "eth0"])
    await machine.saw(new RegExp(`Link ${peer}:${link} up\\.`), { from, seconds: 90 });
}

/** What must hold after `deed` took one machine's daemon away: it is reset, then the other one takes over; and it comes back. */
async function isResetAndTakenOver(
  t: { diagnostic(text: string): void },
  victim: VirtualMachine,
  deed: string,
): Promise<void> {
  const other = victim === pair.fox ? pair.owl : pair.fox;
  const [ours, theirs] = [victim.now, other.now];
  const at = performance.now();
  victim.send(deed);
  const gone = await victim.saw(reset, { from: ours, seconds: 60, says: `a reset after: ${deed}` });
  const taken = await other.saw(started, { from: theirs, seconds: 60, says: "the other node takes over" });
  assert.ok(gone.at < taken.at, `${victim.name} was reset ${between(taken, gone)} after ${other.name} had started`);
  const { output } = await other.run("ip addr show dev eth0");
  assert.ok(output.includes(address), output);
  t.diagnostic(`${deed}: reset after ${between(at, gone)}, taken over after ${between(at, taken)}`);
  tell(t, victim, ours, at);
  tell(t, other, theirs, at);
  await begin(victim, ours);
  await linked(victim, ours);
  t.diagnostic(`${victim.name} is back ${between(gone, await victim.saw(isUp, { from: ours }))} after its reset`);
}

/** What a machine's console had to say of it, with the time since the deed. */
function tell(t: { diagnostic(text: string): void }, machine: VirtualMachine, from: number, at: number): void {
  for (const event of machine.events.slice(from))
    if (/watchdog|panic|MONITOR|is dead|rotected|cquir|Running|SERVICE/.test(event.text))
      t.diagnostic(`  ${between(at, event).padStart(7)} ${machine.name}: ${event.text}`);
}

test("one of two media may be cut: nobody is missed, nothing moves", async (t) => {
  for (const [cable, link] of [
    [pair.network, "eth0"],
    [pair.serial, "/dev/ttyS1"],
  ] as const) {
    const [ofFox, ofOwl] = [pair.fox.now, pair.owl.now];
    const at = performance.now();
    cable.cut();
    const limit = { seconds: 60 };
    const dead = await pair.fox.saw(new RegExp(`Link owl:${link} dead\\.`), { from: ofFox, ...limit });
    await pair.owl.saw(new RegExp(`Link fox:${link} dead\\.`), { from: ofOwl, ...limit });
    cable.heal();
    const up = await pair.fox.saw(new RegExp(`Link owl:${link} up\\.`), { from: ofFox, ...limit });
    await pair.owl.saw(new RegExp(`Link fox:${link} up\\.`), { from: ofOwl, ...limit });
    assert.ok(!pair.fox.has(/is dead|SERVICE/, ofFox), pair.fox.tail());
    assert.ok(!pair.owl.has(/is dead|SERVICE/, ofOwl), pair.owl.tail());
    t.diagnostic(`${link} cut: seen after ${between(at, dead)}; healed: seen ${between(dead, up)} later`);
  }
});

test("a daemon that is killed: its machine is reset, the other takes over", (t) =>
  isResetAndTakenOver(t, pair.fox, "kill -9 $(cat /var/run/heartbeat.pid)"));

test("a daemon that is stopped: likewise", (t) =>
  isResetAndTakenOver(t, pair.owl, "kill -STOP $(cat /var/run/heartbeat.pid)"));

test("a kernel that panics: likewise, and at once", (t) =>
  isResetAndTakenOver(t, pair.fox, "echo c > /proc/sysrq-trigger"));

test("an orderly stop resets nothing; the other takes over", async (t) => {
  const [ofFox, ofOwl] = [pair.fox.now, pair.owl.now];
  const at = performance.now();
  const { code, output } = await pair.owl.run("heartbeat -k", 90);
  assert.equal(code, 0, output);
  const taken = await pair.fox.saw(started, { from: ofFox, seconds: 60 });
  await pair.owl.saw(/^SERVICE stopped/, { from: ofOwl });
  t.diagnostic(`heartbeat -k: taken over after ${between(at, taken)}`);
  const { code: alive } = await pair.owl.run(`sleep ${Math.max(deadtime, watchdogTimeout) + 3}`);
  assert.equal(alive, 0);
  assert.ok(!pair.owl.has(reset, ofOwl), "it was reset all the same");
});

test("an idle watchdog is listed, tried without harm, and restarts the machine when asked to", async (t) => {
  const { owl } = pair;
  const listed = await owl.run("heartbeat watchdog list");
  assert.match(listed.output, /^\* \/dev\/watchdog0 {2}Software Watchdog {2}idle {2}\d+ s$/m);
  const from = owl.now;
  const tried = await owl.run("heartbeat watchdog test", 90);
  assert.equal(tried.code, 0, tried.output);
  assert.match(
    tried.output,
    /^\/dev\/watchdog works: Software Watchdog, armed with \d+ s, patted, and stopped again$/m,
  );
  assert.ok(!owl.has(reset, from), "it was reset by a try");
  const at = performance.now();
  owl.send("heartbeat watchdog test --reset --yes");
  t.diagnostic(`watchdog test --reset: reset after ${between(at, await owl.saw(reset, { from }))}`);
});
