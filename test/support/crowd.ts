/**
 * A program for test/interop: a crowd of clients at the local daemon, three of them mad. Prints how many answers the sane got, and the
 * daemon's memory after a tenth of them and at the end. Argument: requests of each client.
 *
 * One never reads, one sends rubbish, one dies in the middle of a message.
 */
import { readFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { defaultSocketPath, HeartbeatClient } from "../../src/client/hbclient.ts";
import { encodePlain } from "../../src/wire/framing.ts";
import { ipcFrame } from "../../src/wire/ipc-frame.ts";
import { text } from "../../src/wire/message.ts";

const sane = 200;
const requestsEach = Number(process.argv[2] ?? "100");

const request = (name: string, id: string, ...more: [string, string][]): Uint8Array => {
  const body = encodePlain(
    [
      ["t", "hbapi-req"] as const,
      ["reqtype", name] as const,
      ["pid", String(process.pid)] as const,
      ["from_id", id] as const,
      ...more,
    ].map(([field, value]) => text(field, value)),
    "classic",
  );
  if (!body.ok) throw new Error(body.error);
  return ipcFrame(body.value);
};

function raw(): Socket {
  const socket = createConnection(defaultSocketPath);
  socket.on("error", () => {}); // being put out is what it is here for
  return socket;
}

function signedOn(id: string): Socket {
  const socket = raw();
  socket.write(request("signon", id, ["uid", String(process.geteuid?.())], ["gid", String(process.getegid?.())]));
  return socket;
}

const deaf = signedOn(`${process.pid}deaf`);
deaf.pause();
for (let i = 0; i < 5000; i++) deaf.write(request("nodelist", `${process.pid}deaf`));
const deafEnded = new Promise<string>((resolve) => deaf.once("close", () => resolve("put out")));

const mad = raw();
const madEnded = new Promise<string>((resolve) => mad.once("close", () => resolve("put out")));
mad.resume();
mad.write(Buffer.alloc(100_000, 0x5a));

const dying = signedOn(`${process.pid}dying`);
dying.write(request("nodelist", `${process.pid}dying`).subarray(0, 20), () => dying.destroy());

/**
 * The daemon's memory, in kilobytes: its proportional set size, and the part of it that is its own (heap, stacks). The other part are pages of
 * files, the program's above all, each divided by the number of processes that have it; every Node.js that starts or ends on this machine
 * changes that share.
 */
function memory(): { readonly pss: number; readonly anonymous: number } {
  const pid = readFileSync("/run/heartbeat.pid", "latin1").trim();
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(rollup)?.[1]);
  return { pss: kilobytes("Pss"), anonymous: kilobytes("Pss_Anon") };
}

let answers = 0;
let early: ReturnType<typeof memory> | undefined;
await Promise.all(
  Array.from({ length: sane }, async (_, i) => {
    const heartbeat = await HeartbeatClient.signOn({ id: `${process.pid}x${i}` });
    for (let n = 0; n < requestsEach; n++) {
      if ((await heartbeat.nodes()).length === 2) answers++;
      if (answers >= (sane * requestsEach) / 10) early ??= memory();
    }
    await heartbeat.signOff();
  }),
);
const mads = await Promise.race([
  Promise.all([deafEnded, madEnded]),
  new Promise<string[]>((resolve) => setTimeout(() => resolve(["still there"]), 5000)),
]);
console.log(JSON.stringify({ answers, mads, early, late: memory() }));
process.exit(0);
