import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import type { Probe } from "../../src/agents/probes/probe.ts";
import { readCredentials } from "../../src/runner/database-probe.ts";
import { runProbes } from "../../src/runner/probe.ts";

const surroundings = { environment: process.env, workingDirectory: "/" };
/** What is wrong; empty: nothing. */
async function wrong(probe: Probe, timeLimit = 5000): Promise<string> {
  const outcome = await runProbes([probe], timeLimit, surroundings);
  assert.ok(outcome.result === "exited");
  return outcome.code === 0 ? "" : outcome.output;
}
function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "hb-database-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
function secret(t: TestContext, text: string, mode = 0o600): string {
  const path = join(folder(t), "credentials");
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
  return path;
}
/** A server that answers each piece it hears with the next one of `answers`, and the first one unasked if it speaks first. */
async function server(t: TestContext, where: "tcp" | string, speak: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const it = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    speak(socket);
  });
  await new Promise<void>((resolve) =>
    where === "tcp" ? it.listen(0, "127.0.0.1", resolve) : it.listen(where, resolve),
  );
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    it.close();
  });
  return where === "tcp" ? (it.address() as AddressInfo).port : 0;
}
const message = (kind: string, body: string): string => {
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeUInt32BE(4 + Buffer.byteLength(body, "latin1"), 1);
  return head.toString("latin1") + body;
};
/** Believes who comes with the password `pencil` as it is. */
const postgres = (socket: Socket): void => {
  socket.on("data", (bytes) => {
    const heard = bytes.toString("latin1");
    const say = (...messages: readonly string[]) => socket.write(messages.join(""), "latin1");
    if (heard.startsWith("Q"))
      say(message("T", "\0\x01x\0"), message("D", "\0\x01\0\0\0\x011"), message("C", "SELECT 1\0"), message("Z", "I"));
    else if (!heard.startsWith("p")) say(message("R", "\0\0\0\x03"));
    else if (heard.endsWith("pencil\0")) say(message("R", "\0\0\0\0"), message("Z", "I"));
    else say(message("E", "SFATAL\0C28P01\0Mpassword authentication failed\0\0"));
  });
};

test("a database on a local socket, with the password from its file; a wrong one is refused, and never told", async (t) => {
  const path = join(folder(t), "s");
  await server(t, path, postgres);
  const probe = (credentials: string): Probe => ({ kind: "postgres", at: { path }, user: "fox", credentials });
  assert.equal(await wrong(probe(secret(t, "# ours\nuser owl\npassword pencil\n"))), "");
  const says = await wrong(probe(secret(t, "password penzil\n")));
  assert.equal(says, `postgres ${path}: error 28P01 (password authentication failed)`);
});

test("a server that hangs up, one that says nothing, and none at all", async (t) => {
  const probe = (port: number): Probe => ({ kind: "mysql", at: { host: "127.0.0.1", port }, user: "fox" });
  const closing = await server(t, "tcp", (socket) => socket.end());
  assert.equal(await wrong(probe(closing)), `mysql 127.0.0.1:${closing}: it hung up`);
  const silent = await server(t, "tcp", () => {});
  assert.equal(await wrong(probe(silent), 100), `mysql 127.0.0.1:${silent}: no answer within 100 ms`);
  assert.match(await wrong(probe(1)), /^mysql 127\.0\.0\.1:1: connect ECONNREFUSED/);
});

test("credentials are for root alone, short, and nothing but two kinds of lines; what stands in them is not told", async (t) => {
  assert.deepEqual(await readCredentials(secret(t, "user fox\npassword two words \n\n")), {
    ok: true,
    value: { user: "fox", password: "two words " },
  });
  for (const [path, expected] of [
    [secret(t, "password s3cret\n", 0o640), /must be root's and for nobody else: chown root .*; chmod 600 /],
    [secret(t, "password s3cret\n", 0o604), /must be root's/],
    [secret(t, "pasword s3cret\n"), /may hold lines \[user NAME\] and \[password WORD\], and nothing else$/],
    [secret(t, "x".repeat(5000)), /is no short file$/],
    ["/dev/zero", /is no short file$/],
    [join(folder(t), "nothing"), /ENOENT/],
  ] as const) {
    const read = await readCredentials(path);
    assert.ok(!read.ok);
    assert.match(read.error, expected);
    assert.doesNotMatch(read.error, /s3cret/);
  }
  const directory = join(folder(t), "directory");
  mkdirSync(directory, { mode: 0o700 });
  assert.equal((await readCredentials(directory)).ok, false);
});
