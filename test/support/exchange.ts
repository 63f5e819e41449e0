/**
 * A program on our own client for test/interop/exchange; test/support/c/exchange.c is the same on the original's library.
 *
 * Arguments: PEER COUNT SIZE THEIRS plain|packed SECONDS.
 */
import { HeartbeatClient } from "../../src/client/hbclient.ts";
import { inflateField } from "../../src/wire/framing.ts";
import { type Field, type Message, stringOf, text } from "../../src/wire/message.ts";

const [peer = "", countText = "", sizeText = "", theirsText = "", form = "", secondsText = ""] = process.argv.slice(2);
const count = Number(countText);
const size = Number(sizeText);
const theirs = Number(theirsText);
const packed = form === "packed";
const digits = "0123456789".repeat(Math.max(size, theirs) / 10 + 2);
const bodyOf = (n: number, length: number): string => digits.slice(n % 10, (n % 10) + length);

const began = performance.now();
const end = began + Number(secondsText) * 1000;
const heartbeat = await HeartbeatClient.signOn({ id: "exchange", patience: 20_000 });
heartbeat.setSendQueue(1000);
const seen = new Set<number>();
let heard = false;
let sent = 0;
let twice = 0;
let damaged = 0;

const events = heartbeat.events();
void listen();
for (let turn = 0, doneAt: number | undefined; performance.now() < end; turn++) {
  if (seen.size === 0 && turn % 20 === 0) heartbeat.send("exready", [text("n", "0")]);
  if (heard && sent < count) heartbeat.send("exmessage", [text("n", String(sent)), ...wrapped(bodyOf(sent++, size))]);
  if (sent === count && seen.size === count) doneAt ??= performance.now();
  if (doneAt !== undefined && performance.now() > doneAt + 2000) break;
  await new Promise((resolve) => setTimeout(resolve, 10));
}
const seconds = Math.round((performance.now() - began) / 100) / 10;
console.log(JSON.stringify({ sent, received: seen.size, twice, damaged, seconds }));
await heartbeat.signOff();

async function listen(): Promise<void> {
  for await (const event of events) {
    if (event.event !== "message" || event.from !== peer) continue;
    if (event.type === "exready") heard = true;
    if (event.type !== "exmessage") continue;
    heard = true;
    const n = Number(stringOf(event.message, "n"));
    if (seen.has(n)) twice++;
    seen.add(n);
    if (unwrapped(event.message) !== bodyOf(n, theirs)) damaged++;
  }
}

function wrapped(body: string): Field[] {
  const inner: Message = [text("body", body)];
  return packed ? [{ type: "uncompressed", name: "kid", value: inner }] : [...inner];
}

function unwrapped(message: Message): string | undefined {
  if (!packed) return stringOf(message, "body");
  const kid = inflateField(message, "kid");
  return kid.ok ? stringOf(kid.value, "body") : undefined;
}
