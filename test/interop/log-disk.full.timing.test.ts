/**
 * A log that cannot be written makes no heartbeat late: a FIFO that nobody reads, and a disk that is full, against the same run with a good log. The
 * daemon is made to log much (every message of a client, at debug level 3), and the other node says how late the worst heartbeat was.
 */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { listen } from "../support/lab/listener.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const keepalive = 100;
const seconds = 8;
/** In milliseconds: what a bad log may cost. */
const costMax = 5;
/** Any one run may meet a busy moment of the machine; what a log costs shows in each. */
const attempts = 3;

const logs = [
  {
    what: "a FIFO that nobody reads",
    line: "logfile /var/log/ha-log",
    prepare: "rm -f /var/log/ha-log; mkfifo /var/log/ha-log",
  },
  { what: "a full disk", line: "logfile /dev/full", prepare: "test -c /dev/full" },
] as const;

/** How late the worst heartbeat was with this log, in milliseconds. */
async function worstWith(line: string, prepare: string): Promise<number> {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haCf: ["realtime on", `keepalive ${keepalive}ms`, "debug 3", line],
  });
  assert.equal((await lab.exec("fox", ["bash", "-c", prepare])).code, 0);
  await lab.start();
  await lab.until("both are active", async () => {
    return (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
  });
  const { heard } = await listen(lab, { on: "owl", to: "fox", keepalive });
  const chatter = `end=$((SECONDS + ${seconds})); while [ $SECONDS -lt $end ]; do printf '>>>\\nt=nothing\\ninfo=%s\\n<<<\\n' $SECONDS > /var/lib/heartbeat/fifo; echo rubbish > /var/lib/heartbeat/fifo; done`;
  assert.equal((await lab.exec("fox", ["bash", "-c", chatter], seconds + 20)).code, 0);
  const { heartbeats, worst } = await heard();
  assert.ok(heartbeats > (seconds * 1000) / keepalive / 2, `heartbeats were heard: ${heartbeats}`);
  assert.equal(await lab.sees("owl", "fox"), "active");
  return worst;
}

async function compare(t: TestContext, { what, line, prepare }: (typeof logs)[number]): Promise<void> {
  const costs: number[] = [];
  while (costs.length < attempts && !costs.some((cost) => cost <= costMax)) {
    const good = await worstWith("logfile /var/log/ha-log", "true");
    const bad = await worstWith(line, prepare);
    t.diagnostic(`the worst heartbeat was ${good} ms late with a good log, ${bad} ms with ${what}`);
    costs.push(bad - good);
  }
  assert.ok(
    costs.some((cost) => cost <= costMax),
    `${costs.map((cost) => cost.toFixed(1)).join(", ")} ms later`,
  );
}

for (const log of rows(logs, () => false))
  test(`no heartbeat is late for ${log.what} as its log`, (t) => compare(t, log));
