import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { ClientId } from "../../src/base/units.ts";
import { openUnixServer } from "../../src/drivers/unix-server.ts";
import { IpcFramer, ipcFrame } from "../../src/wire/ipc-frame.ts";
import { until } from "../support/until.ts";

interface Happened {
  readonly connected: { id: ClientId; pid: number; uid: number }[];
  readonly frames: string[];
  readonly closed: string[];
}

function serve(t: TestContext, onFrame?: (id: ClientId, text: string) => void) {
  const folder = mkdtempSync(join(tmpdir(), "hb-unix-"));
  const path = join(folder, "register");
  writeFileSync(path, "left over");
  const happened: Happened = { connected: [], frames: [], closed: [] };
  const server = openUnixServer(path, 0o777, {
    onConnect: (id, { pid, uid }) => happened.connected.push({ id, pid, uid }),
    onFrame: (id, body) => {
      const text = Buffer.from(body).toString("latin1");
      happened.frames.push(`${id} ${text}`);
      onFrame?.(id, text);
    },
    onClose: (id, reason) => happened.closed.push(`${id} ${reason}`),
  });
  assert.ok(server.ok, server.ok ? "" : server.error.says);
  t.after(() => {
    server.value.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  const client = (): Socket => {
    const socket = connect(path);
    socket.on("error", () => {});
    t.after(() => socket.destroy());
    return socket;
  };
  return { server: server.value, path, happened, client };
}

test("frames in and out, however they are cut; and who is there by the kernel's word", async (t) => {
  const { server, path, happened, client } = serve(t);
  assert.equal(statSync(path).mode & 0o7777, 0o777);
  assert.ok(statSync(path).isSocket());
  const socket = client();
  const framer = new IpcFramer();
  const answers: string[] = [];
  socket.on("data", (bytes) => {
    const bodies = framer.push(bytes);
    if (bodies.ok) for (const body of bodies.value) answers.push(Buffer.from(body).toString());
  });
  await until("it is connected", () => happened.connected.length === 1);
  assert.deepEqual(happened.connected, [{ id: 1, pid: process.pid, uid: process.getuid?.() }]);

  const frame = ipcFrame(Buffer.from("hello"));
  for (const byte of frame) {
    socket.write(Uint8Array.of(byte));
    await new Promise((resolve) => setImmediate(resolve));
  }
  socket.write(Buffer.concat([ipcFrame(Buffer.from("two")), ipcFrame(Buffer.from("three")), frame.subarray(0, 9)]));
  socket.write(frame.subarray(9));
  await until("all frames are here", () => happened.frames.length === 4);
  assert.deepEqual(happened.frames, ["1 hello", "1 two", "1 three", "1 hello"]);

  const id = happened.connected[0]?.id;
  assert.ok(id !== undefined);
  const large = "x".repeat(200_000);
  for (const text of ["a", large, "b"]) server.send(id, Buffer.from(text));
  await until("the answers are here", () => answers.length === 3);
  assert.deepEqual(answers, ["a", large, "b"]);

  socket.end();
  await until("its end is told", () => happened.closed.length === 1);
  assert.deepEqual(happened.closed, ["1 end"]);
  server.send(id, Buffer.from("into the void"));
});

test("a client that does not read is cut off when its queue is full, and gets what the kernel had taken", async (t) => {
  const { server, happened, client } = serve(t);
  const socket = client();
  socket.pause();
  await until("it is connected", () => happened.connected.length === 1);
  const id = happened.connected[0]?.id;
  assert.ok(id !== undefined);
  let sent = 0;
  for (; happened.closed.length === 0 && sent < 10_000; sent++) server.send(id, new Uint8Array(10_000), 64);
  assert.deepEqual(happened.closed, ["1 overflow"]);
  assert.ok(sent > 64 && sent < 200, `${sent} frames`);
  let got = 0;
  let ended = false;
  socket.on("data", (bytes) => {
    got += bytes.length;
  });
  socket.on("close", () => {
    ended = true;
  });
  socket.resume();
  await until("it reads to the end", () => ended);
  assert.ok(got > 0 && got < sent * 10_008);
});

test("rubbish ends a connection, and only that one", async (t) => {
  const { happened, client } = serve(t);
  const [bad, good] = [client(), client()];
  await until("both are connected", () => happened.connected.length === 2);
  bad.write("GET / HTTP/1.0\r\n\r\n");
  await until("the bad one is closed", () => happened.closed.length === 1);
  assert.match(happened.closed[0] ?? "", / rubbish$/);
  good.write(ipcFrame(Buffer.from("still here")));
  await until("the good one is heard", () => happened.frames.length === 1);
});

test("closing from our side, also from within a frame, is not reported back, and nothing is left open", async (t) => {
  const descriptors = () => readdirSync("/proc/self/fd").length;
  const before = descriptors();
  let stop: (id: ClientId) => void = () => {};
  const { server, happened, client } = serve(t, (id) => stop(id));
  stop = (id) => server.close(id);
  const socket = client();
  let ended = false;
  socket.on("close", () => {
    ended = true;
  });
  socket.on("data", () => {});
  socket.write(Buffer.concat([ipcFrame(Buffer.from("bye")), ipcFrame(Buffer.from("unheard"))]));
  await until("the connection ends", () => ended);
  assert.deepEqual(happened.frames, ["1 bye"]);
  assert.deepEqual(happened.closed, []);
  for (let i = 0; i < 50; i++) client().destroy();
  server.stop();
  server.stop();
  await until("all descriptors are closed", () => descriptors() <= before);
});

test("a place where no socket can be", () => {
  const events = { onConnect: () => {}, onFrame: () => {}, onClose: () => {} };
  for (const path of ["/nowhere/register", `/tmp/${"x".repeat(120)}`]) {
    const server = openUnixServer(path, 0o777, events);
    assert.equal(server.ok ? "opened" : server.error.code, "socket-failed");
  }
});

/** A request that takes its time. */
function work(): void {
  const end = performance.now() + 1;
  while (performance.now() < end);
}

const many = (count: number, text: string): Buffer =>
  Buffer.concat(Array.from({ length: count }, () => ipcFrame(Buffer.from(text))));

test("a flood of requests leaves the loop free, and the others get their turn", async (t) => {
  let [inTurn, most, ofFlood, beforeLast, answered] = [0, 0, 0, 0, 0];
  const { server, client } = serve(t, (id, text) => {
    work();
    inTurn++;
    most = Math.max(most, inTurn);
    if (text === "flood") ofFlood++;
    else server.send(id, Buffer.from("answer"));
  });
  let looking = true;
  const look = (): void => {
    inTurn = 0;
    if (looking) setImmediate(look);
  };
  look();
  client().write(many(400, "flood"));
  await until("the flood has begun", () => ofFlood > 0);
  const patient = client();
  patient.on("data", () => {
    answered++;
    beforeLast = ofFlood;
    if (answered < 5) patient.write(ipcFrame(Buffer.from("please")));
  });
  patient.write(ipcFrame(Buffer.from("please")));
  await until("five are answered and the flood is over", () => answered === 5 && ofFlood === 400);
  looking = false;
  assert.ok(beforeLast < 300, `the flood was served ${beforeLast} times before the fifth answer`);
  // Three milliseconds, the one that is underway when they are over, and once more from another phase of the same turn.
  assert.ok(most <= 8, `${most} requests in one turn of the loop`);
});

test("a client that wrote and left is served to its end; one that is paused is not served, and nobody is told of its end", async (t) => {
  const { server, happened, client } = serve(t, (_, text) => {
    work();
    if (text === "stop") server.pause(true);
  });
  client().end(many(50, "last words"));
  await until("its end is told", () => happened.closed.length === 1);
  assert.equal(happened.frames.length, 50);

  const second = client();
  second.write(Buffer.concat([many(2, "more"), many(1, "stop"), many(5, "later")]));
  await until("it is paused", () => happened.frames.includes("2 stop"));
  second.end();
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(happened.frames.filter((frame) => frame === "2 later").length, 0, "nothing is served while paused");
  assert.equal(happened.closed.length, 1);
  server.pause(false);
  await until("all is served, and its end told", () => happened.closed.length === 2);
  assert.equal(happened.frames.filter((frame) => frame === "2 later").length, 5);
});
