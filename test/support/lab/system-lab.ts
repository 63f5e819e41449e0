/**
 * Machines that systemd boots, with what an administrator has: packages, services, a journal. For the package itself, and for everything
 * that depends on how the daemon is started.
 *
 * The tree below is the system root (scripts/test-root.mjs): the original is installed in it, its unit enabled, nothing is configured.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemdBoot } from "./boot.ts";
import type { command, Outcome } from "./command.ts";
import { Hub } from "./hub.ts";
import { checkout, Machine } from "./machine.ts";

const pollMs = 50;

export class SystemLab implements AsyncDisposable {
  readonly #hub: Hub;
  readonly #machines: ReadonlyMap<string, Machine>;

  private constructor(hub: Hub, machines: ReadonlyMap<string, Machine>) {
    this.#hub = hub;
    this.#machines = machines;
  }

  /** Boots machines of these names, connected by one network: 10.77.0.1, 10.77.0.2 ... */
  static async create(...names: readonly string[]): Promise<SystemLab> {
    const root = systemRoot();
    const hub = await Hub.create(root, 1);
    const machines = new Map(
      names.map((name, index) => [name, new Machine(hub, root, name, index + 1, systemdBoot)] as const),
    );
    const lab = new SystemLab(hub, machines);
    try {
      for (const name of names) {
        await lab.machine(name).boot();
        await lab.until(`${name} is up`, async () => {
          const { stdout } = await lab.run(name, "systemctl is-system-running || true");
          return /running|degraded/.test(stdout);
        });
      }
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
    return lab;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#machines.values()].map((machine) => machine.off()));
    await this.#hub.close();
  }

  machine(name: string): Machine {
    const machine = this.#machines.get(name);
    if (machine === undefined) throw new Error(`the laboratory has no machine ${name}`);
    return machine;
  }

  /** Runs a script of the shell as root; what it ends with is the caller's business. */
  run(name: string, script: string, limitSeconds = 120): Promise<Outcome> {
    return this.machine(name).exec(["bash", "-c", script], { limitSeconds });
  }

  /** The same, where anything but success ends the test. */
  async must(name: string, script: string, limitSeconds = 120): Promise<string> {
    const { code, stdout, stderr } = await this.run(name, script, limitSeconds);
    if (code !== 0) throw new Error(`${name}: ${script}: exit ${code}\n${stdout}${stderr}${await this.journal(name)}`);
    return stdout;
  }

  /** A file of this host on the machine's disk. */
  async copy(name: string, file: string, to: string): Promise<void> {
    const script = 'mkdir -p "$(dirname "$2")" && cp "$1" "$2"';
    const inside = `/proc/${this.machine(name).pid}/root${to}`;
    const { status, stderr } = spawnSync("sh", ["-c", script, "copy", file, inside], { encoding: "utf8" });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
  }

  client(argv: readonly string[]): ReturnType<typeof command> {
    return this.#hub.client(argv);
  }

  /** A tool of the client that runs until the test ends it by a signal. */
  startClient(argv: readonly string[]): ReturnType<Hub["startClient"]> {
    return this.#hub.startClient(argv);
  }

  async journal(name: string): Promise<string> {
    return (await this.run(name, "journalctl --no-pager -o short-precise | tail -60")).stdout;
  }

  /** Polls until the condition holds; how long that took, in milliseconds. */
  async until(what: string, condition: () => boolean | Promise<boolean>, limitSeconds = 40): Promise<number> {
    const began = performance.now();
    while (!(await condition())) {
      if (performance.now() - began > limitSeconds * 1000) {
        const journals = await Promise.all(
          [...this.#machines.keys()].map(async (name) => `---- ${name}\n${await this.journal(name)}`),
        );
        throw new Error(`not within ${limitSeconds} s: ${what}\n${journals.join("\n")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return Math.round(performance.now() - began);
  }
}

/** Made by scripts/test.mjs for files that use this one. */
export function systemRoot(): string {
  const root = process.env["HEARTBEAT_SYSTEM_ROOT"];
  if (!root)
    throw new Error("tests with systemd run by `node scripts/test.mjs`, which makes the system root they need");
  return root;
}

/** Builds our Debian package for this machine, with further options of scripts/dist.mjs; the caller removes the folder. */
export function buildPackage(...options: readonly string[]): { readonly folder: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-package-"));
  const common = ["scripts/dist.mjs", "--quick", "--only", "deb", "--arch", process.arch, "--output", folder];
  const args = [...common, ...options];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: checkout, encoding: "utf8" });
  const name = readdirSync(folder).find((each) => each.endsWith(".deb"));
  if (status === 0 && name !== undefined) return { folder, file: join(folder, name) };
  rmSync(folder, { recursive: true, force: true });
  throw new Error(`dist: ${stdout}${stderr}`);
}
