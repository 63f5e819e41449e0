/**
 * A daemon that dies, hangs before its end or reads other files, under the unit as it is installed: dead time 3 s, the others wait for nobody.
 * A client asks the address every 10 ms all the time; the service behind it writes down each call.
 */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { callLog, serviceScript } from "../../support/lab/service.ts";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const haCf = `logfile /var/log/ha-log
keepalive 250ms
deadtime 3
warntime 1500ms
initdead 10
udpport 694
auto_failback on
bcast eth0
node fox owl
`;
const address = "10.77.0.101";
/** Three deaths are the most that are followed by an adoption within a minute. */
const rounds = ["kill -9", "kill -9", "kill -9", "reload with another ha.cf"] as const;
/** In milliseconds: what a client calls a failed request is an answer that never comes; this is a client that was late itself. */
const noticed = 1000;

export const coreDeath = {
  name: "kill -9 and a reload under the unit, dead time 3 s: no request fails, nothing restarts, the peer notices nothing",
  run: async (t: TestContext): Promise<void> => {
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create("fox", "owl");
    const nodes = ["fox", "owl"] as const;
    await Promise.all(
      nodes.map(async (name) => {
        const machine = lab.machine(name);
        await lab.copy(name, file, "/srv/heartbeat.deb");
        await lab.must(name, "env DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold /srv/heartbeat.deb", 240);
        await machine.write("/etc/ha.d/ha.cf", haCf);
        await machine.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 laboratory\n", "600");
        await machine.write("/etc/ha.d/resource.d/svc", serviceScript, "755");
        await machine.write("/etc/ha.d/haresources", `fox ${address}/24/eth0 svc\n`);
      }),
    );
    await Promise.all(nodes.map((name) => lab.must(name, "systemctl start heartbeat")));
    await lab.until("fox serves", async () => (await lab.run("fox", "test -e /run/services/svc")).code === 0, 60);
    await lab.until(
      "it is settled",
      async () => (await lab.run("owl", "cl_status rscstatus")).stdout.trim() !== "transition",
      60,
    );
    const calls = await lab.must("fox", `grep -v status ${callLog}`);
    const main = async (): Promise<string> =>
      (await lab.run("fox", "systemctl show -p MainPID --value heartbeat")).stdout.trim();
    const up = async (): Promise<boolean> =>
      (await lab.run("fox", "systemctl is-active heartbeat")).stdout === "active\n";

    const client = lab.startClient(["ping", "-n", "-D", "-O", "-i", "0.01", "-W", "1", address]);
    const answers = text(client.stdout);
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
    client.kill("SIGINT");
    const stdout = await answers;

    assert.equal(await lab.must("fox", `grep -v status ${callLog}`), calls, "no resource was started or stopped");
    assert.doesNotMatch(await lab.must("owl", "cat /var/log/ha-log"), /is dead|[Aa]cquiring/);
    assert.equal((await lab.run("owl", `test -e ${callLog}`)).code, 1, "owl never ran the service");
    const log = await lab.must("fox", "cat /var/log/ha-log");
    assert.equal(log.match(/Taking over what the last heartbeat held/g)?.length, rounds.length);
    for (const [line] of log.matchAll(/^.*keeping what it held for.*$/gm)) t.diagnostic(line);
    const times = [...stdout.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(([, at]) => Number(at) * 1000);
    const longest = Math.max(...times.map((at, index) => Math.round(at - (times[index - 1] ?? at))));
    const lost = /(\d+) packets transmitted, (\d+) received/.exec(stdout);
    t.diagnostic(`${lost?.[0]}; the longest time between two answers was ${longest} ms`);
    assert.ok(times.length > 500, `${times.length} answers`);
    assert.ok(
      Number(lost?.[1]) - Number(lost?.[2]) <= 1,
      "all were answered, but for one that was under way at the end",
    );
    assert.ok(longest < noticed, `${longest} ms`);
  },
};
