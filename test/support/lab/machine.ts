/**
 * One node of the laboratory: a network, mount, process, host-name and IPC namespace around the test root.
 *
 * Killing its process 1 is the power cut: the kernel ends every process in it, and its interfaces go with the namespace. Its
 * disk (the upper folder of the overlay) survives, its memory (/run) does not.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ipBytes } from "../../../src/wire/packets/ip-address.ts";
import { type Boot, plainBoot } from "./boot.ts";
import { type CommandOptions, command, type Outcome } from "./command.ts";
import { endHelper, type Helper, startHelper } from "./helper.ts";
import type { Hub } from "./hub.ts";

// Compiled, this file is dist/test/support/lab/machine.js.
export const checkout = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..", "..");

/** The node binary and the libraries it needs, to be mounted into a node where its tree has none of its own. */
const nodeProgram: readonly string[] = [
  process.execPath,
  ...[...execFileSync("ldd", [process.execPath], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g)].map(
    ([, path = ""]) => path,
  ),
];

const surroundings = [
  "env",
  "-i",
  "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  "HOME=/root",
  "LANG=C",
];

export class Machine {
  readonly name: string;
  /** From 1: the last number of its addresses. */
  readonly number: number;
  readonly #hub: Hub;
  readonly #testRoot: string;
  readonly #boot: Boot;
  #running: { readonly holder: Helper; readonly init: number } | undefined;

  constructor(hub: Hub, testRoot: string, name: string, number: number, boot: Boot = plainBoot) {
    this.#hub = hub;
    this.#boot = boot;
    this.#testRoot = testRoot;
    this.name = name;
    this.number = number;
  }

  get isOn(): boolean {
    return this.#running !== undefined;
  }

  /** Its process 1 as this process sees it. */
  get pid(): number | undefined {
    return this.#running?.init;
  }

  /** Its address on network `n`. */
  address(n = 0): string {
    return `10.77.${n}.${this.number}`;
  }

  address6(n = 0): string {
    return `fd77:${n}::${this.number}`;
  }

  /** Switches it on and waits until its network is up. */
  async boot(): Promise<void> {
    if (this.#running) throw new Error(`${this.name} is on already`);
    const { script, before, namespaces } = this.#boot;
    const cut = ["--net", "--uts", "--ipc", "--mount", "--pid", ...namespaces, "--fork", "--kill-child=KILL"];
    const enter = [...before, "nsenter", "-t", `${this.#hub.pid}`, "-m", "--", "unshare", ...cut, "--"];
    const boot = [...enter, "bash", "-c", script, "boot", this.#hub.folder(this.name), this.#testRoot, this.name];
    const holder = await startHelper([...boot, checkout, ...nodeProgram]);
    const init = Number(readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim());
    this.#running = { holder, init };
    await this.#hub.plug(this.name, init, this.number);
    const lines = ["link set lo up"];
    for (let n = 0; n < this.#hub.bridges; n++)
      lines.push(
        `addr add ${this.address(n)}/24 brd + dev eth${n}`,
        `addr add ${this.address6(n)}/64 dev eth${n} nodad`,
        `link set eth${n} up`,
      );
    lines.push("route add default via 10.77.0.254 dev eth0");
    const { code, stderr } = await this.exec(["ip", "-batch", "-"], { input: `${lines.join("\n")}\n` });
    if (code !== 0) throw new Error(`${this.name}: network: ${stderr}`);
  }

  /** An interface that is gone, as that of a network card which was pulled out, and another one in its place. */
  async removeInterface(n: number): Promise<void> {
    await this.exec(["ip", "link", "del", `eth${n}`]);
  }

  async restoreInterface(n: number): Promise<void> {
    await this.#hub.plugOne(this.name, this.#on().init, this.number, n);
    const input = `addr add ${this.address(n)}/24 brd + dev eth${n}\nlink set eth${n} up\n`;
    const { code, stderr } = await this.exec(["ip", "-batch", "-"], { input });
    if (code !== 0) throw new Error(`${this.name}: eth${n}: ${stderr}`);
  }

  /** A power cut: nothing more leaves it, then every process is gone. */
  async crash(): Promise<void> {
    const { holder, init } = this.#on();
    this.#running = undefined;
    if (holder.child.exitCode === null && holder.child.signalCode === null) {
      for (let n = 0; n < this.#hub.bridges; n++) await this.#hub.cut(this.name, n, true);
      const gone = new Promise((resolve) => holder.child.once("exit", resolve));
      process.kill(init, "SIGKILL"); // the holder ends when all of its namespace has ended
      await gone;
    }
    await this.#hub.unplug(this.name);
  }

  /** Resolves when the node has died of itself, by a reboot for example; it is off then. */
  async died(): Promise<void> {
    const { child } = this.#on().holder;
    if (child.exitCode === null && child.signalCode === null)
      await new Promise((resolve) => child.once("exit", resolve));
    this.#running = undefined;
    await this.#hub.unplug(this.name);
  }

  /** Switches it off at the end of a test. */
  async off(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    if (running) await endHelper(running.holder);
  }

  /** Runs a program in the node. */
  exec(argv: readonly string[], options?: CommandOptions): Promise<Outcome> {
    const spaces = ["-m", "-u", "-i", "-n", "-p", ...(this.#boot.namespaces.includes("--cgroup") ? ["-C"] : [])];
    const enter = ["nsenter", "-t", `${this.#on().init}`, ...spaces, "--", ...surroundings];
    return command([...enter, ...argv], options);
  }

  /** Writes a file onto its disk, whether it is on or off. */
  async write(path: string, content: string, mode = "644"): Promise<void> {
    const script = 'mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1" && chmod "$3" "$1"';
    if (this.isOn) await this.exec(["bash", "-ec", script, "write", path, content, mode]);
    else await this.#hub.prepare(script, `${this.#hub.folder(this.name)}/upper${path}`, content, mode);
  }

  /** Its file as text, also while it is off; empty if there is none. */
  read(path: string): string {
    const file = this.#running
      ? `/proc/${this.#running.init}/root${path}`
      : `${this.#hub.outside(this.name)}/upper${path}`;
    return existsSync(file) ? readFileSync(file, "utf8") : "";
  }

  /** Whether a file exists in the running node. */
  has(path: string): boolean {
    return this.#running !== undefined && existsSync(`/proc/${this.#running.init}/root${path}`);
  }

  /** Whether an interface of the running node has the address; costs no process, so it can be asked often. */
  hasAddress(address: string): boolean {
    if (!this.#running) return false;
    try {
      const table = readFileSync(`/proc/${this.#running.init}/net/fib_trie`, "utf8");
      return new RegExp(`\\|-- ${address.replaceAll(".", "\\.")}\\n\\s+/32 host LOCAL`).test(table);
    } catch {
      return false; // it crashed in this very moment
    }
  }

  /** Every address of the running node, of version 4. */
  addresses(): string[] {
    if (!this.#running) return [];
    const table = readFileSync(`/proc/${this.#running.init}/net/fib_trie`, "utf8");
    return [...new Set([...table.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address = ""]) => address))];
  }

  /** The same of version 6, in the kernel's own form. */
  hasAddress6(address: string): boolean {
    const all = this.#running === undefined ? "" : readFileSync(`/proc/${this.#running.init}/net/if_inet6`, "utf8");
    const hex = Buffer.from(ipBytes(address)).toString("hex");
    return all.split("\n").some((line) => line.startsWith(hex));
  }

  #on(): { readonly holder: Helper; readonly init: number } {
    if (!this.#running) throw new Error(`${this.name} is off`);
    return this.#running;
  }
}
