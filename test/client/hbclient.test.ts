/** The library against our own side of the socket; against the original it is tried in test/interop. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { HeartbeatError } from "../../src/client/error.ts";
import type { ClusterEvent } from "../../src/client/events.ts";
import { HeartbeatClient } from "../../src/client/hbclient.ts";
import { encodePlain } from "../../src/wire/framing.ts";
import { ipcFrame } from "../../src/wire/ipc-frame.ts";
import { type Message, stringOf, text } from "../../src/wire/message.ts";
import { hostOf, uuids } from "../support/client-cluster.ts";
import { ClientDaemon } from "../support/client-daemon.ts";

const mine = { uids: [process.geteuid?.() ?? -1], gids: [] };
const apiAuth = new Map([
  ["anon", mine],
  ["aptest", mine],
]);
const host = hostOf("node-a", {}, { apiAuth });

const faultOf = async (asked: Promise<unknown>): Promise<string> => {
  try {
    await asked;
    return "none";
  } catch (error) {
    assert.ok(error instanceof HeartbeatError);
    return `${error.code}: ${error.says}`;
  }
};

test("every request and its answer", async () => {
  await using daemon = await ClientDaemon.start(host);
  await using heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path });
  assert.deepEqual(heartbeat.info, {
    node: "node-a",
    deadtime: 4000,
    keepalive: 500,
    version: "3.0.6 (node: 958e11be8686759f1b99204c17812f2c2633b169)",
    pacemaker: "off",
    logFacility: 128,
  });
  assert.deepEqual(await heartbeat.nodes(), [
    { name: "node-a", type: "normal", status: "active" },
    { name: "node-b", type: "normal", status: "active" },
    { name: "10.77.1.254", type: "ping", status: "ping" },
  ]);
  assert.equal(await heartbeat.nodeCount(), 2);
  assert.equal(await heartbeat.nodeStatus("node-b"), "active");
  assert.equal(await heartbeat.nodeType("10.77.1.254"), "ping");
  assert.equal(await heartbeat.nodeWeight("node-b"), "100");
  assert.equal(await heartbeat.nodeSite("node-b"), "");
  assert.deepEqual(await heartbeat.links("node-b"), [{ name: "eth0", status: "up" }]);
  assert.equal(await heartbeat.linkStatus("node-b", "eth0"), "up");
  assert.equal(await heartbeat.parameter("deadtime"), "4");
  assert.equal(await heartbeat.parameter("nosuch"), undefined);
  assert.equal(await heartbeat.heldResources(), "local");
  assert.deepEqual(Buffer.from((await heartbeat.uuidOf("node-b")) ?? []), uuids.get("node-b"));
  assert.equal(await heartbeat.uuidOf("nosuch"), undefined);
  assert.equal(await heartbeat.nodeOfUuid(uuids.get("node-b") ?? new Uint8Array()), "node-b");
  await heartbeat.setFilter(1);
  await heartbeat.setSignal(0);
  heartbeat.setSendQueue(128);
  assert.equal(await faultOf(heartbeat.nodeStatus("nosuch")), "bad-request: EINVAL");
  assert.equal(await faultOf(heartbeat.setSignal(9)), "bad-request: EINVAL");
});

test("many requests at once get each its own answer", async () => {
  await using daemon = await ClientDaemon.start(host);
  await using heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path });
  const asked = ["deadtime", "keepalive", "hopfudge", "nosuch", "udpport"].map((name) => heartbeat.parameter(name));
  assert.deepEqual(await Promise.all(asked), ["4", "500ms", "1", undefined, "694"]);
});

test("nobody there, and a daemon that refuses", async () => {
  assert.match(await faultOf(HeartbeatClient.signOn({ socketPath: "/nonexistent/register" })), /^cannot-connect: /);
  await using daemon = await ClientDaemon.start(host);
  const asked = HeartbeatClient.signOn({ socketPath: daemon.path, id: "zork" });
  assert.equal(await faultOf(asked), "refused: no default client auth");
});

test("clients of one name hear each other and what the node says, as events", async () => {
  await using daemon = await ClientDaemon.start(host);
  await using heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path, id: "aptest" });
  const events = heartbeat.events();
  heartbeat.send("hello", [text("payload", "to everyone")]);
  heartbeat.send("secret", [], "node-b");
  await heartbeat.nodeCount(); // answers keep their order: the daemon has seen everything above
  daemon.deliver([text("t", "status"), text("src", "node-b"), text("st", "dead")]);
  daemon.deliver([text("t", "ifstat"), text("node", "node-b"), text("ifname", "eth0"), text("st", "dead")]);
  daemon.deliver([
    text("t", "hbapi-clstat"),
    text("st", "leave"),
    text("from_id", "aptest"),
    text("to_id", "aptest"),
    text("src", "node-b"),
  ]);
  const heard: string[] = [];
  for await (const event of events) {
    heard.push(eventText(event));
    if (heard.length === 4) break;
  }
  assert.deepEqual(heard, [
    "hello from node-a: to everyone",
    "node-b is dead",
    "link eth0 of node-b is dead",
    "aptest on node-b: leave",
  ]);
  assert.deepEqual(
    daemon.sent.map((message) => stringOf(message, "t")),
    ["hbapi-clstat", "hello", "secret"],
  );
});

const eventText = (event: ClusterEvent): string => {
  switch (event.event) {
    case "node":
      return `${event.node} is ${event.status}`;
    case "link":
      return `link ${event.link} of ${event.node} is ${event.status}`;
    case "client":
      return `${event.client} on ${event.node}: ${event.status}`;
    case "message":
      return `${event.type} from ${event.from}: ${stringOf(event.message, "payload")}`;
  }
};

test("the status of a client on another node: told, or no answer in time; the next question is not confused", async () => {
  const answerLate: (() => void)[] = [];
  const respond = (query: Message): Message => [
    text("t", "respond-cstatus"),
    text("dest", "node-a"),
    text("result", "OK"),
    text("cn", stringOf(query, "cn") ?? ""),
    text("to_id", stringOf(query, "from_id") ?? ""),
    text("cs", "online"),
    text("src", "node-b"),
  ];
  await using daemon = await ClientDaemon.start(host, (message) => {
    if (stringOf(message, "t") !== "query-cstatus") return [];
    if (stringOf(message, "cn") !== "slow") return [respond(message)];
    answerLate.push(() => daemon.deliver(respond(message)));
    return [];
  });
  await using heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path });
  assert.equal(await heartbeat.clientStatus("node-b", "ipfail"), "online");
  assert.match(await faultOf(heartbeat.clientStatus("node-b", "slow", 20)), /^no-answer: /);
  for (const answer of answerLate) answer();
  assert.equal(await heartbeat.clientStatus("node-a", "nosuch"), "offline");
  assert.equal(await faultOf(heartbeat.clientStatus("nosuch", "ipfail")), "bad-request: EINVAL");
});

test("when the daemon ends, requests fail and listeners are told", async () => {
  await using daemon = await ClientDaemon.start(host);
  const heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path });
  const next = heartbeat.events().next();
  daemon.hangUp();
  assert.match(await faultOf(next), /^disconnected: /);
  assert.match(await faultOf(heartbeat.nodeCount()), /^disconnected: /);
  await heartbeat.signOff();
});

test("signing off ends the listeners' loops quietly", async () => {
  await using daemon = await ClientDaemon.start(host);
  const heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path });
  const events = heartbeat.events();
  await heartbeat.signOff();
  assert.deepEqual(await events.next(), { done: true, value: undefined });
});

test("a late answer is not taken for that of the next request", async () => {
  const answers: ((name: string) => void)[] = [];
  await using server = await silentServer((answer) => answers.push(answer));
  const heartbeat = await HeartbeatClient.signOn({ socketPath: server.path, patience: 50 });
  assert.match(await faultOf(heartbeat.heldResources()), /^no-answer: /);
  const second = heartbeat.heldResources();
  answers[0]?.("late");
  answers[0]?.("punctual");
  assert.equal(await second, "punctual");
  await heartbeat.signOff();
});

test("something else behind the socket is told apart", async () => {
  await using server = await silentServer(undefined);
  assert.match(await faultOf(HeartbeatClient.signOn({ socketPath: server.path })), /^not-heartbeat: /);
});

test("a message that cannot be written is the caller's to know", async () => {
  await using daemon = await ClientDaemon.start(host);
  await using heartbeat = await HeartbeatClient.signOn({ socketPath: daemon.path, id: "aptest" });
  assert.throws(() => heartbeat.send("x", [text("a=b", "")]), { code: "bad-message" });
});

/** Answers the sign-on and then only when told to; without anybody to tell, it speaks another protocol. */
async function silentServer(onClient: ((answer: (held: string) => void) => void) | undefined) {
  const folder = mkdtempSync(join(tmpdir(), "hb-silent-"));
  const path = join(folder, "register");
  const server = createServer((socket) => {
    const say = (message: Message) => {
      const body = encodePlain(message, "classic");
      if (body.ok) socket.write(ipcFrame(body.value));
    };
    socket.on("error", () => {});
    socket.once("data", () => {
      if (onClient === undefined) {
        socket.write("220 mail.example.org ESMTP\r\n");
        return;
      }
      const response = (name: string, ...fields: [string, string][]): Message =>
        [["t", "hbapi-resp"] as const, ["reqtype", name] as const, ...fields, ["result", "OK"] as const].map(
          ([field, value]) => text(field, value),
        );
      say(response("signon", ["deadtime", "fa0"], ["keepalive", "1f4"], ["node", "node-a"]));
      onClient((held) => say(response("getrsc", ["rsc_hold", held])));
    });
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    path,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      rmSync(folder, { recursive: true });
    },
  };
}
