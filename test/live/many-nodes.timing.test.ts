/**
 * Many nodes of ours on one bridge, beating ten times a second: nobody is late, and what it costs is told.
 *
 * Six nodes for some seconds in the usual tier, sixteen for a minute in the full one. A daemon's code is compiled while it runs, which costs several
 * times as much as running it; sixteen that do so at once on two processors starve each other. So the sixteen start one after the other, as
 * machines that boot do, in real time, as heartbeat runs by default, and the minute begins when their use of the processors has stopped falling.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const sizes = [
  { nodes: 6, seconds: 5, inTurn: false },
  { nodes: 16, seconds: 60, inTurn: true },
];
/** Ticks of /proc/PID/stat a second, on every Linux that runs Node.js. */
const ticks = 100;
/** The use of the processors is looked at over so many milliseconds; it has settled when it falls by no more than that part of itself. */
const look = 5000;
const settled = 0.05;
/** Should it never settle, the minute begins all the same. */
const looksMax = 8;

for (const { nodes, seconds, inTurn } of rows(sizes, (size) => size.nodes === 6).slice(-1))
  test(`${nodes} nodes for ${seconds} s`, { timeout: 280_000 }, async (t) => {
    const names = Array.from({ length: nodes }, (_, i) => `node${String(i + 1).padStart(2, "0")}`);
    const kinds = Object.fromEntries(names.map((name) => [name, "ours"] as const));
    await using lab = await Lab.create({
      nodes: kinds,
      haCf: [
        "keepalive 100ms",
        "warntime 2",
        "deadtime 5",
        ...(inTurn ? ["initdead 120", "realtime on"] : ["initdead 30"]),
      ],
    });
    const first = names[0] ?? "";
    const started = performance.now();
    if (inTurn) for (const name of names) await startAndBeHeard(lab, first, name);
    else await lab.start();
    await lab.until(
      "the first sees all active",
      async () => {
        for (const name of names) if ((await lab.sees(first, name)) !== "active") return false;
        return true;
      },
      90,
    );
    const warm = inTurn ? await untilSettled(lab, names) : [];
    const startTook = (performance.now() - started) / 1000;
    const before = await Promise.all(names.map((name) => processorTicks(lab, name)));
    const load = await otherLoad(lab, names);
    const logsBefore = names.map((name) => lab.log(name).length); // a busy start may be late, what follows may not
    const began = performance.now();
    await lab.holdsFor(
      "nobody dies",
      seconds,
      async () => (await lab.sees(first, names.at(-1) ?? "")) === "active",
      1000,
    );
    const passed = (performance.now() - began) / 1000;
    const after = await Promise.all(names.map((name) => processorTicks(lab, name)));
    const others = (await otherLoad(lab, names)) - load;
    const shares = after.map((each, i) => ((each - (before[i] ?? 0)) / ticks / passed) * 100);
    const mean = shares.reduce((sum, share) => sum + share, 0) / nodes;
    t.diagnostic(`processor per node: ${mean.toFixed(1)} % on average, ${Math.max(...shares).toFixed(1)} % at most`);
    t.diagnostic(
      `everything else on this machine meanwhile: ${((others / ticks / passed) * 100).toFixed(0)} % of a processor`,
    );
    if (inTurn)
      t.diagnostic(
        `before that: ${startTook.toFixed(0)} s of start, per node and look of ${look / 1000} s: ${warm.map((each) => `${each.toFixed(1)} %`).join(", ")}`,
      );
    for (const [i, name] of names.entries())
      assert.doesNotMatch(lab.log(name).slice(logsBefore[i]), /is dead|Late heartbeat/, name);
  });

/** It runs, and the first has heard it. */
async function startAndBeHeard(lab: Lab, first: string, name: string): Promise<void> {
  await lab.start(name);
  const heard = name === first ? "Local status now set to: 'up'" : `Status update for node ${name}: status up`;
  await lab.until(`${first} hears ${name}`, () => lab.log(first).includes(heard), 30);
}

/** What each look showed: the share of a processor that a node uses, in per cent, on average. */
async function untilSettled(lab: Lab, names: readonly string[]): Promise<number[]> {
  const shares: number[] = [];
  while (shares.length < looksMax) {
    const began = performance.now();
    const before = await allTicks(lab, names);
    await new Promise((resolve) => setTimeout(resolve, look)); // the length of the look
    const used = (await allTicks(lab, names)) - before;
    const share = ((used / ticks / (performance.now() - began)) * 1000 * 100) / names.length;
    const last = shares.at(-1);
    shares.push(share);
    if (last !== undefined && share > last * (1 - settled)) break;
  }
  return shares;
}

async function allTicks(lab: Lab, names: readonly string[]): Promise<number> {
  const each = await Promise.all(names.map((name) => processorTicks(lab, name)));
  return each.reduce((sum, one) => sum + one, 0);
}

/** User and system time of the daemon. */
async function processorTicks(lab: Lab, name: string): Promise<number> {
  const { stdout } = await lab.exec(name, ["cat", `/proc/${lab.daemonPid(name)}/stat`]);
  const columns = stdout.slice(stdout.lastIndexOf(")") + 2).split(" ");
  return Number(columns[11]) + Number(columns[12]);
}

/** What this machine's processors have been used for, the daemons left out: a row that fails beside much else proves nothing. */
async function otherLoad(lab: Lab, names: readonly string[]): Promise<number> {
  const [total = ""] = (await readFile("/proc/stat", "latin1")).split("\n");
  const [, user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = total.split(/\s+/).map(Number);
  return user + nice + system + irq + softIrq - (await allTicks(lab, names));
}
