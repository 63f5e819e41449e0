/**
 * A hundred resources that are asked every second, half of them by a script of their own and half by a web page: heartbeats stay on time, nothing is
 * missed, and what it costs is printed.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { type Lateness, listen } from "../support/lab/listener.ts";
import { processesOf, pssOf, spentBy } from "../support/lab/processes.ts";
import { nginx } from "../support/lab/watched-services.ts";
import { Lab } from "../support/lab.ts";

const keepalive = 100;
const groups = 20;
const perGroup = 5;
const count = groups * perGroup;
/** In seconds. */
const measured = 60;
/** A second between an answer and the next question, and what an answer takes on a busy machine. */
const askedAtLeast = measured / 2;

const script = `#!/bin/sh
state=/run/things/$1
case $2 in
start) mkdir -p /run/things; : > $state ;;
stop) rm -f $state ;;
status) echo . >> /run/things-asked; if [ -e $state ]; then echo running; else echo stopped; fi ;;
esac
`;
const names = Array.from({ length: count }, (_, i) => `thing::${i + 1}`);
const haresources = Array.from({ length: groups }, (_, g) =>
  ["fox", ...names.slice(g * perGroup, (g + 1) * perGroup)].join(" "),
).join("\n");
const byPage = names.filter((_, i) => i % 2 === 1);
const ha4Cf = `defaults
  monitor 1
  monitor-timeout 5
${byPage.map((name) => `resource ${name}\n  ${nginx.probe}\n`).join("")}`;

interface Cost {
  /** Of one processor, in percent. */
  readonly own: number;
  /** Of those that it has started and that have ended. */
  readonly children: number;
  /** Kilobytes. */
  readonly pss: number;
}

test(`${count} resources asked every second`, { timeout: 170_000 }, async (t) => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haCf: ["realtime on", `keepalive ${keepalive}ms`, "warntime 400ms", "deadtime 800ms"],
    haresources,
  });
  for (const node of ["fox", "owl"]) {
    await lab.machine(node).write("/etc/ha.d/ha4.cf", ha4Cf);
    await lab.machine(node).write("/etc/ha.d/resource.d/thing", script, "755");
  }
  const web = `${nginx.prepare}\necho all-is-well > /srv/www/health; nginx -c /etc/nginx/good.conf`;
  assert.equal((await lab.exec("fox", ["bash", "-ec", web])).code, 0);
  await lab.start();
  const monitors = async (): Promise<readonly Monitored[]> => {
    const { stdout } = await lab.heartbeat("fox", ["status", "--json"]);
    const view: { readonly groups: readonly { readonly resources: readonly Monitored[] }[] } = JSON.parse(stdout);
    return view.groups.flatMap(({ resources }) => resources);
  };
  const allWell = async () => (await monitors()).filter(({ monitor }) => monitor?.last?.ok === true).length === count;
  await lab.until("all have been asked", allWell, 60);

  const all = processesOf(lab.machine("fox"));
  const core = all.find(({ inner }) => inner === lab.daemonPid("fox"))?.pid ?? 0;
  const processes = { core, runner: all.find(({ name }) => name === "hb-runner")?.pid ?? 0 };
  const listener = await listen(lab, { on: "owl", to: "fox", keepalive });
  const askedBefore = lab.machine("fox").read("/run/things-asked").length;
  const before = { core: spentBy(processes.core), runner: spentBy(processes.runner) };
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, measured * 1000));
  const seconds = (performance.now() - began) / 1000;
  const heard: Lateness = await listener.heard();
  const asked = (lab.machine("fox").read("/run/things-asked").length - askedBefore) / 2;
  const cost = (name: "core" | "runner"): Cost => {
    const after = spentBy(processes[name]);
    const percent = (value: number): number => Math.round((value / seconds) * 1000) / 10;
    return {
      own: percent(after.own - before[name].own),
      children: percent(after.children - before[name].children),
      pss: pssOf(processes[name]),
    };
  };
  for (const name of ["core", "runner"] as const) {
    const { own, children, pss } = cost(name);
    const scripts = name === "runner" ? `, its scripts ${children} %` : "";
    t.diagnostic(`${name}: ${own} % of a processor${scripts}, ${Math.round(pss / 1024)} MiB (PSS)`);
  }
  const perScript = asked / (count - byPage.length);
  t.diagnostic(`each script was asked ${perScript.toFixed(1)} times in ${seconds.toFixed(0)} s`);
  t.diagnostic(
    `${heard.heartbeats} heartbeats, the worst ${heard.worst} ms late (heard in real time: ${listener.realTime})`,
  );

  assert.ok(heard.heartbeats >= (seconds * 1000) / keepalive - 5, `${heard.heartbeats} heartbeats`);
  assert.ok(heard.worst < keepalive, `a heartbeat was ${heard.worst} ms late`);
  assert.ok(perScript > askedAtLeast, `each script was asked ${perScript} times`);
  const last = await monitors();
  assert.deepEqual(
    last.filter(({ monitor }) => monitor?.failures !== 0 || monitor.last?.ok !== true),
    [],
  );
  assert.ok(
    last.every(({ monitor }) => (monitor?.last?.ago ?? Number.POSITIVE_INFINITY) < 5000),
    "all are being asked",
  );
  for (const node of ["fox", "owl"]) assert.doesNotMatch(lab.log(node), /has failed|is dead|late heartbeat/i, node);
});

interface Monitored {
  readonly text: string;
  readonly monitor?: {
    readonly failures: number;
    readonly last?: { readonly ok: boolean; readonly ago: number; readonly latency: number };
  };
}
