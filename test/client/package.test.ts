/** The client library as other programs get it: by the package's name, and the example of the README as it stands. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { HeartbeatClient } from "../../src/client/hbclient.ts";
import { text } from "../../src/wire/message.ts";
import { hostOf } from "../support/client-cluster.ts";
import { ClientDaemon } from "../support/client-daemon.ts";
import { until } from "../support/until.ts";

const mine = { uids: [process.geteuid?.() ?? -1], gids: [] };
const host = hostOf("node-a", {}, { apiAuth: new Map([["anon", mine]]) });

test("the package's name leads to the library", async () => {
  const name = "heartbeat"; // as another program would write it
  const library: Record<string, unknown> = await import(name);
  assert.deepEqual(Object.keys(library).sort(), ["HeartbeatClient", "HeartbeatError"]);
  assert.equal(library["HeartbeatClient"], HeartbeatClient);
});

test("the example of the README runs", async () => {
  const [, example = ""] =
    /```ts\nimport \{ HeartbeatClient \} from "heartbeat";\n([\s\S]*?)```/.exec(readFileSync("README.md", "utf8")) ??
    [];
  assert.match(example, /HeartbeatClient\.signOn\(\)/);
  await using daemon = await ClientDaemon.start(host);
  const here = { signOn: () => HeartbeatClient.signOn({ socketPath: daemon.path }) };
  const said: string[] = [];
  const run = new Function("HeartbeatClient", "console", `return (async () => {${example}})()`);
  const ended: Promise<void> = run(here, { log: (line: string) => said.push(line) });
  await until("the nodes are told", () => said.length >= 2);
  const nodes = said.length;
  await until("the death is told", () => {
    daemon.deliver([text("t", "status"), text("src", "node-b"), text("st", "dead")]);
    return said.length > nodes;
  });
  await ended;
  assert.match(said[0] ?? "", /^node-a is \w+$/);
  assert.equal(said.at(-1), "node-b is now dead");
});
