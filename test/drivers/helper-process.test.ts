import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import test from "node:test";

test("without descriptors a process of ours is not started, which is told and does not end the daemon", () => {
  const module = new URL("../../src/drivers/helper-process.js", import.meta.url).href;
  const program = `
    import { openSync } from "node:fs";
    import { HelperProcess } from ${JSON.stringify(module)};
    const events = { onStarted: () => console.log("started"), onLost: (says) => { console.log(says); process.exit(0); } };
    const helper = new HelperProcess("hb-test", "runner/log-main", events);
    try { for (;;) openSync("/dev/null"); } catch {}
    helper.start();`;
  const command = `ulimit -n 64; exec "$0" --input-type=module -e "$1"`;
  const { stdout } = spawnSync("sh", ["-c", command, process.execPath, program], { timeout: 10_000 });
  assert.match(stdout.toString(), /^cannot start hb-test: .*EMFILE/);
});
