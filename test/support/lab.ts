/**
 * A laboratory: a real cluster of originals and of ours on this machine, in namespaces without names.
 *
 * `await using lab = await Lab.create({ nodes: { fox: "original", owl: "ours" } })` gives machines that are switched on and
 * configured; `lab.start()` starts heartbeat on them. Everything ends with the test, however it ends. Conditions are polled
 * up to a limit (`until`), and a failure shows the end of every node's log.
 */
import type { command, Outcome } from "./lab/command.ts";
import { Hub } from "./lab/hub.ts";
import { checkout, Machine } from "./lab/machine.ts";
import { callLog, misbehaviourFile, patientCat, serviceScript, stateFile } from "./lab/service.ts";
import { defaultAuthkeys, haCf, type Kind, type Settings } from "./lab/settings.ts";
import { makeSharedDisk, releaseDisk, watchMounts } from "./lab/shared-disk.ts";
import { buildWallClock, byOwnClock, setWallClock } from "./lab/wall-clock.ts";
import { Watch } from "./lab/watch.ts";

export type { Settings } from "./lab/settings.ts";

const logFile = "/var/log/ha-log";
const pollMs = 50;
/** Where the two kinds keep their programs. cl_status is the original's in both: it is the judge of what clients see. */
const programs: Readonly<Record<Kind, { readonly heartbeat: string; readonly tools: string }>> = {
  original: { heartbeat: "/usr/libexec/heartbeat/heartbeat", tools: "/usr/share/heartbeat" },
  ours: { heartbeat: `${checkout}/bin/heartbeat`, tools: `${checkout}/bin` },
};

export class Lab implements AsyncDisposable {
  readonly settings: Settings;
  readonly #hub: Hub;
  readonly #machines: ReadonlyMap<string, Machine>;
  readonly #watches: Watch[] = [];

  private constructor(settings: Settings, hub: Hub, machines: ReadonlyMap<string, Machine>) {
    this.settings = settings;
    this.#hub = hub;
    this.#machines = machines;
  }

  /** Makes the networks, then configures the machines and switches them on. */
  static async create(settings: Settings): Promise<Lab> {
    const testRoot = process.env["HEARTBEAT_TEST_ROOT"];
    if (!testRoot) throw new Error("live tests run by `node scripts/test.mjs`, which makes the test root they need");
    if (settings.ownClocks) buildWallClock();
    const hub = await Hub.create(testRoot, settings.networks ?? 1);
    const names = Object.keys(settings.nodes);
    const machines = new Map(names.map((name, index) => [name, new Machine(hub, testRoot, name, index + 1)]));
    const lab = new Lab(settings, hub, machines);
    try {
      if (settings.sharedDisk !== undefined) await makeSharedDisk(hub, settings.sharedDisk);
      await Promise.all([...machines.values()].map((machine) => lab.#install(machine)));
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  async #install(machine: Machine): Promise<void> {
    const peers = [...this.#machines.values()]
      .filter((other) => other !== machine)
      .map((other) => ({ ipv4: other.address(), ipv6: other.address6() }));
    await machine.boot();
    if (this.kind(machine.name) === "ours") await this.#installScripts(machine);
    else await machine.write(patientCat.path, patientCat.script, "755");
    await machine.write("/etc/ha.d/ha.cf", haCf(this.settings, machine.name, peers));
    await machine.write("/etc/ha.d/authkeys", this.settings.authkeys ?? defaultAuthkeys, "600");
    await machine.write("/etc/ha.d/haresources", `${this.settings.haresources ?? ""}\n`);
    for (const service of this.settings.services ?? [])
      await machine.write(`/etc/ha.d/resource.d/${service}`, serviceScript, "755");
  }

  /** Our scripts in place of the original's, as the package installs them. */
  async #installScripts(machine: Machine): Promise<void> {
    const copy = ["cp", "-a", "--remove-destination", `${checkout}/share/.`, "/"];
    const { code, stderr } = await machine.exec(copy);
    if (code !== 0) throw new Error(`${machine.name}: ${stderr}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const watch of this.#watches) watch.stop(); // a failed test never came to it
    if (this.settings.sharedDisk !== undefined)
      for (const machine of this.#machines.values()) if (machine.isOn) releaseDisk(machine);
    await Promise.all([...this.#machines.values()].map((machine) => machine.off()));
    await this.#hub.close();
  }

  /**
   * Starts heartbeat on the named nodes (on all, if none is named); switches on those that are off. Ours go first, together: their
   * start returns when the daemon is up, that of the original at once, and its initial dead time must not pass meanwhile.
   */
  async start(...names: readonly string[]): Promise<void> {
    const machines = (names.length > 0 ? names : [...this.#machines.keys()]).map((name) => this.machine(name));
    await Promise.all(machines.map(async (machine) => machine.isOn || (await machine.boot())));
    if (this.settings.ownClocks) await Promise.all(machines.map((machine) => this.setClock(machine.name, 0)));
    for (const kind of ["ours", "original"])
      await Promise.all(
        machines
          .filter(({ name }) => this.kind(name) === kind)
          .map(async ({ name }) => {
            const { code, stdout, stderr } = await this.heartbeat(name, this.settings.options ?? []);
            if (code !== 0) throw new Error(`heartbeat on ${name}: exit ${code}\n${stdout}${stderr}`);
          }),
      );
  }

  /** Stops heartbeat on a node gracefully; resolves when it is gone. */
  async stop(name: string): Promise<void> {
    const { code, stdout, stderr } = await this.heartbeat(name, ["-k"]);
    if (code !== 0) throw new Error(`heartbeat -k on ${name}: exit ${code}\n${stdout}${stderr}`);
  }

  /** Runs the node's heartbeat program with arguments. */
  heartbeat(name: string, args: readonly string[]): Promise<Outcome> {
    const before = this.settings.ownClocks ? byOwnClock : [];
    return this.exec(name, [...before, programs[this.kind(name)].heartbeat, ...args], 60);
  }

  /** Runs one of the node's commands: hb_standby, hb_takeover ... */
  tool(name: string, tool: string, ...args: readonly string[]): Promise<Outcome> {
    return this.exec(name, [`${programs[this.kind(name)].tools}/${tool}`, ...args]);
  }

  /** Sets a node's wall clock so many seconds ahead of the true time, or behind it. Needs `ownClocks`. */
  setClock(name: string, seconds: number): Promise<void> {
    return setWallClock(this.machine(name), seconds);
  }

  /** A power cut. `start` switches the node on again. */
  crash(name: string): Promise<void> {
    return this.machine(name).crash();
  }

  /** SIGKILL to the heartbeat daemon alone. */
  async kill9(name: string): Promise<void> {
    const pid = this.daemonPid(name);
    const { code, stderr } = await this.exec(name, ["kill", "-9", `${pid}`]);
    if (code !== 0) throw new Error(`kill -9 ${pid} on ${name}: ${stderr}`);
  }

  /** The process id of the daemon as the node itself sees it, from its pid file. */
  daemonPid(name: string): number {
    const pid = Number(this.machine(name).read("/run/heartbeat.pid").trim());
    if (!Number.isInteger(pid) || pid <= 1) throw new Error(`${name} has no pid file of heartbeat`);
    return pid;
  }

  /** Cuts the node off from a network silently, until `heal`. */
  cut(name: string, network = 0): Promise<void> {
    return this.#hub.cut(name, network, true);
  }

  heal(name: string, network = 0): Promise<void> {
    return this.#hub.cut(name, network, false);
  }

  /** Pulls the node's cable to a network out: its interface loses its carrier, until `plug`. */
  pull(name: string, network = 0): Promise<void> {
    return this.#hub.pull(name, network, true);
  }

  plug(name: string, network = 0): Promise<void> {
    return this.#hub.pull(name, network, false);
  }

  exec(name: string, argv: readonly string[], limitSeconds = 30): Promise<Outcome> {
    return this.machine(name).exec(argv, { limitSeconds });
  }

  /** Runs a tool (ping, arping, ip ...) on a machine beside the cluster. */
  client(argv: readonly string[]): ReturnType<typeof command> {
    return this.#hub.client(argv);
  }

  /** Starts a program of the tests on that machine, by node; it dies with the test. */
  program(file: string, args: readonly string[]): ReturnType<Hub["startProgram"]> {
    return this.#hub.startProgram(file, args);
  }

  machine(name: string): Machine {
    const machine = this.#machines.get(name);
    if (!machine) throw new Error(`the laboratory has no node ${name}`);
    return machine;
  }

  /** The processes that hold the laboratory: its ground, then the first process of each node. */
  get pids(): number[] {
    return [this.#hub.pid, ...[...this.#machines.values()].flatMap((machine) => machine.pid ?? [])];
  }

  kind(name: string): Kind {
    return this.settings.nodes[name] ?? "original";
  }

  log(name: string): string {
    return this.machine(name).read(logFile);
  }

  /** The log says it, or will in a moment: a process of its own writes it, and may come later than what it tells of. */
  async logged(name: string, pattern: RegExp, seconds = 10): Promise<void> {
    await this.until(`the log of ${name} says ${pattern}`, () => pattern.test(this.log(name)), seconds);
  }

  /** Lines of the node's log at level ERROR and above. */
  complaints(name: string): string[] {
    return this.log(name)
      .split("\n")
      .filter((line) => /(?:^|\s)(?:ERROR|CRIT|ALERT|EMERG):/i.test(line));
  }

  /** What the test services were asked: lines of `UPTIME NAME ARGUMENTS`. */
  calls(name: string): string[] {
    return this.machine(name).read(callLog).split("\n").slice(0, -1);
  }

  /** Makes a test service fail or hang at an action from now on. */
  misbehave(name: string, service: string, action: string, how: "fail" | "hang" | "slow"): Promise<void> {
    return this.machine(name).write(misbehaviourFile(service, action), `${how}\n`);
  }

  /** The status of `of` in the eyes of `on`: init, up, active, dead; empty if heartbeat there does not answer. */
  async sees(on: string, of: string): Promise<string> {
    return (await this.exec(on, ["cl_status", "nodestatus", of])).stdout.trim();
  }

  /** What a node says it holds: none, local, foreign, all, transition; empty if it does not answer. */
  async holds(name: string): Promise<string> {
    return (await this.exec(name, ["cl_status", "rscstatus"])).stdout.trim();
  }

  runs(name: string, service: string): boolean {
    return this.machine(name).has(stateFile(service));
  }

  hasAddress(name: string, address: string): boolean {
    return this.machine(name).hasAddress(address);
  }

  /** Watches who has an address until it is stopped. */
  watchAddress(address: string): Watch {
    const names = [...this.#machines.keys()];
    const watch = new Watch(() => names.filter((name) => this.hasAddress(name, address)));
    this.#watches.push(watch);
    return watch;
  }

  /** Watches who has a file system at `place`, every millisecond, until it is stopped. */
  watchMounts(place: string): Watch {
    const watch = watchMounts([...this.#machines.values()], place);
    this.#watches.push(watch);
    return watch;
  }

  /**
   * Polls until the condition holds and tells how long that took, in milliseconds. After the limit it fails with the state
   * and the end of the log of every node.
   */
  async until(what: string, condition: () => boolean | Promise<boolean>, limitSeconds = 30): Promise<number> {
    const began = performance.now();
    for (;;) {
      if (await condition()) return Math.round(performance.now() - began);
      if (performance.now() - began > limitSeconds * 1000)
        throw new Error(`not within ${limitSeconds} s: ${what}\n${await this.report()}`);
      await pause(pollMs);
    }
  }

  /** Fails if the condition ceases to hold within so many seconds. */
  async holdsFor(
    what: string,
    forSeconds: number,
    condition: () => boolean | Promise<boolean>,
    everyMs = pollMs,
  ): Promise<void> {
    const end = performance.now() + forSeconds * 1000;
    while (performance.now() < end) {
      if (!(await condition())) throw new Error(`no longer true: ${what}\n${await this.report()}`);
      await pause(everyMs);
    }
  }

  /** Every node's state, for a person who looks into a failure. */
  async report(): Promise<string> {
    const parts = await Promise.all(
      [...this.#machines.values()].map(async (machine) => {
        const head = `---- ${machine.name} (${this.kind(machine.name)})`;
        const state = machine.isOn
          ? (await this.exec(machine.name, ["sh", "-c", "ip -o -4 addr; ps -eo pid,args; cl_status rscstatus"])).stdout
          : "switched off\n";
        const tail = this.log(machine.name).split("\n").slice(-60).join("\n");
        return `${head}\n${state}services:\n${this.calls(machine.name).slice(-15).join("\n")}\nlog:\n${tail}`;
      }),
    );
    return parts.join("\n");
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
