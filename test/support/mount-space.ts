/**
 * Runs the tests of a file in mount, process and network namespaces of their own: what they mount goes with them, and what they end can only be
 * their own. The file runs twice, as with `netns.ts`; inside it is the first process, and sees no other than those that it starts.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import test from "node:test";
import { fileURLToPath } from "node:url";

const marker = "HB_TEST_MOUNTS";
const timeLimit = 240_000; // for what hangs: a busy machine takes a minute

/** `url` is the test file's `import.meta.url`; `extra` goes into its environment; `body` registers its tests. */
export function inMountSpace(url: string, extra: NodeJS.ProcessEnv, body: () => void): void {
  if (process.env[marker] === "1") return body();
  test("in namespaces of its own", { timeout: timeLimit + 5000 }, async (t) => {
    if (process.getuid?.() !== 0) return t.skip("mounting a disk needs root");
    const environment: NodeJS.ProcessEnv = { ...process.env, ...extra, [marker]: "1" };
    delete environment["NODE_TEST_CONTEXT"]; // else the child speaks the runner's binary protocol
    delete environment["NODE_OPTIONS"];
    const argv = ["-m", "-n", "-p", "-f", "--kill-child", "--mount-proc", process.execPath, fileURLToPath(url)];
    const child = spawn("unshare", argv, { env: environment, stdio: ["ignore", "pipe", "pipe"], timeout: timeLimit });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => {
        output += text;
      });
    const code = await new Promise((resolve) => child.on("close", resolve));
    assert.equal(code, 0, output);
    t.diagnostic(`${/^# pass (\d+)/m.exec(output)?.[1] ?? "?"} tests passed inside`);
    for (const [, left] of output.matchAll(/^ok \d+ - (.* # SKIP.*)$/gm)) t.diagnostic(`left out: ${left}`);
  });
}
