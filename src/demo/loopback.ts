/**
 * The scene where the host forbids namespaces: both nodes are processes of this host, talk over multicast on the loopback
 * interface, have their names from `nodeinfo`, and own a web service on a port of 127.0.0.1 but no address.
 *
 * Their files are in one temporary folder (`--root`). A keeper, a shell in a session of its own, waits for the end of its
 * input, whose other end only we have: when we end, in whatever way, it ends both nodes and removes the folder.
 */
import { randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { appendFileSync, chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { View } from "../core/view.ts";
import { command, Prober, program } from "./client.ts";
import { clusterFiles, loopbackPlace, owner, standby } from "./cluster-files.ts";
import { Companion, finish } from "./command.ts";
import { monotonic } from "./samples.ts";
import type { Machine, Scene } from "./scene.ts";
import { Watch } from "./watch.ts";

/** Argument 1: the folder. Argument 2: our heartbeat, which ends a node in order; one that hangs is killed. */
const keeperScript = `
cat >/dev/null
for node in ${owner} ${standby}; do
  root="$1/$node"
  timeout 10 "$2" --root "$root" -k || kill -9 $(cat "$root/run/heartbeat.pid")
  [ -s "$root/run/http.pid" ] && kill -9 $(cat "$root/run/http.pid")
done >/dev/null 2>&1
rm -rf "$1"
`;

export async function loopbackScene(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-demo-"));
  const keeper = new Companion(["sh", "-c", keeperScript, "keeper", folder, command("heartbeat")]);
  const ports = { udp: await freeUdpPort(), http: await freeTcpPort() };
  const programs = { nginx: undefined, node: process.execPath, service: program("http-service") };
  const key = randomBytes(20).toString("hex");
  for (const name of [owner, standby]) {
    const root = join(folder, name);
    const files = clusterFiles(key, loopbackPlace(name, root, ports, programs));
    for (const { path, mode, text } of [...files, { path: "nodeinfo", mode: 0o644, text: `${name}\n` }]) {
      const place = join(root, "etc/ha.d", path);
      mkdirSync(dirname(place), { recursive: true });
      writeFileSync(place, text);
      chmodSync(place, mode);
    }
  }
  const [first, second] = [owner, standby].map((name) => new Process(name, join(folder, name)));
  if (first === undefined || second === undefined) throw new Error("two names, two nodes");
  const service = new Prober([process.execPath, program("probe-http"), "127.0.0.1", String(ports.http)]);
  return {
    owner: first,
    standby: second,
    describes: [
      `Two nodes, ${owner} and ${standby}, as processes of this host; ${owner} owns a web service on port ${ports.http}.`,
    ],
    address: undefined,
    service,
    strike: async () => {
      first.close();
      second.close();
      await Promise.all([service.end(), keeper.end(30_000)]);
    },
  };
}

class Process implements Machine {
  readonly name: string;
  readonly root: string;
  #watch: Watch | undefined;

  constructor(name: string, root: string) {
    this.name = name;
    this.root = root;
  }

  get on(): boolean {
    return this.#watch !== undefined;
  }

  get view(): View | undefined {
    return this.#watch?.view;
  }

  async start(): Promise<void> {
    await this.#heartbeat();
    this.#watch = new Watch(join(this.root, "run/heartbeat/control"));
  }

  /** Kills the daemon with all that it started, before anyone can clean up after it. */
  async crash(): Promise<number> {
    this.close();
    const daemon = Number(readFileSync(join(this.root, "run/heartbeat.pid"), "latin1"));
    const web = Number(readFileSync(join(this.root, "run/http.pid"), "latin1"));
    const all = [...descendants(daemon), daemon, web];
    const moment = monotonic();
    for (const pid of all) process.kill(pid, "SIGKILL");
    rmSync(join(this.root, "run"), { recursive: true }); // as a power cut empties /run
    return moment;
  }

  async stop(): Promise<void> {
    if (!this.on) return;
    await this.#heartbeat("-k");
    this.close();
  }

  /** hb_standby knows no `--root`: this is what it says. */
  async handOver(): Promise<void> {
    const order = ">>>\nt=ask_resources\nrsc_hold=all\ninfo=me\n<<<\n";
    appendFileSync(join(this.root, "var/lib/heartbeat/fifo"), order);
  }

  /** It is no machine: nobody can cut its power. */
  powerLost(): Promise<void> {
    return new Promise(() => {});
  }

  hints(): readonly string[] {
    return [this.name, `  ${command("heartbeat")} --root ${this.root} status`, `  tail -f ${this.root}/var/log/ha-log`];
  }

  logTail(): string {
    try {
      return readFileSync(join(this.root, "var/log/ha-log"), "utf8").split("\n").slice(-15).join("\n");
    } catch {
      return "(no log)";
    }
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  async #heartbeat(...args: readonly string[]): Promise<void> {
    const { code, stdout, stderr } = await finish([command("heartbeat"), "--root", this.root, ...args]);
    if (code !== 0) throw new Error(`heartbeat ${args.join(" ")} as ${this.name}: ${(stderr || stdout).trim()}`);
  }
}

/** The children of a process, their children, and so on. */
function descendants(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
  return children.flatMap((child) => [...descendants(child), child]);
}

function freeUdpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = createSocket("udp4").on("error", reject);
    socket.bind(0, () => {
      const { port } = socket.address();
      socket.close(() => resolve(port));
    });
  });
}

function freeTcpPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null ? resolve(address.port) : reject(new Error()),
      );
    });
  });
}
