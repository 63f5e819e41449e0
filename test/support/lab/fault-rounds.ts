/** One service through faults, each of which a restart heals: how long until each is noticed, and until it does its work again. */
import assert from "node:assert/strict";
import { full } from "../tier.ts";
import type { Outcome } from "./command.ts";
import type { Fault, WatchedService } from "./watched-services.ts";

export interface FaultGround {
  /** A script of the shell on the node that runs the service. */
  run(script: string): Promise<Outcome>;
  /** What heartbeat has logged there. */
  log(): string;
  until(what: string, condition: () => boolean | Promise<boolean>, limitSeconds: number): Promise<unknown>;
}

/** An interval, a time limit, and room for a busy machine. */
const noticeMax = 6000;
/** The limit of a stop by force, and the start of a database beside it. */
const healMax = 20_000;
/** Seconds, until a row has failed whatever the machine has to do. */
export const patience = 60;

export interface FaultRounds {
  /** `FAULT NOTICED/HEALED (what was said)`. */
  readonly measured: readonly string[];
  /** The log of the first one. */
  readonly firstStory: string;
}

/** `resource`: its name in haresources. */
export async function throughFaults(
  ground: FaultGround,
  resource: string,
  service: Pick<WatchedService, "faults" | "answers">,
  faults: readonly Fault[],
): Promise<FaultRounds> {
  const measured: string[] = [];
  let firstStory = "";
  for (const fault of faults) {
    const said = ground.log().length;
    const began = performance.now();
    await hurt(ground, service.faults[fault]);
    const sinceThen = () => ground.log().slice(said);
    await ground.until(`${fault} is noticed`, () => sinceThen().includes(`${resource} has failed`), patience);
    const notice = performance.now() - began;
    await ground.until(`${fault} is healed`, () => sinceThen().includes(`${resource} does its work again`), patience);
    const heal = performance.now() - began;
    assert.equal((await ground.run(service.answers)).code, 0, `${fault}: it answers again`);
    const [, says = ""] = / has failed: (.*) \(failure/.exec(sinceThen()) ?? [];
    measured.push(`${fault} ${seconds(notice)}/${seconds(heal)} (${says})`);
    firstStory ||= sinceThen();
    if (full) assert.ok(notice < noticeMax && heal < healMax, `${fault}: ${measured.at(-1)}`);
  }
  return { measured, firstStory: firstStory.trim().replaceAll("\n", " / ") };
}

/** Some of the scripts end with those that they kill. */
export async function hurt(ground: Pick<FaultGround, "run">, script: string): Promise<void> {
  const { code, stderr } = await ground.run(script);
  assert.ok(code === 0 || code === 137, `${script}: exit ${code} ${stderr}`);
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
