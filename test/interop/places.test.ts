/** Where heartbeat keeps what: the files of a running daemon, their types, owners and modes, the original's and ours beside each other. */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";

const folders = ["/run/heartbeat", "/run/heartbeat.pid", "/var/lib/heartbeat"];
const logs = ["/var/log/ha-log", "/var/log/ha-debug"];

/** What ours has besides (docs/architecture.md, docs/quirks.md). */
const onlyOurs = /^\/run\/heartbeat\/(?:control|runner)|^\/var\/lib\/heartbeat\/(?:crash|state)/;

async function places(kind: "original" | "ours"): Promise<readonly string[]> {
  await using lab = await Lab.create({
    nodes: { fox: kind },
    haCf: ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"],
  });
  await lab.start();
  await lab.until("it answers", async () => (await lab.exec("fox", ["cl_status", "hbstatus"])).code === 0, 60);
  const found = await lab.exec("fox", ["find", ...folders, ...logs, "-printf", "%p %y %m %u:%g\\n"]);
  assert.equal(found.code, 0, found.stderr);
  return found.stdout.split("\n").filter(Boolean).sort();
}

test("files, owners and modes of a running heartbeat", async (t) => {
  const [theirs, ours] = await Promise.all([places("original"), places("ours")]);
  assert.deepEqual(
    ours.filter((line) => !onlyOurs.test(line)),
    theirs,
  );
  t.diagnostic(`${theirs.length} places, all the same; ${ours.length - theirs.length} more of ours`);
});
