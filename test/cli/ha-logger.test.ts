import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import test from "node:test";
import { haLoggerAt } from "../../src/cli/ha-logger.ts";
import { IpcFramer } from "../../src/wire/ipc-frame.ts";
import { until } from "../support/until.ts";

const usage = "usage: ha_logger [-t tag] [-D <ha-log/ha-debug>] [message]\n";

/** What a run sent to the logging daemon: `PRIORITY ENTITY TEXT`. */
async function run(argv: readonly string[], input = "", listening = true) {
  const folder = mkdtempSync(join(tmpdir(), "hb-logger-"));
  const path = join(folder, "log_daemon");
  const lines: string[] = [];
  const framer = new IpcFramer();
  let ended = false;
  const server = createServer((socket) => {
    socket.on("data", (bytes) => {
      const bodies = framer.push(bytes);
      assert.ok(bodies.ok);
      for (const body of bodies.value) {
        const text = Buffer.from(body);
        const entity = text.toString("utf8", 24, text.indexOf(0, 24));
        assert.equal(text.readInt32LE(12), text.length - 96);
        assert.equal(text.at(-1), 0);
        lines.push(`${text.readInt32LE(8)} ${entity} ${text.toString("utf8", 96, text.length - 1)}`);
      }
    });
    socket.on("close", () => {
      ended = true;
    });
  });
  try {
    if (listening) await new Promise<void>((resolve) => server.listen(path, resolve));
    const said: string[] = [];
    const say = (text: string) => void said.push(text);
    const io = { out: say, err: say, terminal: false, calledAs: "ha_logger" };
    const code = await haLoggerAt(path, () => Readable.from([Buffer.from(input)])).run(argv, io);
    if (code === 0) await until("the connection is closed", () => ended);
    return { code, said: said.join(""), lines };
  } finally {
    server.close();
    rmSync(folder, { recursive: true });
  }
}

test("each argument is a line", async () => {
  const { code, lines } = await run(["-t", "app", "hello", "two words", "", "ümlaut"]);
  assert.deepEqual({ code, lines }, { code: 0, lines: ["6 app hello", "6 app two words", "6 app ", "6 app ümlaut"] });
});

test("without arguments each line of the input is one, also the last without an end", async () => {
  const { lines } = await run([], "l1\n\nnul\0gone\nl4");
  assert.deepEqual(lines, ["6 cluster l1", "6 cluster ", "6 cluster nul", "6 cluster l4"]);
});

test("-D ha-debug is the priority debug; an empty tag is none; options may come last", async () => {
  assert.deepEqual((await run(["-D", "ha-debug", "x", "-t", ""])).lines, ["7 cluster x"]);
});

test("a long text comes in pieces, from an argument and from the input", async () => {
  const lengths = async (argv: string[], input: string) =>
    (await run(argv, input)).lines.map((line) => line.length - "6 cluster ".length);
  assert.deepEqual(await lengths(["y".repeat(3000)], ""), [1023, 1023, 954]);
  assert.deepEqual(await lengths([], "z".repeat(3000)), [1023, 1023, 954]);
});

test("what is wrong is said, with exit code 1", async () => {
  assert.deepEqual(await run(["-D", "bad", "x"]), { code: 1, said: usage, lines: [] });
  assert.equal((await run(["-x"])).said, `ha_logger: invalid option -- 'x'\n${usage}`);
  assert.equal((await run(["-t"])).said, `ha_logger: option requires an argument -- 't'\n${usage}`);
  assert.deepEqual(await run(["x"], "", false), { code: 1, said: "logd is not running", lines: [] });
});
