/** Two virtual machines with heartbeat, joined by a network and by a serial line that can each be cut. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Cable } from "./cable.ts";
import { initrd } from "./initrd.ts";
import { VirtualMachine } from "./machine.ts";

// Compiled, this file is dist/test/support/vm/pair.js.
const checkout = fileURLToPath(new URL("../../../..", import.meta.url));

/** Room for an emulated machine on a busy host; the watchdog's own time comes before the take-over (watchdog-timeout). */
export const deadtime = 10;
export const watchdogTimeout = 8;
export const address = "10.78.0.100";

const haCf = [
  "logfile /var/log/ha-log",
  "logfacility none",
  "keepalive 500ms",
  `deadtime ${deadtime}`,
  "warntime 5",
  "initdead 40",
  "auto_failback off",
  "uuidfrom nodename",
  "hbgenmethod time",
  "baud 115200",
  "serial /dev/ttyS1",
  "bcast eth0",
  "watchdog /dev/watchdog",
  "node fox owl",
  "",
].join("\n");

const ha4Cf = `watchdog-module softdog\nwatchdog-timeout ${watchdogTimeout}\n`;

export class Pair {
  readonly fox: VirtualMachine;
  readonly owl: VirtualMachine;
  readonly network: Cable;
  readonly serial: Cable;
  readonly #folder: string;

  private constructor(fox: VirtualMachine, owl: VirtualMachine, network: Cable, serial: Cable, folder: string) {
    this.fox = fox;
    this.owl = owl;
    this.network = network;
    this.serial = serial;
    this.#folder = folder;
  }

  /** Switches both on; they have not booted yet. */
  static async on(images: string): Promise<Pair> {
    const folder = mkdtempSync(join(tmpdir(), "heartbeat-vm-"));
    const path = (name: string): string => join(folder, name);
    const files = initrd({ images, checkout, haCf, ha4Cf, haresources: `fox ${address}/24/eth0 web\n` });
    writeFileSync(path("initrd"), files);
    const network = await Cable.lay([path("net1"), path("net2")], "network");
    const serial = await Cable.lay([path("line1"), path("line2")], "serial");
    const machine = (name: string, number: number): Promise<VirtualMachine> =>
      VirtualMachine.on(name, number, {
        kernel: join(images, "vmlinuz"),
        initrd: path("initrd"),
        network: path(`net${number}`),
        serial: path(`line${number}`),
        monitor: path(`qmp${number}`),
      });
    return new Pair(await machine("fox", 1), await machine("owl", 2), network, serial, folder);
  }

  async off(): Promise<void> {
    await Promise.all([this.fox.off(), this.owl.off()]);
    this.network.remove();
    this.serial.remove();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
