/**
 * Where heartbeat keeps what: the files of a daemon that runs, and of one that was stopped, with their types, owners, modes and (where it means
 * something) sizes, the original's and ours beside each other.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const folders = ["/run/heartbeat", "/run/heartbeat.pid", "/var/lib/heartbeat"];
const logs = ["/var/log/ha-log", "/var/log/ha-debug"];

/** What ours has besides while it runs: where `heartbeat status` asks, and where the next daemon finds the runner (docs/architecture.md). */
const onlyOurs = ["/run/heartbeat/control s 600 root:root", "/run/heartbeat/runner s 600 root:root"];

/** How heartbeat runs: who manages the resources decides about the host cache. */
const ways = {
  "with haresources": { haresources: "fox web", services: ["web"], haCf: [] },
  "with -M": { options: ["-M"], haCf: ["autojoin any"] },
} as const;

interface Found {
  readonly running: readonly string[];
  readonly stopped: readonly string[];
}

async function places(kind: "original" | "ours", way: keyof typeof ways): Promise<Found> {
  const { haCf, ...settings } = ways[way];
  await using lab = await Lab.create({
    ...settings,
    nodes: { fox: kind, owl: kind },
    haCf: ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6", ...haCf],
  });
  /** The state files have a form of fixed size; the host cache of two nodes has two lines of it. */
  const look = async (): Promise<string[]> => {
    const form = ["-name", "hb_*", "-o", "-name", "*hostcache", "-o", "-name", "heartbeat.pid"];
    const [all, sizes] = [
      await lab.exec("fox", ["find", ...folders, ...logs, "-printf", "%p %y %m %u:%g\\n"]),
      await lab.exec("fox", ["find", ...folders, "(", ...form, ")", "-printf", "%p has %s bytes\\n"]),
    ];
    assert.equal(all.code + sizes.code, 0, all.stderr + sizes.stderr);
    return `${all.stdout}${sizes.stdout}`.split("\n").filter(Boolean).sort();
  };
  await lab.start();
  await lab.until("fox sees owl active", async () => (await lab.sees("fox", "owl")) === "active", 60);
  const cached = (file: string) => lab.machine("fox").has(`/var/lib/heartbeat/${file}`);
  await lab.until(
    "what is kept is written",
    () => cached("delhostcache") && (way === "with haresources" || cached("hostcache")),
  );
  const door = (line: string): boolean => lab.machine("fox").has(line.split(" ")[0] ?? "");
  await lab.until("its own doors are open", () => kind === "original" || onlyOurs.every(door));
  const lines = () => lab.machine("fox").read("/var/lib/heartbeat/hostcache").split("\n").length;
  if (way === "with -M") await lab.until("both are in the host cache", () => lines() === 3);
  const running = await look();
  await lab.stop("fox");
  return { running, stopped: await look() };
}

for (const way of rows(["with haresources", "with -M"] as const, () => false))
  test(`files, owners and modes ${way}`, { timeout: 120_000 }, async (t) => {
    const [theirs, ours] = await Promise.all([places("original", way), places("ours", way)]);
    assert.deepEqual(ours.running, [...theirs.running, ...onlyOurs].sort());
    assert.deepEqual(ours.stopped, theirs.stopped);
    t.diagnostic(
      `${theirs.running.length} places and sizes, all the same; ${onlyOurs.length} more of ours while it runs`,
    );
  });
