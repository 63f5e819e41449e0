/**
 * The laboratory itself, proved with two originals: what holds for them is what a test of ours is compared with.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Lab } from "../support/lab.ts";

const address = "10.77.0.100";

describe("the laboratory", { concurrency: true }, () => {
  test("two originals: cold start, crash of the owner, take-over, failback, graceful stop", async (t) => {
    await using lab = await Lab.create({
      nodes: { fox: "original", owl: "original" },
      haresources: `fox svcA IPaddr::${address}/24/eth0`,
      services: ["svcA"],
    });
    await lab.start();
    const cold = await lab.until(
      "fox runs its group",
      () => lab.runs("fox", "svcA") && lab.hasAddress("fox", address),
      40,
    );
    await lab.until("both hold local", async () => (await lab.holds("fox")) === "local", 20);
    await lab.until("owl, too", async () => (await lab.holds("owl")) === "local", 20);
    assert.equal(lab.runs("owl", "svcA"), false);
    assert.equal((await lab.client(["ping", "-c", "1", "-W", "1", address])).code, 0, "the client reaches the address");

    await lab.crash("fox");
    const takeover = await lab.until(
      "owl runs the group",
      () => lab.runs("owl", "svcA") && lab.hasAddress("owl", address),
      20,
    );
    assert.equal(await lab.sees("owl", "fox"), "dead");
    await lab.until(
      "the client reaches it",
      async () => (await lab.client(["ping", "-c", "1", "-W", "1", address])).code === 0,
    );

    await lab.start("fox");
    const failback = await lab.until("fox has it back", () => lab.runs("fox", "svcA") && !lab.runs("owl", "svcA"), 40);
    await lab.until(
      "all is quiet",
      async () => (await lab.holds("fox")) === "local" && lab.hasAddress("fox", address),
      40,
    );
    await lab.stop("fox");
    await lab.until("owl runs the group", () => lab.runs("owl", "svcA") && lab.hasAddress("owl", address), 20);
    t.diagnostic(`cold start ${cold} ms, takeover ${takeover} ms, failback ${failback} ms`);
  });

  test("a cut link is silent, and heals", async () => {
    await using lab = await Lab.create({ nodes: { fox: "original", owl: "original" }, networks: 2 });
    const reaches = async (n: number) =>
      (await lab.exec("fox", ["ping", "-c", "1", "-W", "1", lab.machine("owl").address(n)])).code === 0;
    assert.deepEqual([await reaches(0), await reaches(1)], [true, true]);
    await lab.cut("owl", 1);
    assert.deepEqual([await reaches(0), await reaches(1)], [true, false]);
    assert.match(
      (await lab.exec("owl", ["ip", "-o", "link", "show", "eth1"])).stdout,
      /LOWER_UP/,
      "it keeps its carrier",
    );
    await lab.heal("owl", 1);
    await lab.until("the link is back", () => reaches(1), 10);
  });

  test("a node that asks for a reboot dies alone, and its disk survives", async () => {
    await using lab = await Lab.create({ nodes: { fox: "ours", owl: "original" } });
    await lab.machine("fox").write("/var/lib/kept", "yes");
    await lab.machine("fox").write("/run/lost", "yes");
    await lab.exec("fox", ["reboot", "-f"]);
    await lab.machine("fox").died();
    await lab.machine("fox").boot();
    assert.equal(lab.machine("fox").read("/var/lib/kept"), "yes");
    assert.equal(lab.machine("fox").has("/run/lost"), false);
    assert.match(lab.machine("fox").read("/var/log/reset-requests"), /reboot -f/);
    assert.equal(
      (await lab.exec("fox", ["node", "-p", "process.platform"])).stdout,
      "linux\n",
      "the host's node runs in it",
    );
  });

  test("a test that is killed leaves nothing behind", async () => {
    const victim = spawn(process.execPath, [fileURLToPath(new URL("../support/lab/victim.js", import.meta.url))], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line]: unknown[] = await once(victim.stdout, "data");
    const pids = String(line).trim().split(" ").map(Number);
    assert.equal(pids.length, 3, "the ground and the first process of each of two nodes");
    assert.deepEqual(pids.map(isAlive), [true, true, true]);
    victim.kill("SIGKILL");
    const deadline = performance.now() + 5000;
    while (pids.some(isAlive)) {
      assert.ok(performance.now() < deadline, `still alive: ${pids.filter(isAlive)}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`);
}
