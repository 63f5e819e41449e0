/**
 * A program for test/interop: listens to the cluster's broadcasts beside a daemon, until the file /tmp/lateness-end exists, and prints how late the
 * worst heartbeat of another node was: `{ "heartbeats": 120, "worst": 3.2 }`, in milliseconds behind its turn.
 *
 *     lateness NODE KEEPALIVE
 *
 * Run it with a real-time priority, or it measures itself.
 */
import { createSocket } from "node:dgram";
import { existsSync } from "node:fs";

const [, , node = "", keepalive = "100"] = process.argv;
const turn = Number(keepalive);
let last: number | undefined;
let heartbeats = 0;
let worst = 0;

const socket = createSocket({ type: "udp4", reuseAddr: true });
socket.on("message", (bytes) => {
  const now = performance.now();
  const said = bytes.toString("latin1");
  if (!said.includes("t=status") || !said.includes(`src=${node}`)) return;
  heartbeats++;
  if (last !== undefined) worst = Math.max(worst, now - last - turn);
  last = now;
});
socket.bind(694);
setInterval(() => {
  if (!existsSync("/tmp/lateness-end")) return;
  console.log(JSON.stringify({ heartbeats, worst: Math.round(worst * 10) / 10 }));
  process.exit(0);
}, 250);
