/**
 * The seeds of random storms, and how one is played: fresh seeds in every run, and all that ever failed. `HEARTBEAT_SEEDS=N` asks for more,
 * `HEARTBEAT_SEED=N` for one; the number in a test's name is the seed to repeat.
 */
import { readFileSync } from "node:fs";
import { transcript } from "../../src/sim/scenario.ts";
import { type SwarmOptions, swarm } from "../../src/sim/swarm.ts";
import type { World } from "../../src/sim/world.ts";

const one = process.env["HEARTBEAT_SEED"];
const fresh = Number(process.env["HEARTBEAT_SEEDS"] ?? "40");
const start = Math.floor(Math.random() * 2 ** 30);
const freshSeeds = Array.from({ length: fresh }, (_, i) => start + i);

/** Every fresh seed, and all that ever failed. */
export const allSeeds = (): readonly number[] =>
  one === undefined ? [...failedBefore(), ...freshSeeds] : [Number(one)];

/** A part of the fresh ones, for storms that take longer. */
export const fewSeeds = (part: number): readonly number[] =>
  one === undefined ? freshSeeds.slice(0, Math.ceil(fresh * part)) : [Number(one)];

/** A part of the fresh ones, for storms in which nodes fence or services are watched, and all that ever failed. */
export const seedsOf = (kind: "fencing" | "monitored", part: number): readonly number[] =>
  one === undefined ? [...failedBefore(kind), ...fewSeeds(part)] : [Number(one)];

const failedBefore = (kind?: "fencing" | "monitored"): number[] =>
  readFileSync(`test/sim/regressions${kind === undefined ? "" : `-${kind}`}.txt`, "utf8")
    .split("\n")
    .filter((line) => /^\d/.test(line))
    .map((line) => Number.parseInt(line, 10));

/** Throws what the checkers throw, with the seed. */
export function played(seed: number, options: Omit<SwarmOptions, "storm">, play = swarm): World {
  try {
    return play(seed, { storm: 120_000, ...options });
  } catch (violation) {
    const says = violation instanceof Error ? violation.message : violation;
    throw new Error(`seed ${seed}, ${options.nodes} nodes: ${says}`);
  }
}

/** What to look at when a storm did not end well. */
export const ending = (seed: number, world: World): string =>
  `seed ${seed}\n${transcript(world.trace).slice(-40).join("\n")}`;
