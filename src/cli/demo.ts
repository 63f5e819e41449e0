/**
 * `npm start [-- --stay] [--json]`: a cluster of two nodes on this machine, one fail-over, and the outage that a client saw.
 *
 * `--stay` leaves the cluster up until Ctrl-C and prints how to look and what to try; `--json` ends with one line of JSON
 * for programs. Exit code 0: the story went as it should; 1: it did not; 2: usage; 130 and 143: interrupted.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { faultText } from "../base/fault.ts";
import { Display } from "../demo/display.ts";
import { loopbackScene } from "../demo/loopback.ts";
import { namespaceScene } from "../demo/namespaces.ts";
import type { Machine, Scene } from "../demo/scene.ts";
import { coldStart, orderlyStop, outageText, promiseText, type Turn, turns } from "../demo/story.ts";
import { loadNative } from "../drivers/sys/load.ts";
import { type Form, type OptionTable, optionsOf } from "./options.ts";

const form = {
  command: "npm start --",
  summary: "Two nodes on this machine, one fail-over, and the outage that a client saw. Nothing is left behind.",
  options: {
    stay: { type: "boolean", default: false, says: "leave the cluster up until Ctrl-C, and print what to try" },
    json: { type: "boolean", default: false, says: "end with one line of JSON" },
  },
  more: "Exit codes: 0 the story went as it should, 1 it did not, 2 wrong arguments, 130 and 143 interrupted.",
} as const satisfies Form<OptionTable>;

/** In seconds: long enough to see the takeover first. */
const powerBackAfter = 5;

const display = new Display(process.stdout);
const quit = new AbortController();
let exitCode = 0;

async function main(): Promise<void> {
  const options = readOptions();
  if (options === undefined) return;
  const native = loadNative();
  if (!native.ok) {
    console.error(`npm start needs the kernel: ${faultText(native.error)}`);
    exitCode = 1;
    return;
  }
  const scene = await anyScene();
  try {
    await play(scene, options.stay, options.json);
  } catch (reason) {
    if (!quit.signal.aborted) complain(scene, reason);
  } finally {
    display.close();
    await scene.strike();
  }
}

async function play(scene: Scene, stay: boolean, json: boolean): Promise<void> {
  for (const line of scene.describes) display.print(line);
  display.show(scene);
  await coldStart(scene, display, quit.signal);
  if (stay) return await untilInterrupted(scene);
  const told = await turns(scene, display, quit.signal);
  await orderlyStop(scene, display);
  display.close();
  summary(told);
  if (json) console.log(JSON.stringify({ turns: told }));
}

/** The best scene that this host allows: as root, else as an ordinary user in a user namespace, else without namespaces. */
async function anyScene(): Promise<Scene> {
  const asRoot = process.getuid?.() === 0;
  let forbidden = "";
  for (const userNamespace of asRoot ? [false, true] : [true])
    try {
      return await namespaceScene(userNamespace);
    } catch (reason) {
      forbidden = reason instanceof Error ? reason.message : String(reason);
    }
  display.print(`No namespaces on this host (${forbidden}): both nodes run over mcast on lo, without an address.`);
  return await loopbackScene();
}

async function untilInterrupted(scene: Scene): Promise<void> {
  display.print("\nFrom another terminal, as the same user:");
  for (const hint of [scene.owner, scene.standby].flatMap((machine) => machine.hints())) display.print(hint);
  display.print("Ctrl-C here takes everything down.");
  const interrupted = new Promise<void>((resolve) => quit.signal.addEventListener("abort", () => resolve()));
  const failed = Promise.all([scene.owner, scene.standby].map(keepPowered));
  await Promise.race([interrupted, failed]);
  exitCode = 0; // the ordinary end of --stay
}

/** Whoever cuts a node's power wants to see it return. */
async function keepPowered(machine: Machine): Promise<void> {
  for (;;) {
    await machine.powerLost();
    if (quit.signal.aborted) return;
    display.say(`${machine.name} has lost its power; it gets it back in ${powerBackAfter} s`);
    await sleep(powerBackAfter * 1000);
    await machine.start();
    display.say(`${machine.name} is on again`);
    for (const hint of machine.hints()) display.print(hint);
  }
}

function summary(told: readonly Turn[]): void {
  display.print();
  display.print("What the client missed                  address (UDP, every ms)   web page (HTTP, every 10 ms)");
  for (const { says, address, service } of told) {
    const [first, second] = [address === undefined ? "-" : outageText(address), outageText(service)];
    display.print(`  ${says.padEnd(38)}${first.padEnd(26)}${second}`);
  }
  for (const { crashToFirstAnswer } of told)
    if (crashToFirstAnswer !== undefined) display.print(`  ${promiseText(crashToFirstAnswer)}`);
}

function complain(scene: Scene, reason: unknown): void {
  exitCode = 1;
  display.close();
  console.error(`demo: ${reason instanceof Error ? reason.message : String(reason)}`);
  for (const machine of [scene.owner, scene.standby]) console.error(`--- log of ${machine.name}\n${machine.logTail()}`);
}

function readOptions(): { readonly stay: boolean; readonly json: boolean } | undefined {
  const given = optionsOf(form, process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
  });
  if (typeof given !== "number") return given.values;
  exitCode = given;
  return undefined;
}

/** The first signal takes everything down in order; a second one does not wait: the stage falls with us. */
function interrupt(code: number): void {
  if (quit.signal.aborted) process.exit(code);
  exitCode = code;
  quit.abort();
}
process.on("SIGINT", () => interrupt(130));
process.on("SIGTERM", () => interrupt(143));
process.on("SIGHUP", () => interrupt(129));
process.stdout.on("error", () => interrupt(1)); // nobody looks any more
const parent = process.ppid;
setInterval(() => process.ppid === parent || interrupt(129), 500).unref(); // npm was killed: so shall we be

main().then(
  () => process.exit(exitCode),
  (reason: unknown) => {
    console.error(`demo: ${reason instanceof Error ? reason.message : String(reason)}`);
    process.exit(1);
  },
);
