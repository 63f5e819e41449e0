/** What the state directory can do to a node: nothing of it may keep the node out, or lock it out as a replay of itself. */
import assert from "node:assert/strict";
import { join } from "node:path";
import test from "node:test";
import { Host, isRoot } from "./host.ts";

const state = (host: Host): string => join(host.root, "var/lib/heartbeat");

async function generationOfNextStart(host: Host): Promise<number> {
  const started = await host.heartbeat();
  assert.equal(started.code, 0, started.stderr);
  const generation = Number((await host.view())["generation"]);
  assert.equal((await host.heartbeat("-k")).code, 0);
  return generation;
}

test("a generation that is lost or unreadable starts from the time, above every earlier one", {
  timeout: 120_000,
}, async () => {
  await using host = await Host.start();
  const first = await generationOfNextStart(host);
  assert.ok(Math.abs(first - Date.now() / 1000) < 60, `${first}`);
  host.write("var/lib/heartbeat/hb_generation", `${first + 3600}\n`); // the clock was ahead, or that many starts came before
  assert.equal(await generationOfNextStart(host), first + 3601);
  host.write("var/lib/heartbeat/hb_generation", `${first - 3600}\n`); // starts in between could not be stored (quirk 225)
  const now = Math.floor(Date.now() / 1000);
  const later = await generationOfNextStart(host);
  assert.ok(later >= now && later <= Date.now() / 1000, `${later}, asked for at ${now}`);
  for (const content of ["garbage\n", ""]) {
    host.write("var/lib/heartbeat/hb_generation", content);
    // Two starts within one second of the clock count up by the file, so that only the third value matters.
    assert.ok((await generationOfNextStart(host)) >= first);
    assert.match(
      host.read("var/log/ha-log"),
      content === "" ? /No Previous generation/ : /WARN: BROKEN previous generation/,
    );
  }
});

const skip = isRoot ? false : "mounting needs root";

test("a read-only state directory is told, and the node starts", { timeout: 120_000, skip }, async () => {
  await using host = await Host.start();
  const first = await generationOfNextStart(host);
  const directory = state(host);
  assert.equal((await host.exec("mount", "--bind", directory, directory)).code, 0);
  assert.equal((await host.exec("mount", "-o", "remount,bind,ro", directory)).code, 0);
  const second = await generationOfNextStart(host);
  assert.ok(second > first, `${second} after ${first}`);
  assert.match(host.read("var/log/ha-log"), /ERROR: cannot write .*hb_generation.*read-only.*taken from the clock/);
});

test("a full state directory is told, and the node starts", { timeout: 120_000, skip }, async () => {
  await using host = await Host.start();
  const directory = state(host);
  await host.exec("mkdir", "-p", directory);
  assert.equal((await host.exec("mount", "-t", "tmpfs", "-o", "size=256k", "none", directory)).code, 0);
  const first = await generationOfNextStart(host);
  await host.exec("dd", "if=/dev/zero", `of=${directory}/filler`, "bs=4k");
  const second = await generationOfNextStart(host);
  assert.ok(second > first, `${second} after ${first}`);
  assert.match(host.read("var/log/ha-log"), /ERROR: cannot write .*hb_generation.*no space.*taken from the clock/i);
});
