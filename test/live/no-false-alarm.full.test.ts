/**
 * Ten minutes on a machine that has far more to do than it can: everything is well all the time, so nothing may be called ill, restarted or moved,
 * and nobody may be held dead.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { watchedServices } from "../support/lab/watched-services.ts";
import { Lab } from "../support/lab.ts";

const minutes = 10;
const stress = ["stress-ng", "--cpu", "8", "--io", "2", "--timeout", `${minutes * 60}s`];
const address = "10.77.0.101";
/** In milliseconds: an interval, a time limit, and room. */
const askedWithin = 20_000;
/** Every second, with the time limit that there is if nobody says anything. */
const ha4Cf = `defaults
  monitor 1
${watchedServices.map(({ name, probe }) => `resource ${name}\n${probe === "" ? "" : `  ${probe}\n`}`).join("")}`;

test(`no false alarm in ${minutes} minutes under ${stress.slice(0, 5).join(" ")}`, { timeout: 850_000 }, async (t) => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haCf: ["realtime on", "keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 12"],
    haresources: `fox ${address}/24/eth0 ${watchedServices.map(({ name }) => name).join(" ")}`,
  });
  for (const node of ["fox", "owl"]) {
    await lab.machine(node).write("/etc/ha.d/ha4.cf", ha4Cf);
    for (const { name, script, prepare } of watchedServices) {
      await lab.machine(node).write(`/etc/ha.d/resource.d/${name}`, script, "755");
      const { code, stdout, stderr } = await lab.exec(node, ["bash", "-ec", prepare], 120);
      assert.equal(code, 0, `${node}: ${stdout}${stderr}`);
    }
  }
  await lab.start();
  const look = async (): Promise<readonly Seen[]> => {
    const { stdout } = await lab.heartbeat("fox", ["status", "--json"]);
    return JSON.parse(stdout).groups[0].resources.slice(1);
  };
  const allWell = async () => (await look()).every(({ monitor }) => monitor?.last?.ok === true);
  await lab.until("all have been asked", allWell, 90);
  const said = { fox: lab.log("fox").length, owl: lab.log("owl").length };

  const stressed = lab.exec("fox", stress, minutes * 60 + 60);
  let ended = false;
  const end = stressed.then((outcome) => {
    ended = true;
    return outcome;
  });
  const slowest = new Map<string, number>();
  let looks = 0;
  while (!ended) {
    for (const { text, monitor } of await look()) {
      assert.equal(monitor?.failures, 0, text);
      assert.ok((monitor?.last?.ago ?? Number.POSITIVE_INFINITY) < askedWithin, `${text} is being asked`);
      slowest.set(text, Math.max(slowest.get(text) ?? 0, monitor?.last?.latency ?? 0));
    }
    looks++;
    await Promise.race([end, new Promise((resolve) => setTimeout(resolve, 5000))]);
  }
  const { code, stdout, stderr } = await end;
  assert.equal(code, 0, `stress-ng: ${stdout}${stderr}`);
  t.diagnostic(`slowest answers in ${looks} looks: ${[...slowest].map(([name, ms]) => `${name} ${ms} ms`).join(", ")}`);
  const news = (node: "fox" | "owl"): string => lab.log(node).slice(said[node]);
  const late = [...`${news("fox")}${news("owl")}`.matchAll(/late heartbeat/gi)].length;
  t.diagnostic(`late heartbeats: ${late}`);
  for (const node of ["fox", "owl"] as const)
    assert.doesNotMatch(news(node), /has failed|Restarting|is dead|Giving up|[Aa]cquiring/, node);
  assert.deepEqual([lab.hasAddress("fox", address), lab.hasAddress("owl", address)], [true, false]);
  assert.ok(looks >= minutes, `it was looked ${looks} times`);
});

interface Seen {
  readonly text: string;
  readonly monitor?: {
    readonly failures: number;
    readonly last?: { readonly ok: boolean; readonly ago: number; readonly latency: number };
  };
}
