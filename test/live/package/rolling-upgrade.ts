/**
 * Two originals that carry a service are replaced by our package, one after the other, while a client asks every 10 ms. Beyond the planned
 * moves nothing is missed: each outage has the length of a planned move, and there are no others.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const haCf = `logfile /var/log/ha-log
keepalive 250ms
deadtime 5
warntime 2
initdead 10
udpport 694
auto_failback off
bcast eth0
node fox owl
`;
const address = "10.77.0.101";
/** In milliseconds. A shorter gap is a busy machine, on which the client itself was late. */
const noticed = 300;
/** A planned move between originals, which take a second for the address and wait for their scripts. */
const plannedMax = 8000;

export const rollingUpgrade = {
  name: "a rolling upgrade of two originals: no outage beyond the planned moves",
  run: async (t: TestContext): Promise<void> => {
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create("fox", "owl");
    for (const name of ["fox", "owl"]) {
      const machine = lab.machine(name);
      await machine.write("/etc/ha.d/ha.cf", haCf);
      await machine.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 laboratory\n", "600");
      await machine.write("/etc/ha.d/haresources", `fox ${address}/24/eth0\n`);
      await lab.copy(name, file, "/srv/heartbeat.deb");
    }
    await Promise.all(["fox", "owl"].map((name) => lab.must(name, "systemctl restart heartbeat")));
    const settled = async (name: string): Promise<boolean> =>
      /^(none|local|all|foreign)$/.test((await lab.run(name, "cl_status rscstatus")).stdout.trim());
    await lab.until("fox serves", () => lab.machine("fox").hasAddress(address), 60);
    await lab.until("both agree", async () => (await settled("fox")) && (await settled("owl")), 60);

    const client = lab.startClient(["ping", "-n", "-D", "-i", "0.01", "-W", "1", address]);
    const answers = text(client.stdout);
    const marks: [string, number][] = [];
    const mark = (what: string): void => void marks.push([what, Date.now() / 1000]);
    for (const name of ["owl", "fox"]) {
      const other = name === "fox" ? "owl" : "fox";
      mark(`upgrade of ${name} begins`);
      await lab.must(name, "env DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold /srv/heartbeat.deb");
      assert.match(await lab.must(name, "heartbeat status"), new RegExp(`^${name} `, "m"), "the new version answers");
      mark(`${name} runs the new version`);
      await lab.until(`${other} sees ${name}`, async () =>
        /active/.test((await lab.run(other, `cl_status nodestatus ${name}`)).stdout),
      );
      await lab.until("it is settled", async () => (await settled(name)) && (await settled(other)), 60);
    }
    await lab.must("owl", "/usr/share/heartbeat/hb_standby all");
    mark("standby of owl: back to fox");
    await lab.until("fox serves again", () => lab.machine("fox").hasAddress(address), 60);
    await lab.until("it is settled", async () => (await settled("fox")) && (await settled("owl")), 60);
    await new Promise((resolve) => setTimeout(resolve, 1000));
    mark("end");
    client.kill("SIGINT");
    const stdout = await answers;

    const times = [...stdout.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(([, at]) => Number(at));
    assert.ok(times.length > 500, `${times.length} answers`);
    const gaps = times
      .map((at, index) => ({ from: times[index - 1] ?? at, ms: Math.round((at - (times[index - 1] ?? at)) * 1000) }))
      .filter(({ ms }) => ms > noticed);
    const line = [
      ...marks.map(([what, at]) => ({ at, what })),
      ...gaps.map(({ from, ms }) => ({ at: from, what: `no answer for ${ms} ms` })),
    ];
    const start = times[0] ?? 0;
    for (const { at, what } of line.sort((a, b) => a.at - b.at))
      t.diagnostic(`${(at - start).toFixed(2).padStart(7)} s  ${what}`);
    const longest = Math.max(...times.map((at, index) => Math.round((at - (times[index - 1] ?? at)) * 1000)));
    t.diagnostic(`the longest time between two answers was ${longest} ms`);
    // fox gives up its group when it is upgraded, and gets it back by the standby of owl: two planned moves.
    assert.ok(gaps.length <= 2, `two planned moves: ${JSON.stringify(gaps)}`);
    const at = (what: string): number => marks.find(([each]) => each === what)?.[1] ?? Number.NaN;
    const planned = [
      [at("upgrade of fox begins"), at("fox runs the new version")],
      [at("standby of owl: back to fox"), at("end")],
    ] as const;
    for (const { from, ms } of gaps) {
      assert.ok(ms < plannedMax, `${ms} ms`);
      const within = planned.some(([begin, end]) => from >= begin - 1 && from + ms / 1000 <= end + 1);
      assert.ok(within, `no answer for ${ms} ms from ${(from - start).toFixed(2)} s on, when nothing was to move`);
    }
  },
};
