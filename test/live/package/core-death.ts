/**
 * A daemon that dies, hangs before its end or reads other files, under the unit as it is installed: dead time 3 s, the others wait for nobody.
 * A client asks the address every 10 ms all the time; the service behind it writes down each call.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { TestContext } from "node:test";
import { pair, startPair, unnoticed } from "../../support/lab/packaged-pair.ts";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

/** Three deaths are the most that are followed by an adoption within a minute. */
const rounds = ["kill -9", "kill -9", "kill -9", "reload with another ha.cf"] as const;
export const coreDeath = {
  name: "kill -9 and a reload under the unit, dead time 3 s: no request fails, nothing restarts, the peer notices nothing",
  run: async (t: TestContext): Promise<void> => {
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create(...pair);
    for (const name of pair) await lab.copy(name, file, "/srv/heartbeat.deb");
    await startPair(lab, "/srv/heartbeat.deb", "auto_failback on");
    const main = async (): Promise<string> =>
      (await lab.run("fox", "systemctl show -p MainPID --value heartbeat")).stdout.trim();
    const up = async (): Promise<boolean> =>
      (await lab.run("fox", "systemctl is-active heartbeat")).stdout === "active\n";

    const end = await unnoticed(t, lab);
    for (const round of rounds) {
      const before = await main();
      const order =
        round === "kill -9"
          ? `kill -9 ${before}`
          : "sed -i 's/^warntime .*/warntime 1400ms/' /etc/ha.d/ha.cf && systemctl reload heartbeat";
      await lab.must("fox", order);
      const next = async (): Promise<boolean> => !["0", before].includes(await main()) && (await up());
      t.diagnostic(`${round}: the next core was up after ${await lab.until(`the core after a ${round}`, next, 30)} ms`);
      await lab.must("fox", "sleep 4"); // longer than the dead time: what the peer thinks of it shows
    }
    await end();

    assert.doesNotMatch(await lab.must("owl", "cat /var/log/ha-log"), /is dead|[Aa]cquiring/);
    const log = await lab.must("fox", "cat /var/log/ha-log");
    assert.equal(log.match(/Taking over what the last heartbeat held/g)?.length, rounds.length);
    for (const [line] of log.matchAll(/^.*keeping what it held for.*$/gm)) t.diagnostic(line);
  },
};
