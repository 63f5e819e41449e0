/**
 * Both nodes are started from nothing: how long after the start of the second daemon does the first address appear? 3.0.6 waits ten seconds for
 * nothing. A daemon has started when its pid file is there; what the start of the programs takes before that is printed, too. The nodes run in real
 * time, as they are meant to.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { Lab } from "../support/lab.ts";

const address = "10.77.0.101";
/** From the start of the second daemon to the address; milliseconds. */
const limit = 2000;

const slow = ["keepalive 1", "deadtime 10", "initdead 30"];
const usual = ["keepalive 2", "deadtime 30", "initdead 60"];
const quick = ["keepalive 100ms", "deadtime 800ms", "initdead 10"];
const starts = [
  { name: "at the same time", apart: 0, haCf: slow },
  { name: "owl three seconds after fox", apart: 3000, haCf: slow },
  { name: "at the same time, with the keepalive that is usual", apart: 0, haCf: usual },
  { name: "owl three seconds after fox, with the keepalive that is usual", apart: 3000, haCf: usual },
  { name: "at the same time, quick", apart: 0, haCf: quick },
];
const nodes = ["fox", "owl"];

for (const owner of nodes)
  for (const { name, apart, haCf } of starts)
    test(`${owner}'s address after a cold start of both, ${name}`, async (t) => {
      await using lab = await Lab.create({
        nodes: { fox: "ours", owl: "ours" },
        haCf: ["realtime on", ...haCf],
        haresources: `${owner} ${address}/24/eth0`,
      });
      const first = lab.start("fox");
      await pause(apart);
      const called = performance.now();
      const second = lab.start("owl");
      let started: number | undefined;
      await lab.until("the address is there", () => {
        if (nodes.every((node) => lab.machine(node).has("/run/heartbeat.pid"))) started ??= performance.now();
        return nodes.some((node) => lab.hasAddress(node, address));
      });
      const there = performance.now();
      await Promise.all([first, second]);
      assert.ok(started !== undefined, "an address before both daemons are there");
      const took = there - started;
      t.diagnostic(
        `address ${took.toFixed(0)} ms after the second daemon, ${(there - called).toFixed(0)} after its call`,
      );
      await lab.until(`${owner} has it`, () => lab.hasAddress(owner, address), 10);
      assert.ok(took <= limit, `${took.toFixed(0)} ms from the second daemon to the address`);
    });
