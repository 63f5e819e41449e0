/**
 * An original and one of ours in one cluster, measured in the same minutes: how punctual their heartbeats are, what they cost, and how long
 * the one takes until it has an address of the other.
 */

import { settle } from "../test/support/lab/groups.ts";
import { listen } from "../test/support/lab/listener.ts";
import { Lab } from "../test/support/lab.ts";

const keepalive = 250;
/** In milliseconds; what is compiled while it runs is not what it costs to run it. */
const warmUp = 30_000;
const measured = 40_000;
const groups = [
  { owner: "fox", service: "svcA", address: "10.77.0.101" },
  { owner: "owl", service: "svcB", address: "10.77.0.102" },
];
const pause = (time: number) => new Promise((resolve) => setTimeout(resolve, time));

export interface NodeFigures {
  readonly heartbeats: number;
  /** In milliseconds behind its turn. */
  readonly worstLateness: number;
  /** Of one, in per cent, all its processes together. */
  readonly processor: number;
  /** Proportional set size of all its processes, in MB. */
  readonly memory: number;
  /** From the power cut of the other to the last of its addresses here, in milliseconds. */
  readonly takeOver: number;
}

export interface PairFigures {
  readonly keepalive: number;
  /** The listeners that measured lateness ran in real time. */
  readonly realTimeListeners: boolean;
  readonly original: NodeFigures;
  readonly ours: NodeFigures;
  /** Ours in units of the original. */
  readonly ratio: Omit<NodeFigures, "heartbeats">;
}

export async function benchPair(): Promise<PairFigures> {
  await using lab = await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haCf: [`keepalive ${keepalive}ms`],
    haresources: groups.map(({ owner, service, address }) => `${owner} ${service} ${address}/24/eth0`).join("\n"),
    services: groups.map(({ service }) => service),
  });
  await lab.start();
  await settle(lab, groups, 60);
  await pause(warmUp);
  const listeners = {
    fox: await listen(lab, { on: "owl", to: "fox", keepalive }),
    owl: await listen(lab, { on: "fox", to: "owl", keepalive }),
  };
  await pause(1000); // until they listen
  const before = { fox: await processorTime(lab, "fox"), owl: await processorTime(lab, "owl") };
  const began = performance.now();
  await pause(measured);
  const passed = performance.now() - began;
  const figuresOf = async (node: "fox" | "owl") => {
    const used = (await processorTime(lab, node)) - before[node];
    const { heartbeats, worst } = await listeners[node].heard();
    return {
      heartbeats,
      worstLateness: worst,
      processor: rounded((used / passed) * 100),
      memory: rounded((await memory(lab, node)) / 1024),
    };
  };
  const original = await figuresOf("fox");
  const ours = await figuresOf("owl");
  const byOurs = await takeOver(lab, "fox", "owl", "10.77.0.101");
  await lab.start("fox");
  await settle(lab, groups, 90);
  const byOriginal = await takeOver(lab, "owl", "fox", "10.77.0.102");
  const ofOriginal = { ...original, takeOver: byOriginal };
  const ofOurs = { ...ours, takeOver: byOurs };
  const per = (of: (figures: NodeFigures) => number) => rounded(of(ofOurs) / of(ofOriginal));
  return {
    keepalive,
    realTimeListeners: listeners.fox.realTime && listeners.owl.realTime,
    original: ofOriginal,
    ours: ofOurs,
    ratio: {
      worstLateness: per((each) => each.worstLateness),
      processor: per((each) => each.processor),
      memory: per((each) => each.memory),
      takeOver: per((each) => each.takeOver),
    },
  };
}

async function takeOver(lab: Lab, victim: string, heir: string, address: string): Promise<number> {
  const began = performance.now();
  await lab.crash(victim);
  await lab.until(`${heir} has the address of ${victim}`, () => lab.hasAddress(heir, address), 30);
  return Math.round(performance.now() - began);
}

/** For each process of a node's heartbeat. */
const ofAll = (what: string) =>
  `for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline 2>/dev/null | grep -q heartbeat || continue; ${what}; done 2>/dev/null; true`;

/** In milliseconds. */
async function processorTime(lab: Lab, node: string): Promise<number> {
  const { stdout } = await lab.exec(node, ["sh", "-c", ofAll("cat $p/task/*/schedstat")]);
  const times = stdout.split("\n").map((line) => Number(line.split(" ")[0]));
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** In KiB. */
async function memory(lab: Lab, node: string): Promise<number> {
  const { stdout } = await lab.exec(node, ["sh", "-c", ofAll("grep ^Pss: $p/smaps_rollup")]);
  return [...stdout.matchAll(/\d+/g)].reduce((sum, [number]) => sum + Number(number), 0);
}

const rounded = (number: number): number => Math.round(number * 100) / 100;
