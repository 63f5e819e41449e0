/** The recorded stories in which the two nodes differ, or something does not work: other failback rules, scripts that fail or take long, a start in a cut. */
import type { Column, Places, Step, Story } from "../lab/story.ts";
import { crash, start, stop, tool } from "../lab/story-steps.ts";
import type { Lab } from "../lab.ts";

const two = [
  { owner: "fox", resources: ["svcA", "svcB"] },
  { owner: "owl", resources: ["svcC"] },
] as const;
const nodes = ["fox", "owl"] as const;
const home: Places = { svcA: "fox", svcC: "owl" };
const allFox: Places = { svcA: "fox", svcC: "fox" };
const allOwl: Places = { svcA: "owl", svcC: "owl" };

/** Makes a service misbehave, then does what the step does. */
const after = (before: (lab: Lab) => Promise<unknown>, step: Step): Step => ({
  ...step,
  act: async (lab) => {
    await before(lab);
    await step.act(lab);
  },
});
const fails = (node: string, service: string) => (lab: Lab) => lab.misbehave(node, service, "start", "fail");
const slowB = async (lab: Lab): Promise<void> => {
  for (const node of nodes) for (const action of ["start", "stop"]) await lab.misbehave(node, "svcB", action, "slow");
};

const runsAll = (lab: Lab, node: string): boolean => ["svcA", "svcC"].every((service) => lab.runs(node, service));
/** `fox` starts while nobody hears it, and takes everything; then they hear each other. */
const startedApart = (places: Step["places"], ...starting: string[]): Step => ({
  says: `start of ${starting.join(" and ")} while the network is cut, and healing`,
  act: async (lab) => {
    await lab.cut("owl");
    await lab.start(...starting);
    for (const node of nodes) await lab.until(`${node} runs all`, () => runsAll(lab, node), 60);
    await lab.heal("owl");
  },
  places,
});

/** As between two originals nothing is reconciled where an original is; two of ours do it at once. */
const asTorn = ({ fox, owl }: Column): Places => (fox === owl ? home : { svcA: "both", svcC: "both" });
const later: Step = { says: "12 s later", act: (lab) => lab.exec("fox", ["sleep", "12"]), places: asTorn };

export const unevenStories: readonly Story[] = [
  {
    number: "05",
    title: "legacy: start, crash, return, stop",
    failback: "legacy",
    groups: two,
    steps: [start(home), crash("fox", allOwl), start(home, "fox"), stop("fox", allOwl)],
  },
  {
    number: "05",
    title: "legacy: start during a partition, and healing",
    failback: "legacy",
    groups: two,
    free: true,
    steps: [start(allOwl, "owl"), startedApart(asTorn, "fox"), later],
  },
  {
    number: "08",
    title: "both start while the network is cut, it heals, stand-by foreign on both",
    failback: "on",
    groups: two,
    free: true,
    steps: [
      startedApart(asTorn, ...nodes),
      later,
      tool("fox", "hb_standby", "foreign", home),
      tool("owl", "hb_standby", "foreign", home),
    ],
  },
  {
    number: "09",
    title: "a start that fails on the owner, then on both",
    failback: "on",
    groups: [{ owner: "fox", resources: ["svcA", "svcB", "svcC"] }],
    free: true,
    steps: [
      after(
        fails("fox", "svcB"),
        start((column) => ({ svcA: column.fox === column.owl ? "owl" : "nobody" })),
      ),
      after(
        fails("owl", "svcB"),
        tool("owl", "hb_standby", "foreign", ({ fox, owl }) => ({ svcA: fox === owl ? "owl" : "nobody" })),
      ),
    ],
  },
  {
    number: "17",
    title: "slow scripts: stop during a stand-by, crash of the peer in mid hand-over, stop",
    failback: "on",
    groups: two,
    free: true,
    steps: [
      start(home),
      {
        says: "hb_standby local on fox, and its stop a second later",
        act: async (lab) => {
          await slowB(lab);
          await lab.tool("fox", "hb_standby", "local");
          await lab.exec("fox", ["sleep", "1"]);
          await lab.stop("fox");
        },
        places: allOwl,
      },
      {
        says: "start of fox, and a power cut of owl while it releases",
        act: async (lab) => {
          const calls = (): string[] => lab.calls("owl").filter((call) => call.endsWith(" svcB stop"));
          const before = calls().length;
          await lab.start("fox");
          await lab.until("owl releases svcB", () => calls().length > before, 60);
          await lab.crash("owl");
        },
        places: allFox,
        dead: ["owl"],
      },
      start(home, "owl"),
      stop("fox", allOwl),
    ],
  },
  {
    number: "20",
    title: "notifications, a message of another type, stand-by, crash",
    failback: "on",
    groups: [
      { owner: "fox", resources: ["svcA"] },
      { owner: "owl", resources: ["svcC"] },
    ],
    haCf: ["debug 0", "env MYVAR=hello"],
    steps: [
      after(async (lab) => {
        const script = '#!/bin/sh\necho "$1 $HA_src $HA_MYVAR" >> /var/log/notified\n';
        for (const node of nodes) await lab.machine(node).write("/etc/ha.d/rc.d/mytype", script, "755");
      }, start(home)),
      {
        says: "a message of the type mytype from fox",
        act: async (lab) => {
          const say = "printf '>>>\\nt=mytype\\n<<<\\n' > /var/lib/heartbeat/fifo";
          await lab.exec("fox", ["sh", "-c", say]);
          for (const node of nodes)
            await lab.until(
              `${node} is notified`,
              () => lab.machine(node).read("/var/log/notified") === "mytype fox hello\n",
            );
        },
        places: home,
      },
      tool("fox", "hb_standby", "local", allOwl),
      crash("fox", allOwl),
    ],
  },
  {
    number: "22",
    title: "failback on for fox, off for owl: the holder decides",
    failback: { fox: "on", owl: "off" },
    groups: two,
    steps: [start(home), crash("fox", allOwl), start(allOwl, "fox"), crash("owl", allFox), start(home, "owl")],
  },
  {
    number: "23",
    title: "failback off for fox, on for owl",
    failback: { fox: "off", owl: "on" },
    groups: two,
    steps: [start(home), crash("fox", allOwl), start(home, "fox"), crash("owl", allFox), start(allFox, "owl")],
  },
  {
    number: "24",
    title: "failback on for fox, legacy for owl",
    failback: { fox: "on", owl: "legacy" },
    groups: two,
    steps: [start(home), crash("fox", allOwl), start(home, "fox"), crash("owl", allFox), start(home, "owl")],
  },
  {
    number: "27",
    title: "a group that cannot start on the other node: stand-by, crash",
    failback: "on",
    groups: two,
    free: true,
    steps: [
      after(fails("owl", "svcB"), start(home)),
      tool("fox", "hb_standby", "local", home),
      crash("fox", { svcA: "nobody", svcC: "owl" }),
    ],
  },
];
