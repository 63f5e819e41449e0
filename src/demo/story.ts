/**
 * The story: start, crash, takeover, return, failback, a planned standby, and an orderly end; with the outage that the
 * client saw at each turn.
 *
 * Nothing here waits for a time to pass and hopes. Each step ends when the client is served by the right node, and the
 * nodes themselves say that nothing moves any more.
 */
import type { View } from "../core/view.ts";
import { deadtime, keepalive } from "./cluster-files.ts";
import { type Measurement, monotonic } from "./samples.ts";
import type { Machine, Scene } from "./scene.ts";

export type TurnName = "crash" | "failback" | "standby";

/** One turn of the story as the client saw it. */
export interface Turn {
  readonly turn: TurnName;
  readonly says: string;
  /** The probes of the service address; undefined where there is none. */
  readonly address: Measurement | undefined;
  readonly service: Measurement;
  /** Milliseconds from the power cut to the first answer of the survivor (of the service where there is no address). */
  readonly crashToFirstAnswer?: number;
}

export interface Teller {
  /** A step begins or has ended. */
  say(text: string): void;
}

/** How long any one step may take before we give up: far more than a busy machine needs. */
const patience = 30_000;
const lookEvery = 20;
/** Between two turns: for people to see how things stand, and for the probes to be steady. */
const breath = 1500;
/** What an answer may take, so that the last probes of a turn are not called lost; more than the probers' patience. */
const settle = 300;

/** Starts both machines and waits until the owner serves the client. */
export async function coldStart(scene: Scene, teller: Teller, quit: AbortSignal): Promise<void> {
  const { owner, standby } = scene;
  teller.say(`starting ${owner.name} and ${standby.name}`);
  await Promise.all([owner.start(), standby.start()]);
  await until(`${owner.name} serves the client`, () => served(scene, owner) && calm(owner, standby), quit);
  teller.say(`${owner.name} holds everything, the client is served`);
}

/** The three turns, in order. */
export async function turns(scene: Scene, teller: Teller, quit: AbortSignal): Promise<readonly Turn[]> {
  const { owner, standby } = scene;
  const told: Turn[] = [];
  const tell = async (turn: TurnName, says: string, play: () => Promise<number | undefined>) => {
    await pause(breath + Math.random() * keepalive); // at any moment between two heartbeats
    quit.throwIfAborted();
    const from = monotonic() - settle;
    const crashed = await play();
    const turnTold = await measure(scene, turn, says, from, crashed);
    told.push(turnTold);
    teller.say(`${says}: ${missed(turnTold)}`);
  };

  await tell("crash", `crash of ${owner.name}, takeover by ${standby.name}`, async () => {
    teller.say(`power cut: ${owner.name} is gone without a word`);
    const crashed = await owner.crash();
    await until(`${standby.name} has taken over`, () => served(scene, standby) && calm(standby), quit);
    return crashed;
  });
  await tell("failback", `return of ${owner.name}, failback`, async () => {
    teller.say(`${owner.name} is switched on again`);
    await owner.start();
    await until(`${owner.name} has got its group back`, () => served(scene, owner) && calm(owner, standby), quit);
    return undefined;
  });
  await tell("standby", `planned standby of ${owner.name}`, async () => {
    teller.say(`hb_standby on ${owner.name}: it hands over without a crash`);
    await owner.handOver();
    await until(`${standby.name} has taken over`, () => served(scene, standby) && calm(owner, standby), quit);
    return undefined;
  });
  return told;
}

export async function orderlyStop(scene: Scene, teller: Teller): Promise<void> {
  teller.say("stopping both nodes in order");
  await scene.owner.stop();
  await scene.standby.stop();
  teller.say("both nodes have stopped");
}

/** An outage in words: the longest one, and how many more there were. A range where the prober was late itself. */
export function outageText({ outages }: Measurement): string {
  const [longest, ...others] = [...outages].sort((a, b) => b.milliseconds - a.milliseconds);
  if (longest === undefined) return "no time";
  const { milliseconds, overslept } = longest;
  const more = others.length === 0 ? "" : `, and ${others.length} shorter`;
  const upTo = overslept < 3 ? "" : ` to ${(milliseconds + overslept).toFixed(0)}`;
  return `${milliseconds.toFixed(0)}${upTo} ms${more}`;
}

const missed = ({ address, service }: Turn): string =>
  `the client missed ${address === undefined ? "" : `the address for ${outageText(address)}, `}the page for ${outageText(service)}`;

async function measure(
  scene: Scene,
  turn: TurnName,
  says: string,
  from: number,
  crashed: number | undefined,
): Promise<Turn> {
  await pause(settle); // a late second outage belongs to this turn
  const to = monotonic();
  await pause(settle);
  const [address, service] = await Promise.all([scene.address?.measure(from, to), scene.service.measure(from, to)]);
  const first = (address ?? service).outages.find((outage) => crashed !== undefined && outage.to > crashed);
  return {
    turn,
    says,
    address,
    service,
    ...(crashed !== undefined && first !== undefined && { crashToFirstAnswer: first.firstAnswer - crashed }),
  };
}

const served = ({ address, service }: Scene, by: Machine): boolean =>
  service.answeredBy === by.name && (address === undefined || address.answeredBy === by.name);

/** These nodes are up, see each other and have nothing more to do. */
const calm = (...machines: readonly Machine[]): boolean =>
  machines.every(({ view }) => view !== undefined && settled(view, machines.length));

const settled = (view: View, nodes: number): boolean =>
  view.resourceStatus !== "transition" && view.nodes.filter((node) => node.status === "active").length >= nodes;

async function until(what: string, holds: () => boolean, quit: AbortSignal): Promise<void> {
  for (const limit = monotonic() + patience; !holds(); await pause(lookEvery)) {
    quit.throwIfAborted();
    if (monotonic() > limit) throw new Error(`${patience / 1000} s have passed, and it is not true that ${what}`);
  }
}

const pause = (time: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, time));

/** The line that the promise of the product is judged by. */
export const promiseText = (crashToFirstAnswer: number): string =>
  `from the crash to the first answer of the survivor: ${crashToFirstAnswer.toFixed(0)} ms (deadtime is ${deadtime} ms)`;
