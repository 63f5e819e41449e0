/**
 * The scene with everything: two computers and a client on a switch, made of namespaces (`stage.ts`).
 */

import { randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { View } from "../core/view.ts";
import { addressProbe, command, Prober, program, serviceProbe } from "./client.ts";
import {
  clusterFiles,
  echoPort,
  hostNumber,
  machinePlace,
  owner,
  type Place,
  serviceAddress,
  standby,
} from "./cluster-files.ts";
import { Companion, finish } from "./command.ts";
import { monotonic } from "./samples.ts";
import type { Machine, Scene } from "./scene.ts";
import { type Computer, Stage } from "./stage.ts";
import { Watch } from "./watch.ts";

/** Builds the scene; rejects with the host's reason where it is not allowed. */
export async function namespaceScene(userNamespace: boolean): Promise<Scene> {
  const stage = await Stage.raise(userNamespace);
  try {
    return await furnish(stage);
  } catch (reason) {
    await stage.strike();
    throw reason;
  }
}

async function furnish(stage: Stage): Promise<Scene> {
  const programs = { nginx: findNginx(), node: process.execPath, service: program("http-service") };
  const key = randomBytes(20).toString("hex");
  const machines = [owner, standby] as const;
  for (const name of machines)
    for (const { path, mode, text } of clusterFiles(key, machinePlace(name, programs)))
      stage.install(name, path, text, mode);
  const [first, second] = [new NamespaceMachine(stage, owner), new NamespaceMachine(stage, standby)];
  // One boot now, because a host that forbids anything forbids it here and not in the middle of the story.
  await first.switchOn();
  const client = await stage.client("client", hostNumber.client);
  const [address, service] = [addressProbe, serviceProbe].map(
    (argv) => new Prober(client.enter([process.execPath, ...argv])),
  );
  if (address === undefined || service === undefined) throw new Error("no probes");
  return {
    owner: first,
    standby: second,
    describes: describe(machinePlace(owner, programs)),
    address,
    service,
    strike: async () => {
      first.close();
      second.close();
      await stage.strike();
    },
  };
}

class NamespaceMachine implements Machine {
  readonly name: typeof owner | typeof standby;
  readonly #stage: Stage;
  #computer: Computer | undefined;
  #echo: Companion | undefined;
  #watch: Watch | undefined;
  #log = "";

  constructor(stage: Stage, name: typeof owner | typeof standby) {
    this.#stage = stage;
    this.name = name;
  }

  get on(): boolean {
    return this.#computer !== undefined;
  }

  get view(): View | undefined {
    return this.#watch?.view;
  }

  async switchOn(): Promise<Computer> {
    if (this.#computer !== undefined) return this.#computer;
    const computer = await this.#stage.boot(this.name, hostNumber[this.name]);
    this.#computer = computer;
    this.#log = join(computer.root, "var/log/ha-log");
    const echo = [process.execPath, program("echo-service"), String(echoPort)];
    this.#echo = new Companion(computer.enter(echo));
    await this.#echo.line();
    return computer;
  }

  async start(): Promise<void> {
    const computer = await this.switchOn();
    await this.#run("heartbeat");
    this.#watch = new Watch(join(computer.root, "run/heartbeat/control"));
  }

  async crash(): Promise<number> {
    const computer = this.#off();
    const moment = monotonic();
    await computer.cut();
    return moment;
  }

  async stop(): Promise<void> {
    if (this.#computer === undefined) return;
    await this.#run("heartbeat", "-k");
    await this.#off().cut();
  }

  handOver(): Promise<void> {
    return this.#run("hb_standby");
  }

  async powerLost(): Promise<void> {
    const computer = this.#computer;
    await computer?.off;
    if (this.#computer === computer) this.#off();
  }

  hints(): readonly string[] {
    if (this.#computer === undefined) return [];
    const inside = `nsenter ${this.#stage.nsenterOptions(this.#computer)}`;
    const heartbeat = `${inside} ${command("heartbeat")}`;
    return [
      `${this.name}`,
      `  ${heartbeat} status`,
      `  ${inside} tail -f /var/log/ha-log`,
      `  ${inside} bash`,
      `  ${inside} ${command("hb_standby")}      # gives everything to the other node`,
      `  ${inside} ${command("hb_takeover")}     # takes everything`,
      `  ${heartbeat} -k     # stops it in order; without -k it starts again`,
      `  kill -9 ${this.#computer.pid}     # cuts its power`,
    ];
  }

  logTail(): string {
    try {
      return readFileSync(this.#log, "utf8").split("\n").slice(-15).join("\n");
    } catch {
      return "(no log)";
    }
  }

  close(): void {
    this.#watch?.close();
  }

  async #run(name: string, ...args: readonly string[]): Promise<void> {
    if (this.#computer === undefined) throw new Error(`${this.name} is switched off`);
    const { code, stdout, stderr } = await finish(this.#computer.enter([command(name), ...args]));
    if (code !== 0) throw new Error(`${[name, ...args].join(" ")} on ${this.name}: ${(stderr || stdout).trim()}`);
  }

  #off(): Computer {
    const computer = this.#computer;
    if (computer === undefined) throw new Error(`${this.name} is switched off`);
    this.#watch?.close();
    this.#watch = undefined;
    this.#computer = undefined;
    this.#echo = undefined; // it ends with its computer
    return computer;
  }
}

const findNginx = (): string | undefined =>
  ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"].find((path) => existsSync(path));

const describe = ({ web }: Place): readonly string[] => [
  `Two nodes, ${owner} and ${standby}, each in namespaces of its own on a switch; a client beside them.`,
  `${owner} owns the address ${serviceAddress} and a web service (${web.says}).`,
];
