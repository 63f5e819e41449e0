/** What a heartbeat costs a node of a hundred: each step of the state machine, from bytes to decisions, without sockets. */
import { performance } from "node:perf_hooks";
import { generation, instant, type MediumName, nodeName } from "../src/base/units.ts";
import type { ClusterConfig } from "../src/config/cluster-config.ts";
import type { Input } from "../src/core/input.ts";
import { Node } from "../src/core/node.ts";
import { configure } from "../src/sim/cluster.ts";
import { sealDatagram } from "../src/wire/framing.ts";
import { text } from "../src/wire/message.ts";

/** Of the cluster's own time, in milliseconds. */
const keepalive = 1000;
/** Heartbeats of each of the others; those of the first half warm up. */
const rounds = 200;

export interface CrowdFigures {
  readonly nodes: number;
  readonly steps: number;
  /** Of one step, in microseconds. */
  readonly median: number;
  readonly p99: number;
  readonly worst: number;
}

export function benchCrowd(count = 100): CrowdFigures {
  const names = Array.from({ length: count }, (_, i) => `n${String(i + 1).padStart(3, "0")}`);
  const [self = "", ...others] = names;
  const sketch = {
    keepalive,
    deadtime: 10 * keepalive,
    initdead: 20 * keepalive,
    autoFailback: "on",
    nodes: names.map((name) => ({ name, groups: [] })),
  } as const;
  const config = configure(sketch, nodeName(self));
  const medium = config.media[0]?.name;
  if (medium === undefined) throw new Error("the cluster has no medium");
  const node = new Node({
    config,
    identity: { uuid: new Uint8Array(16).fill(1), generation: generation(1) },
    seed: 1,
    version: "4",
    pid: 1,
  });
  const took: number[] = [];
  const step = (now: number, input: Input, counts: boolean): void => {
    const began = performance.now();
    node.step(input, { instant: instant(now), wallSeconds: 1_700_000_000, load: "0.10 0.10 0.10 1/100 1" });
    node.nextDeadline();
    if (counts) took.push((performance.now() - began) * 1000);
  };
  step(0, { on: "start" }, false);
  for (let round = 1; round <= rounds; round++)
    for (const [i, name] of others.entries()) {
      const now = (round + i / others.length) * keepalive;
      const counts = round > rounds / 2;
      for (let due = node.nextDeadline(); due !== undefined && due <= now; due = node.nextDeadline())
        step(due, { on: "deadline" }, counts);
      step(now, heartbeat(config, medium, name, round), counts);
    }
  took.sort((a, b) => a - b);
  const at = (part: number) => Math.round(took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0);
  return { nodes: count, steps: took.length, median: at(0.5), p99: at(0.99), worst: at(1) };
}

/** Of one of ours that holds its own share. */
function heartbeat(config: ClusterConfig, medium: MediumName, name: string, number: number): Input {
  const sealed = sealDatagram(
    [
      text("t", "status"),
      text("st", "active"),
      text("dt", config.deadtime.toString(16)),
      text("protocol", "1"),
      text("hb4", `1 4 ready=1 leave=0 hold=${name}:1 pings=0`),
      text("src", name),
      text("seq", number.toString(16)),
      text("hg", "1"),
      text("ts", "6553f13b"),
      text("ld", "0.10 0.10 0.10 1/100 1"),
      text("ttl", "4"),
    ],
    config.keys,
    "netstring",
  );
  if (!sealed.ok) throw new Error(`a heartbeat of ${name} cannot be sealed: ${sealed.error}`);
  return { on: "datagram", medium, bytes: sealed.value };
}
