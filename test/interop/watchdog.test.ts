/** What reaches the watchdog's device (transcript 15): an ordinary file in its place keeps every byte. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const device = "/var/log/watchdog";

for (const [fox, owl] of rows(
  [
    ["ours", "ours"],
    ["original", "ours"],
    ["ours", "original"],
  ] as const,
  ([first, second]) => first === second,
))
  test(`the watchdog is patted while the daemon works, stopped by an orderly stop and not by a kill: ${fox} + ${owl}`, async () => {
    await using lab = await Lab.create({
      nodes: { fox, owl },
      haCf: ["deadtime 3", "warntime 2", "initdead 8", `watchdog ${device}`],
      haresources: "fox svcA",
      services: ["svcA"],
    });
    for (const name of ["fox", "owl"]) await lab.machine(name).write(device, "");
    const bytes = (name: string) => lab.machine(name).read(device);
    await lab.start();
    await lab.until("fox has been patted often", () => bytes("fox").length > 10, 20);
    assert.match(bytes("fox"), /^\0+$/);
    await lab.logged("fox", new RegExp(`notice: Using watchdog device: ${device}`, "i"));
    const patted = bytes("fox").length;
    await lab.exec("fox", ["kill", "-STOP", `${lab.daemonPid("fox")}`]);
    const stopped = bytes("fox").length;
    await lab.holdsFor("a stopped daemon pats nothing", 1, () => bytes("fox").length === stopped);
    assert.ok(stopped >= patted);
    await lab.exec("fox", ["kill", "-CONT", `${lab.daemonPid("fox")}`]);
    await lab.kill9("fox");
    if (fox === "ours") {
      // Somebody starts it again at once, as systemd does: the machine is left to its watchdog.
      const again = lab.heartbeat("fox", []);
      await lab.logged("fox", /its watchdog restarts this machine within 3 s/);
      const left = bytes("fox").length;
      await lab.holdsFor("nobody pats it", 3, () => bytes("fox").length === left);
      assert.equal((await again).code, 0);
      await lab.logged("fox", /The watchdog did not restart this machine/);
      await lab.stop("owl");
      assert.match(bytes("owl"), /^\0+V$/);
      return;
    }
    await lab.until("its end is noticed", async () => (await lab.sees("owl", "fox")) === "dead", 15);
    assert.match(bytes("fox"), /^\0+$/, "nobody stopped it");
    await lab.stop("owl");
    assert.match(bytes("owl"), /^\0+V$/);
  });
