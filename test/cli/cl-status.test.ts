/** Every line of the transcript of the original's cl_status, typed again: same words, same exit codes. */
import assert from "node:assert/strict";
import { chmodSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { clStatusAt } from "../../src/cli/cl-status.ts";
import { HeartbeatClient } from "../../src/client/hbclient.ts";
import { type Message, stringOf, text } from "../../src/wire/message.ts";
import { hostOf } from "../support/client-cluster.ts";
import { ClientDaemon } from "../support/client-daemon.ts";

interface Typed {
  readonly args: readonly string[];
  readonly said: string;
  readonly code: number;
}

const transcript = (name: string): Typed[] =>
  readFileSync(`test/vectors/client-api/transcripts/${name}.txt`, "utf8")
    .split(/^\$ /m)
    .slice(1)
    .flatMap((block) => {
      const [, words = "", said = "", code] = /^cl_status ?(.*)\n([\s\S]*?)\[rc=(\d+)\]/.exec(block) ?? [];
      return code === undefined ? [] : [{ args: words.split(" ").filter(Boolean), said, code: Number(code) }];
    });

/** Time, host and process number of log lines differ from run to run. */
const withoutPrefix = (said: string): string => said.replaceAll(/^.*cl_status: \[\d+\]: /gm, "");

async function type(socketPath: string, args: readonly string[]): Promise<Typed> {
  let said = "";
  const note = (words: string) => {
    said += words;
  };
  const io = { out: note, err: note, terminal: false, calledAs: "cl_status" };
  const code = await clStatusAt(socketPath).run(args, io);
  return { args, said, code };
}

const mine = { uids: [process.geteuid?.() ?? -1], gids: [] };
const apiAuth = new Map([
  ["anon", mine],
  ["ipfail", mine],
]);

/** Of two questions about programs on node-b the transcript shows one unanswered: the original was too slow. */
const peer = (message: Message): Message[] =>
  stringOf(message, "t") === "query-cstatus" && stringOf(message, "cn") === "nosuch" ? [answerOf(message)] : [];

const answerOf = (query: Message): Message => [
  text("t", "respond-cstatus"),
  text("dest", "node-a"),
  text("result", "OK"),
  text("cn", "nosuch"),
  text("to_id", stringOf(query, "from_id") ?? ""),
  text("cs", "offline"),
  text("src", "node-b"),
];

const help = (args: readonly string[]): boolean => args.length === 0 || args[0] === "-h";

test("a running heartbeat: the original's answers", async (t) => {
  await using daemon = await ClientDaemon.start(hostOf("node-a", {}, { apiAuth }), peer);
  await using _ipfail = await HeartbeatClient.signOn({ socketPath: daemon.path, id: "ipfail" });
  const typed = transcript("cl_status-run").filter(({ args }) => !help(args)); // the help is in our own words
  assert.ok(typed.length > 80);
  for (const { args, said, code } of typed)
    await t.test(`cl_status ${args.join(" ")}`, async () => {
      const answered = await type(daemon.path, args);
      assert.deepEqual(
        { said: withoutPrefix(answered.said), code: answered.code },
        { said: withoutPrefix(said), code },
      );
    });
});

test("a stopped heartbeat: the original's answers", async () => {
  const typed = transcript("cli-stopped");
  assert.equal(typed.length, 2);
  for (const { args, said, code } of typed) {
    const answered = await type("/nonexistent/register", args);
    assert.deepEqual({ said: withoutPrefix(answered.said), code: answered.code }, { said: withoutPrefix(said), code });
  }
});

test("a heartbeat that refuses us is running all the same", async () => {
  await using daemon = await ClientDaemon.start(hostOf("node-a", {}, { apiAuth: new Map() }));
  const plain = await type(daemon.path, ["hbstatus"]);
  assert.equal(plain.code, 0);
  assert.equal(plain.said, "Heartbeat is apparently running on this machine, but refuses my connection\n");
  const other = await type(daemon.path, ["listnodes"]);
  assert.equal(other.code, 1);
  assert.equal(withoutPrefix(other.said), "ERROR: Cannot signon with heartbeat\nERROR: REASON: apiauth anon missing\n");
});

test("log lines have the original's form", async () => {
  const { said } = await type("/nonexistent/register", ["bogus"]);
  assert.match(
    said,
    /^[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S+ cl_status: \[\d+\]: ERROR: bogus: invalid sub-command\.\n$/,
  );
});

test("help names every sub-command and ends well", async () => {
  for (const args of [[], ["-h"], ["--help"]]) {
    const { said, code } = await type("/nonexistent/register", args);
    assert.equal(code, 0);
    assert.match(said, /^Usage: cl_status <sub-command> \[<options>\] \[<parameters>\]\n/);
    for (const name of ["clientstatus", "hblinkstatus", "hbparameter", "listhblinks", "nodesite"])
      assert.ok(said.includes(name), name);
  }
});

test("who may not ask is told so, and never that heartbeat is stopped", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hb-cl-"));
  const user = process.geteuid?.() ?? 0;
  t.after(() => {
    process.seteuid?.(user);
    rmSync(folder, { recursive: true });
  });
  chmodSync(folder, 0);
  if (user === 0) process.seteuid?.(65534); // root may enter every directory
  const { said, code } = await type(join(folder, "register"), ["hbstatus"]);
  assert.equal(code, 13);
  assert.match(said, /permission denied/);
});
