/** The init scripts beside each other, verb by verb: the same words, exit codes, lock file and calls of the administrator's hook. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";

const script = "/etc/init.d/heartbeat";
const lock = "/var/lock/subsys/heartbeat";
const hookLog = "/var/log/hook";
const nodes = ["fox", "owl"] as const;
/** What an administrator does in a row, with what has to come true before the next. */
const steps: readonly (readonly [verb: string, before?: string])[] = [
  ["bogus"],
  ["status"],
  ["start", `mv /etc/ha.d/ha.cf /etc/ha.d/away`],
  ["start", `mv /etc/ha.d/away /etc/ha.d/ha.cf`],
  ["start"],
  ["status"],
  ["reload"],
  ["force-reload"],
  ["standby", "sed -i 's/^auto_failback .*/auto_failback legacy/' /etc/ha.d/ha.cf"],
  ["standby", "sed -i '/^auto_failback/d' /etc/ha.d/ha.cf"],
  ["stop"],
  ["status"],
  ["standby", "echo auto_failback on >> /etc/ha.d/ha.cf"],
  ["stop"],
];

test("each verb of the init script says and does what the original's does", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original", owl: "ours" }, haCf: ["initdead 10"] });
  const sh = (node: string, words: string) => lab.exec(node, ["sh", "-c", words], 120);
  await lab.machine("owl").write(script, readFileSync(`${checkout}/packaging/init.d/heartbeat`, "utf8"), "755");
  const door = "/usr/libexec/heartbeat/heartbeat";
  await sh("owl", `rm -f ${door} && ln -s ${checkout}/bin/heartbeat ${door} && rm -f /etc/logd.cf`);
  for (const node of nodes)
    await lab
      .machine(node)
      .write("/etc/ha.d/resource.d/startstop", `#!/bin/sh\necho "$*" >> ${hookLog}\nexit 0\n`, "755");
  const run = async (node: string, verb: string, before = "true") => {
    const prepared = await sh(node, before);
    assert.equal(prepared.code, 0, prepared.stderr);
    const { code, stdout, stderr } = await sh(node, `${script} ${verb}`);
    const text = (stdout + stderr)
      .split("\n")
      // What heartbeat itself logs on standard error is compared elsewhere, and the original complains of its core files.
      .filter((line) => !/ heartbeat: \[\d+\]: |^heartbeat\[\d+\]/.test(line))
      .join("\n")
      .replaceAll(node, "NODE")
      .replaceAll(/pid \d+/g, "pid N")
      .replaceAll(/\[\d+\]/g, "[N]");
    const { code: locked } = await sh(node, `test -e ${lock}`);
    const hooks = lab.machine(node).read(hookLog);
    await sh(node, `rm -f ${hookLog}`);
    return { verb, code, text, locked: locked === 0, hooks };
  };
  for (const [verb, before] of steps) {
    const [theirs, ours] = await Promise.all(nodes.map((node) => run(node, verb, before)));
    assert.deepEqual(ours, theirs);
    // The next verb meets a heartbeat that is up, or none.
    if (verb === "start" || /reload/.test(verb))
      await lab.until("both are settled", async () => {
        const all = await Promise.all(nodes.map((node) => sh(node, "cl_status rscstatus")));
        const states = await Promise.all(nodes.map((node) => sh(node, `${script} status`)));
        return (
          states.every(({ code, stdout }) => code !== 0 || /not configured/.test(stdout)) ||
          all.every(({ stdout }) => /^(none|all|local|foreign)/.test(stdout))
        );
      });
  }
});
