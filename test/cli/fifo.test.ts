import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, constants, existsSync, mkdtempSync, openSync, readSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { fifoMessage, writeToFifo } from "../../src/cli/fifo.ts";
import { fifoProgram } from "../../src/cli/fifo-program.ts";
import { nothingMoves } from "../../src/cli/hold-argument.ts";
import { programs } from "../../src/cli/index.ts";
import { openControlSocket } from "../../src/daemon/control-socket.ts";
import { viewOf } from "../support/client-cluster.ts";

const folder = mkdtempSync(join(tmpdir(), "hb-fifo-"));
test.after(() => rmSync(folder, { recursive: true }));

async function withFifo(name: string, use: (path: string, read: () => string) => void | Promise<void>): Promise<void> {
  const path = join(folder, name);
  execFileSync("mkfifo", ["-m", "600", path]);
  const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const buffer = Buffer.alloc(8192);
  try {
    await use(path, () => buffer.toString("utf8", 0, readSync(reader, buffer)));
  } finally {
    closeSync(reader);
  }
}

test("a message reaches the reader in one piece", () =>
  withFifo("read", (path, read) => {
    assert.deepEqual(
      writeToFifo(
        [
          ["t", "hb_takeover"],
          ["rsc_hold", "all"],
        ],
        path,
      ),
      { ok: true, value: undefined },
    );
    assert.equal(read(), ">>>\nt=hb_takeover\nrsc_hold=all\n<<<\n");
  }));

test("without a reader it is an error at once, and without a FIFO no file appears", () => {
  const unread = join(folder, "unread");
  execFileSync("mkfifo", [unread]);
  for (const path of [unread, join(folder, "absent")]) {
    const written = writeToFifo([["t", "x"]], path);
    assert.equal(!written.ok && written.error.code, "not-running");
  }
  assert.equal(existsSync(join(folder, "absent")), false);
});

test("an ordinary file in its place is left alone", () => {
  const path = join(folder, "plain");
  writeFileSync(path, "");
  const written = writeToFifo([["t", "x"]], path);
  assert.equal(!written.ok && written.error.code, "not-a-fifo");
});

test("what the reader would split or misread is not written", () => {
  const code = (value: string) => {
    const message = fifoMessage([["nodelist", value]]);
    return message.ok ? "ok" : message.error.code;
  };
  assert.equal(code("a".repeat(511 - "nodelist=\n".length)), "ok");
  assert.equal(code("a".repeat(512 - "nodelist=\n".length)), "too-long");
  assert.equal(code("a\nt=shutdone"), "bad-text");
  assert.equal(code("a\0b"), "bad-text");
});

const call = async (name: string, argv: readonly string[]) => {
  let out = "";
  let err = "";
  const io = {
    out: (words: string) => {
      out += words;
    },
    err: (words: string) => {
      err += words;
    },
    terminal: false,
    calledAs: `/usr/share/heartbeat/${name}`,
  };
  const code = await programs.get(name)?.run(argv, io);
  return { code, out, err };
};

test("arguments: the original's complaints (files-and-cli.md, section 3)", async () => {
  const usage = "/usr/share/heartbeat/hb_standby [all|foreign|local|failback]\n";
  for (const help of ["--help", "-h"]) {
    const { code, out, err } = await call("hb_standby", [help]);
    assert.deepEqual([code, out], [1, "usage:\n"]);
    assert.ok(err.startsWith(usage), err);
    for (const word of ["all", "local", "foreign", "failback"]) assert.match(err, new RegExp(`^  ${word} `, "m"));
  }
  assert.deepEqual(await call("hb_standby", ["bogus"]), {
    code: 1,
    out: "/usr/share/heartbeat/hb_standby: wrong resources(bogus).\nusage:\n",
    err: usage,
  });
  assert.deepEqual(await call("hb_standby", ["all", "b"]), {
    code: 1,
    out: "/usr/share/heartbeat/hb_standby: too many arguments\nusage:\n",
    err: usage,
  });
  assert.deepEqual(await call("hb_addnode", []), { code: 1, out: "usage: hb_addnode <node> <node> ...\n", err: "" });
  assert.deepEqual(await call("hb_setsite", ["n"]), { code: 1, out: "usage: hb_setsite <node> <site>\n", err: "" });
});

test("an option is no node, and a weight is a number: nothing is written", async () => {
  for (const name of ["hb_addnode", "hb_delnode", "hb_setweight", "hb_setsite"]) {
    for (const help of ["-h", "--help"]) {
      const { code, out, err } = await call(name, [help]);
      assert.deepEqual([code, err], [1, ""]);
      assert.match(out, new RegExp(`^usage: ${name} `));
    }
    assert.match((await call(name, ["-x", "1"])).err, /unknown option -x; see /);
  }
  const heavy = await call("hb_setweight", ["node-b", "heavy"]);
  assert.deepEqual([heavy.code, heavy.out], [1, "usage: hb_setweight <node> <weight>\n"]);
  assert.match(heavy.err, /"heavy" is no weight/);
});

test("an order that moves nothing is written all the same, and says so", () =>
  withFifo("vain", async (fifo, read) => {
    const control = join(folder, "control");
    const view = viewOf("node-a");
    const alone = { ...view, nodes: view.nodes.filter(({ name }) => name === "node-a") };
    for (const [told, why] of [
      [alone, /^hb_x: nothing will move: no other node is active\n$/],
      [{ ...view, status: "up" }, /^hb_x: nothing will move: this node is not active yet, but up\n$/],
      [view, /^$/],
    ] as const) {
      const socket = openControlSocket(
        control,
        { view: () => told, record: () => "", obey: () => assert.fail() },
        assert.fail,
      );
      const err: string[] = [];
      const io = { out: () => {}, err: (words: string) => void err.push(words), terminal: false, calledAs: "x" };
      const order = () => ({ ok: true, value: { fields: [["t", "x"]] } }) as const;
      const program = fifoProgram(
        { name: "hb_x", summary: "", usage: "", order, inVain: nothingMoves },
        { fifo, control },
      );
      assert.equal(await program.run([], io), 0);
      socket.close();
      assert.equal(read(), ">>>\nt=x\n<<<\n");
      assert.match(err.join(""), why);
    }
  }));

test("exit code 0 means written, and only then standby is announced", () =>
  withFifo("program", async (path, read) => {
    const err: string[] = [];
    const io = { out: () => {}, err: (words: string) => void err.push(words), terminal: false, calledAs: "x" };
    const order = () => ({ ok: true, value: { fields: [["t", "x"]], announcement: "Going." } }) as const;
    const description = { name: "x", summary: "", usage: "", order };
    assert.equal(await fifoProgram(description, { fifo: path, control: "/nonexistent" }).run([], io), 0);
    assert.equal(read(), ">>>\nt=x\n<<<\n");
    assert.equal(await fifoProgram(description, { fifo: `${path}-absent`, control: "/nonexistent" }).run([], io), 7);
    assert.deepEqual(err, ["Going.\n", `x: heartbeat is not running (nothing reads ${path}-absent)\n`]);
  }));
