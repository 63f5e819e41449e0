/**
 * A small host for tests of the whole program: network, host name and processes of its own, files below a temporary root.
 *
 * It holds nothing but the namespaces; everything in it ends with it, and it ends with this process.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { command, type Outcome } from "../support/lab/command.ts";
import { endHelper, type Helper, startHelper } from "../support/lab/helper.ts";

// Compiled, this file is dist/test/daemon/host.js.
const checkout = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "..");
export const isRoot = process.getuid?.() === 0;

/** eth0 has a cable whose other end nobody reads. Process 1 takes care of orphans, as an init does. */
const boot = `
set -e
hostname owl
ip link set lo up
ip link add eth0 type veth peer name cable
ip addr add 10.77.0.1/24 brd + dev eth0
ip link set eth0 up
ip link set cable up
trap "exit 0" TERM
echo ready
while :; do sleep 86400 & wait $!; done
`;

export class Host implements AsyncDisposable {
  readonly root = mkdtempSync(join(tmpdir(), "hb-host-"));
  readonly #helper: Helper;
  readonly #init: number;

  private constructor(helper: Helper) {
    this.#helper = helper;
    this.#init = Number(readFileSync(`/proc/${helper.pid}/task/${helper.pid}/children`, "utf8").trim());
  }

  static async start(): Promise<Host> {
    const user = isRoot ? [] : ["--user", "--map-root-user"];
    const namespaces = ["--net", "--uts", "--mount", "--pid", "--fork", "--kill-child=KILL", "--mount-proc"];
    const host = new Host(await startHelper(["unshare", ...user, ...namespaces, "bash", "-c", boot]));
    mkdirSync(join(host.root, "var/log"), { recursive: true });
    host.write("etc/ha.d/ha.cf", sampleHaCf);
    host.write("etc/ha.d/authkeys", "auth 1\n1 sha1 not-so-secret\n", 0o600);
    host.write("etc/ha.d/haresources", "owl 10.77.0.100/24/eth0\n");
    return host;
  }

  /** The next start's generation is ahead of the clock, so that each further start counts by one and by nothing else (quirk 225). */
  putGenerationAhead(): void {
    this.write("var/lib/heartbeat/hb_generation", `${Math.floor(Date.now() / 1000) + 3600}\n`);
  }

  write(path: string, content: string, mode = 0o644): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    rmSync(file, { force: true });
    writeFileSync(file, content, { mode });
  }

  read(path: string): string {
    try {
      return readFileSync(join(this.root, path), "utf8");
    } catch {
      return "";
    }
  }

  /** False after a restart, which ends all that is in it. */
  get isOn(): boolean {
    return existsSync(`/proc/${this.#init}`);
  }

  /** Runs any program in the host. */
  exec(...argv: readonly string[]): Promise<Outcome> {
    return command([...this.#enter(), ...argv], { limitSeconds: 60 });
  }

  heartbeat(...args: readonly string[]): Promise<Outcome> {
    return this.exec(join(checkout, "bin/heartbeat"), "--root", this.root, ...args);
  }

  /** As `heartbeat`, but with other rights: the words stand before the program. */
  heartbeatAs(wrapper: readonly string[], ...args: readonly string[]): Promise<Outcome> {
    return this.exec(...wrapper, join(checkout, "bin/heartbeat"), "--root", this.root, ...args);
  }

  /** The daemon's process id inside the host. */
  get pid(): number {
    return Number(this.read("run/heartbeat.pid").trim());
  }

  async view(): Promise<Record<string, unknown>> {
    const socket = connect(join(this.root, "run/heartbeat/control"));
    socket.write("view\n");
    return JSON.parse(await text(socket));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await endHelper(this.#helper);
    rmSync(this.root, { recursive: true, force: true });
  }

  #enter(): string[] {
    const user = isRoot ? [] : ["-U", "--preserve-credentials"];
    return ["nsenter", "-t", `${this.#init}`, ...user, "-m", "-u", "-n", "-p", "--"];
  }
}

export const sampleHaCf = `logfile /var/log/ha-log
debugfile /var/log/ha-debug
logfacility none
keepalive 100ms
deadtime 1
warntime 500ms
initdead 1
udpport 694
bcast eth0
auto_failback on
node owl fox
`;

export async function until(says: string, condition: () => boolean | Promise<boolean>, seconds = 20): Promise<void> {
  const limit = performance.now() + seconds * 1000;
  while (!(await condition())) {
    if (performance.now() > limit) throw new Error(`still not so after ${seconds} s: ${says}`);
    await pause(50);
  }
}
