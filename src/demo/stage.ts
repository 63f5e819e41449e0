/**
 * Small machines out of namespaces: a switch, computers on it, and a power cut for each.
 *
 * Nothing here has a name that the host knows. One shell process holds the stage: it is the first process of a pid
 * namespace in which everything else runs, and it lives as long as its standard input, whose other end only we have. When
 * we end, in whatever way, the kernel closes that input, the holder ends, and with it every process, interface, address
 * and mount of the stage. An ordinary user gets the same inside a user namespace, where it may do all this.
 *
 * A computer is a further set of namespaces (network, host name, mount, ipc, pid) below the stage. Its disk is a folder of
 * a tmpfs of the holder and outlives its crash, as a disk does: /etc/ha.d, /var/lib/heartbeat and /var/log.
 */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { Companion, must } from "./command.ts";

/**
 * The shell's own entry in /proc says its process number as seen by whoever mounted /proc: the host, until the computer
 * mounts its own. The shell stays to collect orphans (`wait` does), for a first process must.
 */
const sayPid = `read -r pid rest </proc/self/stat`;
const lingerUntilInputEnds = `exec 3<&0; cat <&3 >/dev/null & wait $!`;

const holderScript = `
set -e
${sayPid}
mount -t tmpfs -o mode=755 tmpfs /run
echo "$pid"
${lingerUntilInputEnds}
`;

/** Argument 1: the disk's folder. Argument 2: the host name. Argument 3: a fresh folder for what does not outlive a crash. */
const computerScript = `
set -e
${sayPid}
mkdir -p "$1/ha.d" "$1/lib" "$1/log" "$3/etc" "$3/etc.work" "$3/lib" "$3/lib.work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$3/etc,workdir=$3/etc.work" /etc
mount -t overlay overlay -o "lowerdir=/var/lib,upperdir=$3/lib,workdir=$3/lib.work" /var/lib
mkdir -p /etc/ha.d /var/lib/heartbeat
mount --bind "$1/ha.d" /etc/ha.d
mount --bind "$1/lib" /var/lib/heartbeat
mount --bind "$1/log" /var/log
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
hostname "$2"
mount -t proc proc /proc
ip link set lo up
echo "$pid"
${lingerUntilInputEnds}
`;

const clientScript = `${sayPid}; ip link set lo up; echo "$pid"; ${lingerUntilInputEnds}`;

const subnet = "10.77.0";
const switchName = "switch";

/** A set of namespaces, found through one process in them. */
export interface Place {
  /** As the host counts. */
  readonly pid: number;
  /** The command line that runs `argv` there. */
  enter(argv: readonly string[]): readonly string[];
}

export interface Computer extends Place {
  readonly name: string;
  /** Where its files are seen from here. */
  readonly root: string;
  /** Power off: everything in it ends at once. */
  cut(): Promise<void>;
  /** Resolves when it is off, by whomever. */
  readonly off: Promise<void>;
}

export class Stage {
  readonly #holder: Companion;
  readonly #userNamespace: boolean;
  readonly #pid: number;
  readonly #wires: Companion;
  readonly #running = new Set<Companion>();
  #boots = 0;

  private constructor(holder: Companion, userNamespace: boolean, pid: number) {
    this.#holder = holder;
    this.#userNamespace = userNamespace;
    this.#pid = pid;
    this.#wires = new Companion(this.#enter(pid, ["--net"], ["ip", "-batch", "-"]));
  }

  /** Makes the switch and tries everything a computer needs; rejects with the reason of the host. */
  static async raise(userNamespace: boolean): Promise<Stage> {
    const user = userNamespace ? ["--user", "--map-root-user"] : [];
    const alone = ["--mount", "--net", "--pid", "--fork", "--kill-child=KILL"];
    const holder = new Companion(["unshare", ...user, ...alone, "sh", "-c", holderScript]);
    const pid = Number(await holder.line());
    const stage = new Stage(holder, userNamespace, pid);
    try {
      const bridge = `link add ${switchName} type bridge stp_state 0 forward_delay 0 mcast_snooping 0`;
      await stage.#ip(pid, [bridge, `link set ${switchName} up`, "link set lo up"]);
    } catch (reason) {
      await stage.strike();
      throw reason;
    }
    return stage;
  }

  /** Puts a file on a computer's disk, below its /etc/ha.d. */
  install(name: string, file: string, text: string, mode: number): void {
    const path = `/proc/${this.#pid}/root${diskOf(name)}/ha.d/${file}`;
    mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    writeFileSync(path, text);
    chmodSync(path, mode); // whatever our umask is
  }

  /** Switches a computer on: its namespaces, its file systems, and `eth0` with its own address on the switch. */
  async boot(name: string, host: number): Promise<Computer> {
    const alone = ["--mount", "--uts", "--ipc", "--net", "--pid", "--fork", "--kill-child=KILL"];
    const volatile = `/run/boot.${++this.#boots}`;
    const script = ["sh", "-c", computerScript, name, diskOf(name), name, volatile];
    const running = this.#start(
      this.#enter(this.#pid, ["--mount", "--net", "--pid"], ["unshare", ...alone, ...script]),
    );
    const pid = Number(await running.line());
    await this.#plug(name, pid, host);
    const off = running.ended.then(() => void this.#running.delete(running));
    return {
      name,
      pid,
      root: `/proc/${pid}/root`,
      enter: (argv) => this.#enter(pid, ["--mount", "--uts", "--ipc", "--net", "--pid"], argv),
      cut: async () => {
        this.#wires.say(`link set ${name} down`);
        process.kill(pid, "SIGKILL");
        await off;
      },
      off,
    };
  }

  /** A network namespace on the switch for those who only look. */
  async client(name: string, host: number): Promise<Place> {
    const shell = ["unshare", "--net", "sh", "-c", clientScript];
    const running = this.#start(this.#enter(this.#pid, ["--mount", "--net", "--pid"], shell));
    const pid = Number(await running.line());
    await this.#plug(name, pid, host);
    return { pid, enter: (argv) => this.#enter(pid, ["--net", "--pid"], argv) };
  }

  /** The options that reach a computer from another terminal. */
  nsenterOptions(computer: Computer): string {
    return this.#enter(computer.pid, ["--mount", "--uts", "--ipc", "--net", "--pid"], []).slice(1).join(" ");
  }

  /** Takes everything down. */
  async strike(): Promise<void> {
    await Promise.all([this.#wires, ...this.#running, this.#holder].map((companion) => companion.end()));
  }

  async #plug(port: string, pid: number, host: number): Promise<void> {
    // A computer that lost its power leaves its port behind until the kernel has cleaned up.
    await this.#ip(this.#pid, [`link del ${port}`]).catch(() => {});
    await this.#ip(this.#pid, [
      `link add ${port} type veth peer name eth0 netns ${pid}`,
      `link set ${port} master ${switchName} up`,
    ]);
    await this.#ip(pid, [`addr add ${address(host)}/24 brd + dev eth0`, "link set eth0 up"]);
  }

  #ip(pid: number, commands: readonly string[]): Promise<string> {
    return must(this.#enter(pid, ["--net"], ["ip", "-batch", "-"]), `${commands.join("\n")}\n`);
  }

  #start(argv: readonly string[]): Companion {
    const companion = new Companion(argv);
    this.#running.add(companion);
    return companion;
  }

  #enter(pid: number, namespaces: readonly string[], argv: readonly string[]): readonly string[] {
    const user = this.#userNamespace ? ["--user", "--preserve-credentials"] : [];
    return ["nsenter", "--target", String(pid), ...user, ...namespaces, ...argv];
  }
}

/** An address on the switch. */
export const address = (host: number): string => `${subnet}.${host}`;

const diskOf = (name: string): string => `/run/disk/${name}`;
