/** Two machines with our package, fox carrying a service, and a client that asks its address every 10 ms: for what nobody may notice. */
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { callLog, serviceScript } from "./service.ts";
import type { SystemLab } from "./system-lab.ts";

export const pair = ["fox", "owl"] as const;
export const address = "10.77.0.101";
/** In milliseconds: what a client calls a failed request is an answer that never comes; this is a client that was late itself. */
const noticed = 1000;

const haCf = (lines: string): string => `logfile /var/log/ha-log
keepalive 250ms
deadtime 3
warntime 1500ms
initdead 10
udpport 694
bcast eth0
node fox owl
${lines}
`;

export const install = (file: string): string =>
  `env DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold ${file} 2>&1`;

/** Installs `file`, which lies on both, and starts them. Comes back when fox serves and both are settled. */
export async function startPair(lab: SystemLab, file: string, lines: string): Promise<void> {
  await Promise.all(
    pair.map(async (name) => {
      const machine = lab.machine(name);
      await machine.write("/etc/ha.d/ha.cf", haCf(lines));
      await machine.write("/etc/ha.d/authkeys", "auth 1\n1 sha1 laboratory\n", "600");
      await machine.write("/etc/ha.d/resource.d/svc", serviceScript, "755");
      await machine.write("/etc/ha.d/haresources", `fox ${address}/24/eth0 svc\n`);
      await lab.must(name, install(file), 240);
    }),
  );
  await Promise.all(pair.map((name) => lab.must(name, "systemctl start heartbeat")));
  await lab.until("fox serves", async () => (await lab.run("fox", "test -e /run/services/svc")).code === 0, 60);
  const settled = async (): Promise<boolean> =>
    (await lab.run("owl", "cl_status rscstatus")).stdout.trim() !== "transition";
  await lab.until("it is settled", settled, 60);
}

/** From now on; the function that comes back ends it, and holds that nobody noticed anything. */
export async function unnoticed(t: TestContext, lab: SystemLab): Promise<() => Promise<void>> {
  const started = (): Promise<string> => lab.must("fox", `grep -v status ${callLog}`);
  const calls = await started();
  const client = lab.startClient(["ping", "-n", "-D", "-O", "-i", "0.01", "-W", "1", address]);
  const answers = text(client.stdout);
  return async () => {
    client.kill("SIGINT");
    const stdout = await answers;
    assert.equal(await started(), calls, "no resource was started or stopped");
    assert.equal((await lab.run("owl", `test -e ${callLog}`)).code, 1, "owl never ran the service");
    const times = [...stdout.matchAll(/^\[(\d+\.\d+)\] \d+ bytes from/gm)].map(([, at]) => Number(at) * 1000);
    const longest = Math.max(...times.map((at, index) => Math.round(at - (times[index - 1] ?? at))));
    const [sent, packets, received] = /(\d+) packets transmitted, (\d+) received/.exec(stdout) ?? [];
    t.diagnostic(`${sent}; the longest time between two answers was ${longest} ms`);
    assert.ok(times.length > 500, `${times.length} answers`);
    assert.ok(Number(packets) - Number(received) <= 1, "all were answered, but for one under way at the end");
    assert.ok(longest < noticed, `${longest} ms`);
  };
}
