/**
 * A virtual machine: qemu under software emulation, its console as a stream of lines, and its monitor (QMP), which says when the machine
 * is reset. The console obeys commands and shows heartbeat's log, so that what a machine said survives its reset.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { ConsoleText } from "./console-text.ts";

export interface MachineFiles {
  readonly kernel: string;
  readonly initrd: string;
  /** Unix sockets: the two cables' ends, which must be there already, and the monitor, which qemu makes. */
  readonly network: string;
  readonly serial: string;
  readonly monitor: string;
}

/** 110 MB of files in memory, as much again while the kernel unpacks them, and what heartbeat takes. */
const megabytes = 400;
const emulator = "qemu-system-x86_64";

export interface Event {
  /** Of performance.now(). */
  readonly at: number;
  readonly text: string;
}

export class VirtualMachine {
  readonly name: string;
  /** Lines of the console, and the monitor's word about resets, in order. */
  readonly events: Event[] = [];
  readonly #qemu: ChildProcess;
  readonly #console = new ConsoleText();
  #monitor: Socket | undefined;
  #commands = 0;

  private constructor(name: string, qemu: ChildProcess) {
    this.name = name;
    this.#qemu = qemu;
    qemu.stdout?.on("data", (chunk: Buffer) => {
      for (const line of this.#console.push(chunk)) this.#note(line);
    });
    qemu.stderr?.setEncoding("utf8").on("data", (text: string) => this.#note(`QEMU ${text.trim()}`));
  }

  static async on(name: string, number: number, files: MachineFiles): Promise<VirtualMachine> {
    const append = `console=ttyS0 loglevel=4 panic=1 rdinit=/init hb.name=${name} hb.number=${number}`;
    const mac = `52:54:00:78:00:0${number}`;
    const argv = ["-n", "5", emulator, "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1", "-m", `${megabytes}`];
    argv.push("-nodefaults", "-no-user-config", "-display", "none");
    argv.push("-kernel", files.kernel, "-initrd", files.initrd, "-append", append);
    argv.push("-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console");
    argv.push("-chardev", `socket,id=link,path=${files.serial}`, "-serial", "chardev:link");
    argv.push("-netdev", `stream,id=net,server=off,addr.type=unix,addr.path=${files.network}`);
    argv.push("-device", `virtio-net-pci,netdev=net,mac=${mac},romfile=`);
    argv.push("-qmp", `unix:${files.monitor},server=on,wait=off`);
    const qemu = spawn("setpriv", ["--pdeathsig", "KILL", "nice", ...argv], { stdio: ["pipe", "pipe", "pipe"] });
    const machine = new VirtualMachine(name, qemu);
    await machine.#listen(files.monitor);
    return machine;
  }

  /** Ends the emulator. */
  async off(): Promise<void> {
    this.#monitor?.destroy();
    if (this.#qemu.exitCode !== null || this.#qemu.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#qemu.once("exit", resolve));
    this.#qemu.kill("SIGKILL");
    await gone;
  }

  /** Has the console run a line of shell; resolves when it has ended, rejects if the machine does not answer. */
  async run(line: string, seconds = 60): Promise<{ readonly code: number; readonly output: string }> {
    const id = this.send(line);
    const from = this.events.length;
    const end = await this.saw(new RegExp(`^@${id}= \\d+$`), { from, seconds, says: `the end of: ${line}` });
    const output = this.events
      .slice(from)
      .filter(({ text }) => text.startsWith(`@${id} `))
      .map(({ text }) => text.slice(`@${id} `.length));
    return { code: Number(end.text.split(" ")[1]), output: output.join("\n") };
  }

  /** The same without waiting, for what nobody lives to answer. */
  send(line: string): number {
    this.#commands++;
    this.#qemu.stdin?.write(`${this.#commands} ${line}\n`);
    return this.#commands;
  }

  /** A place in the events: what comes from now on. */
  get now(): number {
    return this.events.length;
  }

  /** The first event from `from` on that matches; waits for it. */
  async saw(
    what: RegExp,
    { from = 0, seconds = 60, says = `${what}` }: { from?: number; seconds?: number; says?: string } = {},
  ): Promise<Event> {
    const end = performance.now() + seconds * 1000;
    let looked = from;
    for (;;) {
      for (; looked < this.events.length; looked++) {
        const event = this.events[looked];
        if (event !== undefined && what.test(event.text)) return event;
      }
      if (performance.now() > end || this.#qemu.exitCode !== null)
        throw new Error(`${this.name} in ${seconds} s: not seen: ${says}\n${this.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Whether something was seen since. */
  has(what: RegExp, from = 0): boolean {
    return this.events.slice(from).some(({ text }) => what.test(text));
  }

  /** The last lines, for people. */
  tail(lines = 40): string {
    return this.events
      .slice(-lines)
      .map(({ text }) => `  ${this.name}: ${text}`)
      .join("\n");
  }

  #note(text: string): void {
    this.events.push({ at: performance.now(), text });
  }

  async #listen(path: string): Promise<void> {
    const end = performance.now() + 20_000;
    while (!existsSync(path)) {
      if (performance.now() > end || this.#qemu.exitCode !== null)
        throw new Error(`${this.name}: qemu did not start\n${this.tail()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const socket = connect(path);
    this.#monitor = socket;
    const lines = new ConsoleText();
    socket.on("error", () => {}); // the emulator has ended
    socket.on("data", (chunk: Buffer) => {
      for (const line of lines.push(chunk)) {
        const { event, data } = JSON.parse(line) as { event?: string; data?: { guest?: boolean; reason?: string } };
        if (event === "RESET" || event === "SHUTDOWN") this.#note(`MONITOR ${event} ${data?.reason ?? ""}`.trim());
      }
    });
    socket.write('{"execute":"qmp_capabilities"}\n');
  }
}
