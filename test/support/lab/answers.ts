/**
 * A machine beside the cluster that asks many addresses whether they answer, as a program of its own (it runs in the client's network):
 *
 *     node answers.js ADDRESS...
 *
 * It says "ready". For each line that it is told it asks all of them anew, every 10 ms, until each has answered once, and prints when the
 * first and the last did so, as JSON: of the monotonic clock, which all programs of a machine share.
 */

import { family, inetAddress, socketType } from "../../../src/drivers/sys/socket.ts";
import { loadSystem, ready } from "../../../src/drivers/sys/system.ts";
import { echoRequest, readEchoReply } from "../../../src/wire/packets/icmp.ts";
import { ipBytes } from "../../../src/wire/packets/ip-address.ts";

const everyMs = 10;
const icmp = 1;

export const monotonicMs = (): number => Number(process.hrtime.bigint() / 1000n) / 1000;

/** What it prints at the end. */
export interface Answers {
  readonly answered: number;
  /** Milliseconds. */
  readonly first: number;
  readonly last: number;
}

function open(addresses: readonly string[]): () => void {
  const loaded = loadSystem();
  if (!loaded.ok) throw new Error(loaded.error.says);
  const system = loaded.value;
  const fd = system.socket(family.inet, socketType.raw | socketType.nonBlocking | socketType.closeOnExec, icmp);
  if (fd < 0) throw new Error(`no raw socket: ${fd}`);
  const identifier = process.pid & 0xffff;
  const waiting = new Map<string, Uint8Array>();
  const packet = echoRequest(4, { identifier, sequence: 1, data: new Uint8Array(8) });
  const buffer = new Uint8Array(2048);
  const from = new Uint8Array(16);
  let first = 0;
  let last = 0;
  const ask = (): void => {
    for (const to of waiting.values()) system.send(fd, packet, to);
  };
  const receive = (): void => {
    for (;;) {
      const length = system.receiveFrom(fd, buffer, from);
      if (length < 0) return;
      if (readEchoReply(4, buffer.subarray(0, length))?.identifier !== identifier) continue;
      if (!waiting.delete(from.subarray(4, 8).join("."))) continue;
      last = monotonicMs();
      first ||= last;
      const answers: Answers = { answered: addresses.length, first, last };
      if (waiting.size === 0) process.stdout.write(`${JSON.stringify(answers)}\n`);
    }
  };
  system.watch(fd, ready.readable, receive);
  setInterval(ask, everyMs);
  return () => {
    first = 0;
    for (const address of addresses) waiting.set(address, inetAddress(ipBytes(address), 0));
    ask();
  };
}

const [, , ...addresses] = process.argv;
if (addresses.length > 0) {
  const begin = open(addresses);
  process.stdin.on("data", begin).on("end", () => process.exit(0));
  process.stdout.write("ready\n");
}
