/**
 * Many nodes of ours on one bridge, beating ten times a second: nobody is late, and what it costs is told.
 *
 * Six nodes for some seconds in the usual tier, sixteen for a minute in the full one.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const sizes = [
  { nodes: 6, seconds: 5 },
  { nodes: 16, seconds: 60 },
];
/** Ticks of /proc/PID/stat a second, on every Linux that runs Node.js. */
const ticks = 100;

for (const { nodes, seconds } of rows(sizes, (size) => size.nodes === 6).slice(-1))
  test(`${nodes} nodes for ${seconds} s`, { timeout: 240_000 }, async (t) => {
    const names = Array.from({ length: nodes }, (_, i) => `node${String(i + 1).padStart(2, "0")}`);
    const kinds = Object.fromEntries(names.map((name) => [name, "ours"] as const));
    await using lab = await Lab.create({
      nodes: kinds,
      haCf: ["keepalive 100ms", "warntime 2", "deadtime 5", "initdead 30"],
    });
    await lab.start();
    const first = names[0] ?? "";
    await lab.until(
      "the first sees all active",
      async () => {
        for (const name of names) if ((await lab.sees(first, name)) !== "active") return false;
        return true;
      },
      90,
    );
    const before = await Promise.all(names.map((name) => processorTicks(lab, name)));
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
    for (const [i, name] of names.entries())
      assert.doesNotMatch(lab.log(name).slice(logsBefore[i]), /is dead|Late heartbeat/, name);
    const shares = after.map((each, i) => ((each - (before[i] ?? 0)) / ticks / passed) * 100);
    const mean = shares.reduce((sum, share) => sum + share, 0) / nodes;
    t.diagnostic(`processor per node: ${mean.toFixed(1)} % on average, ${Math.max(...shares).toFixed(1)} % at most`);
  });

/** User and system time of the daemon. */
async function processorTicks(lab: Lab, name: string): Promise<number> {
  const { stdout } = await lab.exec(name, ["cat", `/proc/${lab.daemonPid(name)}/stat`]);
  const columns = stdout.slice(stdout.lastIndexOf(")") + 2).split(" ");
  return Number(columns[11]) + Number(columns[12]);
}
