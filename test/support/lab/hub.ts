/**
 * The laboratory's ground: one mount namespace with a file system in memory, and one network namespace with the bridges
 * that stand for cables and switches. Nodes are machines plugged into it (machine.ts).
 *
 * Every tool (ip, nft, ping ...) comes from the test root, so that the host needs nothing but util-linux.
 */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { command, mustRun } from "./command.ts";
import { endHelper, type Helper, startHelper } from "./helper.ts";

const ground = `
set -e
mount -t tmpfs -o mode=755,size=2g tmpfs "$1/mnt"
mkdir "$1/mnt/tools"
mount --bind "$1" "$1/mnt/tools"
mount -o remount,bind,ro "$1/mnt/tools"
mount --rbind /proc "$1/mnt/tools/proc"
echo ready
exec sleep infinity
`;

export class Hub {
  readonly #helper: Helper;
  readonly #client: Helper;
  readonly #testRoot: string;
  readonly bridges: number;

  private constructor(helper: Helper, client: Helper, testRoot: string, bridges: number) {
    this.#helper = helper;
    this.#client = client;
    this.#testRoot = testRoot;
    this.bridges = bridges;
  }

  /** Makes the ground with that many separate networks: network n is 10.77.n.0/24, and the client is .254 (and fd77:n::fe) on each. */
  static async create(testRoot: string, bridges: number): Promise<Hub> {
    const helper = await startHelper(["unshare", "--mount", "--net", "bash", "-c", ground, "ground", testRoot]);
    const client = await startHelper(["unshare", "--net", "sh", "-c", "echo ready; exec sleep infinity"]);
    const hub = new Hub(helper, client, testRoot, bridges);
    const ours: string[] = [];
    const theirs: string[] = ["link set lo up"];
    for (let n = 0; n < bridges; n++) {
      ours.push(`link add br${n} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`, `link set br${n} up`);
      ours.push(...hub.#cable("client", n, client.pid, "02:00:00:00:00:fe"));
      theirs.push(
        `addr add 10.77.${n}.254/24 brd + dev eth${n}`,
        `addr add fd77:${n}::fe/64 dev eth${n} nodad`,
        `link set eth${n} up`,
      );
    }
    await hub.#ip(helper.pid, ours);
    await hub.#ip(client.pid, theirs);
    return hub;
  }

  get pid(): number {
    return this.#helper.pid;
  }

  /** The folder of a node in memory, as the hub's own processes see it. */
  folder(node: string): string {
    return join(this.#testRoot, "mnt", node);
  }

  /** The same folder as this process can reach it. */
  outside(node: string): string {
    return `/proc/${this.pid}/root${this.folder(node)}`;
  }

  /** Runs a script of bash on the ground. */
  async prepare(script: string, ...args: readonly string[]): Promise<void> {
    await mustRun(["nsenter", "-t", `${this.pid}`, "-m", "--", "bash", "-ec", script, "prepare", ...args]);
  }

  /** Plugs the network namespace of process `pid` into every bridge. */
  async plug(node: string, pid: number, number: number): Promise<void> {
    const lines: string[] = [];
    for (let n = 0; n < this.bridges; n++) lines.push(...this.#cable(node, n, pid, `02:00:00:00:0${n}:0${number}`));
    await this.#ip(this.pid, lines);
  }

  /** One cable again, after its interface was removed inside the node. */
  async plugOne(node: string, pid: number, number: number, network: number): Promise<void> {
    await this.#ip(this.pid, this.#cable(node, network, pid, `02:00:00:00:0${network}:0${number}`));
  }

  /** Pulls the cables out; whoever is at their end does not matter any more. */
  async unplug(node: string): Promise<void> {
    for (let n = 0; n < this.bridges; n++) await this.#tool(this.pid, ["ip", "link", "del", `${node}.${n}`], ""); // gone already if the namespace has ended
  }

  /** Cuts one cable silently, or heals it. The port leaves the bridge: its other end keeps its carrier and hears nothing. */
  async cut(node: string, network: number, cut: boolean): Promise<void> {
    await this.#ip(this.pid, [`link set ${node}.${network} ${cut ? "nomaster" : `master br${network}`}`]);
  }

  /** Pulls one cable out of its switch, or puts it in again: its other end loses its carrier. */
  async pull(node: string, network: number, out: boolean): Promise<void> {
    await this.#ip(this.pid, [`link set ${node}.${network} ${out ? "down" : "up"}`]);
  }

  /** Runs a tool as the client: a machine beside the cluster. */
  client(argv: readonly string[], limitSeconds = 30): ReturnType<typeof command> {
    return this.#tool(this.#client.pid, argv, "", limitSeconds);
  }

  /** Starts a tool as the client, for as long as a test wants; it dies with the test. */
  startClient(argv: readonly string[]): ChildProcessByStdio<null, Readable, null> {
    const enter = [`--mount=/proc/${this.pid}/ns/mnt`, `--net=/proc/${this.#client.pid}/ns/net`, "--"];
    const words = ["--pdeathsig", "KILL", "nsenter", ...enter, "chroot", join(this.#testRoot, "mnt", "tools"), ...argv];
    return spawn("setpriv", words, { stdio: ["ignore", "pipe", "ignore"] });
  }

  /** Starts a program of this folder as the client, by our own node and outside of the tools. */
  startProgram(file: string, args: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
    const enter = ["nsenter", `--net=/proc/${this.#client.pid}/ns/net`, "--", process.execPath];
    const words = ["--pdeathsig", "KILL", ...enter, join(dirname(fileURLToPath(import.meta.url)), file), ...args];
    return spawn("setpriv", words, { stdio: ["pipe", "pipe", "inherit"] });
  }

  async close(): Promise<void> {
    await Promise.all([endHelper(this.#client), endHelper(this.#helper)]);
  }

  #cable(node: string, n: number, pid: number, mac: string): string[] {
    return [
      `link add ${node}.${n} type veth peer name eth${n} address ${mac} netns ${pid}`,
      `link set ${node}.${n} master br${n} up`,
    ];
  }

  #tool(netOf: number, argv: readonly string[], input: string, limitSeconds = 30): ReturnType<typeof command> {
    const enter = ["nsenter", `--mount=/proc/${this.pid}/ns/mnt`, `--net=/proc/${netOf}/ns/net`, "--"];
    return command([...enter, "chroot", join(this.#testRoot, "mnt", "tools"), ...argv], { input, limitSeconds });
  }

  async #ip(netOf: number, lines: readonly string[]): Promise<void> {
    const { code, stderr } = await this.#tool(netOf, ["ip", "-batch", "-"], `${lines.join("\n")}\n`);
    if (code !== 0) throw new Error(`ip -batch: ${stderr}\n${lines.join("\n")}`);
  }
}
