/** The socket of the logging daemon: how fast a sender may be, and how many there may be. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { LogdServer } from "../../src/drivers/logd-server.ts";
import { ipcFrame } from "../../src/wire/ipc-frame.ts";
import { logdBody } from "../../src/wire/logd-message.ts";
import { until } from "../support/until.ts";

const frame = (text: string): Uint8Array =>
  ipcFrame(
    logdBody({
      facility: 24,
      priority: 6,
      sayPriority: true,
      pid: 7,
      entity: "app",
      seconds: 1,
      text: Buffer.from(text),
    }),
  );

async function serverOf(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-logd-server-"));
  const path = join(folder, "log_daemon");
  const heard: { readonly text: string; readonly at: number }[] = [];
  const turnedAway: string[] = [];
  const server = new LogdServer({
    onMessage: ({ text }) => void heard.push({ text: Buffer.from(text).toString(), at: performance.now() }),
    onTurnedAway: (says) => void turnedAway.push(says),
  });
  await server.listen(path);
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const connected = async (): Promise<Socket> => {
    const socket = createConnection(path);
    t.after(() => socket.destroy());
    socket.on("error", () => {});
    await once(socket, "connect");
    return socket;
  };
  return { heard, turnedAway, connected };
}

test("a sender that is too fast waits for the next second and loses nothing; another one does not wait for it", async (t) => {
  const { heard, connected } = await serverOf(t);
  const fast = await connected();
  const many = 12_000;
  const said = Buffer.concat(Array.from({ length: many }, (_, n) => frame(`${n}`)));
  const began = performance.now(); // not when the first is heard: on a busy machine the first second has begun long before that
  fast.write(said);
  await until("its first second is over", () => heard.length >= 5000);
  (await connected()).write(frame("other"));
  await until("the other one is heard", () => heard.some(({ text }) => text === "other"));
  assert.ok(heard.length < many, "before the fast one has said all");
  await until("all is heard", () => heard.length === many + 1, 20_000);
  const own = heard.filter(({ text }) => text !== "other");
  assert.deepEqual(
    own.map(({ text }) => Number(text)),
    Array.from({ length: many }, (_, n) => n),
  );
  const took = (own.at(-1)?.at ?? 0) - began;
  assert.ok(took >= 2000, `12,000 lines need two seconds at 5000 in each: ${took} ms`);
});

test("there are so many senders at a time, and who is one too many hears it by the end of the connection", async (t) => {
  const { heard, turnedAway, connected } = await serverOf(t);
  const sockets = await Promise.all(Array.from({ length: 256 }, connected));
  const late = await connected();
  late.resume();
  await once(late, "close");
  assert.deepEqual(turnedAway, ["more than 256 senders at a time"]);
  sockets[0]?.destroy();
  await until("there is room again", () => {
    void connected().then((socket) => socket.write(frame("room")));
    return heard.length > 0;
  });
});
