/** The recorded stories of two nodes that are alike: what happens in them, and where each group is afterwards. */

import type { Places, Step, Story } from "../lab/story.ts";
import { crash, start, stop, tool } from "../lab/story-steps.ts";
import type { Lab } from "../lab.ts";

const one = [{ owner: "fox", resources: ["svcA", "svcB"] }] as const;
const two = [
  { owner: "fox", resources: ["svcA", "svcB"] },
  { owner: "owl", resources: ["svcC", "svcD"] },
] as const;
const home: Places = { svcA: "fox", svcC: "owl" };
const allFox: Places = { svcA: "fox", svcC: "fox" };
const allOwl: Places = { svcA: "owl", svcC: "owl" };
const nowhere: Places = { svcA: "nobody", svcC: "nobody" };

const stall = (node: string, seconds: number, places: Step["places"]): Step => ({
  says: `the daemon of ${node} stands still for ${seconds} s`,
  act: async (lab) => {
    const pid = `${lab.daemonPid(node)}`;
    await lab.exec(node, ["sh", "-c", `kill -STOP $0; sleep ${seconds}; kill -CONT $0`, pid]);
  },
  places,
});
const cutAndHeal = (places: Step["places"]): Step => ({
  says: "the network is cut",
  act: async (lab) => {
    await lab.cut("owl");
    for (const node of ["fox", "owl"])
      await lab.until(`${node} takes all`, () => ["svcA", "svcC"].every((it) => lab.runs(node, it)), 30);
    await lab.heal("owl"); // both run everything now
  },
  places,
});
const stopBoth: Step = {
  says: "both are stopped together",
  act: (lab) => Promise.all([lab.stop("fox"), lab.stop("owl")]),
  places: nowhere,
};
const cannotStop: Step = {
  says: "hb_standby local on fox, whose svcB does not stop",
  act: async (lab: Lab) => {
    await lab.misbehave("fox", "svcB", "stop", "fail");
    await lab.tool("fox", "hb_standby", "local");
    await lab.machine("fox").died();
  },
  places: allOwl,
};

/** Where an original is in the cluster ours keeps what it runs, because the original restarts; without failback it stays there. */
const keptByOurs: Readonly<Record<string, Places>> = { "original + ours": allOwl, "ours + original": allFox };

export const evenStories: readonly Story[] = [
  {
    number: "01",
    title: "cold start, crash of the owner, return, stop",
    failback: "on",
    groups: one,
    usual: "mixed",
    steps: [
      start({ svcA: "fox" }),
      crash("fox", { svcA: "owl" }),
      start({ svcA: "fox" }, "fox"),
      stop("fox", { svcA: "owl" }),
    ],
  },
  {
    number: "02",
    title: "failback off: crash, return, stand-by and take-over by hand, stop",
    failback: "off",
    groups: one,
    steps: [
      start({ svcA: "fox" }),
      crash("fox", { svcA: "owl" }),
      start({ svcA: "owl" }, "fox"),
      tool("owl", "hb_standby", "failback", { svcA: "fox" }),
      tool("fox", "hb_standby", "all", { svcA: "owl" }),
      tool("fox", "hb_takeover", "all", { svcA: "fox" }),
      tool("owl", "hb_takeover", "foreign", { svcA: "owl" }),
      stop("owl", { svcA: "fox" }),
    ],
  },
  {
    number: "03",
    title: "two active nodes: every form of stand-by and take-over, crash, return",
    failback: "on",
    groups: two,
    usual: "mixed",
    steps: [
      start(home),
      tool("fox", "hb_standby", "", allOwl),
      tool("owl", "hb_standby", "failback", home),
      tool("fox", "hb_standby", "local", allOwl),
      tool("owl", "hb_standby", "foreign", home),
      tool("fox", "hb_takeover", "all", allFox),
      tool("owl", "hb_takeover", "local", home),
      tool("owl", "hb_takeover", "foreign", allOwl),
      tool("fox", "hb_takeover", "local", home),
      crash("owl", allFox),
      start(home, "owl"),
    ],
  },
  {
    number: "03",
    title: "both nodes are stopped together",
    failback: "on",
    groups: two,
    free: true,
    steps: [start(home), stopBoth],
  },
  {
    number: "04",
    title: "one node alone, the other joins, stop and return in the same boot",
    failback: "on",
    groups: two,
    steps: [start(allFox, "fox"), start(home, "owl"), stop("fox", allOwl), start(home, "fox")],
  },
  {
    number: "06",
    title: "partition and heal, failback on",
    failback: "on",
    groups: two,
    free: true,
    steps: [start(home), cutAndHeal(home)],
  },
  {
    number: "07",
    usual: "ours",
    title: "partition and heal, failback off",
    failback: "off",
    groups: two,
    free: true,
    steps: [start(home), cutAndHeal((column) => keptByOurs[column.name] ?? home)],
  },
  {
    number: "10",
    title: "a script that does not stop: its machine restarts, the other node takes over",
    failback: "on",
    groups: two,
    free: true,
    steps: [start(home), cannotStop],
  },
  {
    number: "16",
    haCf: ["keepalive 250ms", "warntime 1500ms", "deadtime 3"],
    title: "a daemon stands still for longer than the dead time, and later for less",
    failback: "on",
    groups: two,
    free: true,
    steps: [start(home), stall("fox", 6, home), stall("owl", 1, home)],
  },
  {
    number: "18",
    title: "heartbeat -r without a change",
    failback: "on",
    groups: two,
    steps: [start(home), { says: "heartbeat -r on fox", act: (lab) => lab.heartbeat("fox", ["-r"]), places: home }],
  },
  {
    number: "19",
    title: "the timers of many clusters: keepalive 2, deadtime 10",
    failback: "on",
    groups: one,
    haCf: ["keepalive 2", "warntime 5", "deadtime 10", "initdead 20"],
    steps: [start({ svcA: "fox" }), crash("fox", { svcA: "owl" }), start({ svcA: "fox" }, "fox")],
  },
  {
    number: "21",
    usual: "ours",
    title: "stand-by and take-over without a peer",
    failback: "on",
    groups: two,
    steps: [
      start(home),
      crash("owl", allFox),
      tool("fox", "hb_standby", "all", allFox),
      tool("fox", "hb_takeover", "all", allFox),
      stop("fox", nowhere),
    ],
  },
  {
    number: "29",
    haCf: ["keepalive 250ms", "warntime 1500ms", "deadtime 3"],
    title: "a daemon stands still for less than the dead time",
    failback: "on",
    groups: two,
    steps: [start(home), stall("owl", 1.5, home)],
  },
];
