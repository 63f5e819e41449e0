/** `heartbeat drill` in a pair of ours: there and back with its times; refused where it would be no trial; brought back after Ctrl-C. */
import assert from "node:assert/strict";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const address = "10.77.0.101";
const group = `${address}/24/eth0`;

const course = {
  name: "a drill moves a group there and back and says what it cost; Ctrl-C brings it back; none in maintenance or without the other node",
  async run(t: TestContext): Promise<void> {
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours" },
      haresources: `fox ${group} svcA`,
      services: ["svcA"],
    });
    await lab.start();
    const atRest = (): boolean => lab.hasAddress("fox", address) && !lab.hasAddress("owl", address);
    await lab.until("fox has it", atRest, 40);
    const drill = (...more: readonly string[]) => lab.heartbeat("fox", ["drill", group, "--yes", ...more]);

    let first = await drill("--json", "--stay", "1");
    const patience = performance.now() + 60_000;
    while (/settled|not whole/.test(first.stderr) && performance.now() < patience)
      first = await drill("--json", "--stay", "1");
    assert.equal(first.code, 0, first.stdout + first.stderr);
    const { is, away, back, asked } = JSON.parse(first.stdout);
    assert.deepEqual([is, away.to, back.to, asked], ["done", "owl", "fox", address]);
    const way = (each: { took: number; outage: number }): string =>
      `${Math.round(each.took)} ms, no answer for ${Math.round(each.outage)} ms`;
    t.diagnostic(`there: ${way(away)}; back: ${way(back)}`);
    assert.ok(away.outage > 0 && back.outage > 0);
    assert.ok(atRest());

    const plain = await drill("--stay", "0");
    assert.match(
      plain.stdout,
      /runs on owl after \d+ ms; no answer for \d+ ms\n.* runs on fox after \d+ ms; no answer for \d+ ms\n$/,
    );
    const unanswered = await drill("--probe", `tcp:${address}:81`);
    assert.equal(unanswered.code, 1);
    assert.match(unanswered.stderr, /does not answer now, before anything was moved/);

    const heartbeat = join(checkout, "bin", "heartbeat");
    const stopped = await lab.exec("fox", [
      ...["timeout", "--preserve-status", "--signal=INT", "8", heartbeat],
      ...["drill", group, "--yes", "--stay", "50"],
    ]);
    assert.equal(stopped.code, 130, stopped.stdout + stopped.stderr);
    assert.match(stopped.stdout, /runs on owl after[\s\S]*interrupted: bringing .* back to fox/);
    await lab.until("fox has it again", atRest, 10);

    await lab.heartbeat("owl", ["maintenance", "on"]);
    await lab.until("fox knows", async () => /maintenance is on/.test((await drill()).stderr), 20);
    await lab.heartbeat("owl", ["maintenance", "off"]);
    await lab.stop("owl");
    await lab.until("it is refused", async () => /owl is dead/.test((await drill()).stderr), 30);
    assert.ok(atRest());
  },
};

for (const { name, run } of rows([course], () => false)) test(name, run);
