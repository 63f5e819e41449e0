/**
 * A machine beside the cluster that writes down each ARP frame that reaches everybody on its wire, as a program of its own (it runs in the
 * client's network):
 *
 *     node frames.js record
 *
 * It says "ready", then prints one line for each frame, as JSON.
 */
import { createInterface } from "node:readline";
import { family, packetAddress, socketType } from "../../../src/drivers/sys/socket.ts";
import { loadSystem, ready } from "../../../src/drivers/sys/system.ts";
import { macText } from "../../../src/wire/packets/arp.ts";
import type { Lab } from "../lab.ts";

const arpEtherType = 0x0806;

export interface ArpFrame {
  /** Milliseconds of a clock that only goes forward. */
  readonly at: number;
  readonly to: string;
  readonly from: string;
  readonly operation: number;
  readonly sender: { readonly mac: string; readonly ip: string };
  readonly target: { readonly mac: string; readonly ip: string };
}

function readFrame(frame: Uint8Array): ArpFrame {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  const party = (at: number) => ({
    mac: macText(frame.subarray(at, at + 6)),
    ip: frame.subarray(at + 6, at + 10).join("."),
  });
  return {
    at: performance.timeOrigin + performance.now(),
    to: macText(frame.subarray(0, 6)),
    from: macText(frame.subarray(6, 12)),
    operation: view.getUint16(20),
    sender: party(22),
    target: party(32),
  };
}

function record(): void {
  const loaded = loadSystem();
  if (!loaded.ok) throw new Error(loaded.error.says);
  const system = loaded.value;
  const type = socketType.raw | socketType.nonBlocking | socketType.closeOnExec;
  const fd = system.socket(family.packet, type, 0);
  if (fd < 0 || system.bind(fd, packetAddress(0, arpEtherType, new Uint8Array(0))) < 0) throw new Error(`${fd}`);
  const buffer = new Uint8Array(128);
  const from = new Uint8Array(20); // struct sockaddr_ll
  system.watch(fd, ready.readable, () => {
    for (;;) {
      const length = system.receiveFrom(fd, buffer, from);
      if (length < 0) return;
      if (length >= 42) process.stdout.write(`${JSON.stringify(readFrame(buffer.subarray(0, length)))}\n`);
    }
  });
  process.stdin.on("end", () => process.exit(0)).resume();
  process.stdout.write("ready\n");
}

/** Starts to write them down; `frames` grows as they come. */
export async function recordFrames(lab: Lab): Promise<Disposable & { readonly frames: readonly ArpFrame[] }> {
  const frames: ArpFrame[] = [];
  const { stdin, stdout } = lab.program("frames.js", ["record"]);
  const lines = createInterface({ input: stdout });
  await new Promise<void>((resolve) => {
    lines.on("line", (line) => (line === "ready" ? resolve() : frames.push(JSON.parse(line))));
  });
  return { frames, [Symbol.dispose]: () => stdin.end() };
}

if (process.argv[2] === "record") record();
