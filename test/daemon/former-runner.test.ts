/** What a new core does with the runner that it finds: takes over from one that speaks as it does, whatever its version, and from no other. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { findFormerRunner } from "../../src/daemon/former-runner.ts";
import { Lines } from "../../src/drivers/lines.ts";
import { until } from "../support/until.ts";

/** A runner without a core, of another version; it ends when it is declined. */
async function runner(t: TestContext, protocol: number | undefined) {
  const folder = mkdtempSync(join(tmpdir(), "hb-door-"));
  const door = join(folder, "runner");
  const heard: string[] = [];
  const offer = { version: "3.9.9", ...(protocol === undefined ? {} : { protocol }), underWay: [], lastOperation: 7 };
  const server = createServer((socket) => {
    const lines = new Lines();
    socket.on("error", () => {});
    socket.on("data", (bytes) => {
      for (const line of lines.push(bytes)) {
        const { say } = JSON.parse(line);
        heard.push(say);
        if (say !== "decline") continue;
        server.close(); // and its file is gone: nobody is there any more
        socket.end();
      }
    });
    socket.write(`${JSON.stringify({ say: "offer", pid: 4711, offer })}\n`);
    t.after(() => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(door, resolve));
  t.after(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const told: string[] = [];
  const found = await findFormerRunner({
    door,
    protocol: 3,
    isCore: () => true,
    patience: 5000,
    onWait: (pid) => void told.push(`waits for ${pid}`),
    onIncompatible: (each) => void told.push(`${each.pid} speaks ${each.offer.protocol}`),
    onImpatient: () => void told.push("impatient"),
  });
  await until("it has read what it was told", () => heard.length > (found === undefined ? 1 : 0));
  return { found, heard, told };
}

test("of the same protocol and another version: taken over", async (t) => {
  const { found, heard, told } = await runner(t, 3);
  assert.equal(found?.offer.version, "3.9.9");
  assert.deepEqual({ heard, told }, { heard: ["coming"], told: [] });
});

for (const protocol of [2, 4, undefined])
  test(`of protocol ${protocol}: told, declined, waited for until it has given up`, async (t) => {
    const { found, heard, told } = await runner(t, protocol);
    assert.equal(found, undefined);
    assert.deepEqual({ heard, told }, { heard: ["coming", "decline"], told: [`4711 speaks ${protocol}`] });
  });
