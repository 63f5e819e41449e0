/**
 * The original's cl_status and ours, asked the same questions at the same running heartbeat: the same words on both
 * outputs and the same exit code, whoever answers.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";

const questions = [
  "hbstatus",
  "hbstatus -m",
  "hbstatus -v",
  "hbstatus -vm",
  "hbstatus -x",
  "listnodes",
  "listnodes -m",
  "listnodes -n",
  "listnodes -p",
  "listnodes -np",
  "listnodes -v",
  "listnodes -mv",
  "listnodes -x",
  ...["fox", "OWL", "10.77.0.254", "nosuch"].flatMap((node) => [
    `nodestatus ${node}`,
    `nodestatus -m ${node}`,
    `nodetype ${node}`,
    `nodetype ${node} -m`,
    `nodeweight ${node}`,
    `nodeweight -m ${node}`,
    `nodesite ${node}`,
    `nodesite -m ${node}`,
    `listhblinks ${node}`,
    `listhblinks -m ${node}`,
    `listhblinks -v ${node}`,
    `hblinkstatus ${node} eth0`,
    `hblinkstatus -m ${node} eth0`,
  ]),
  "hblinkstatus 10.77.0.254 10.77.0.254",
  "hblinkstatus owl nosuch",
  "hblinkstatus owl",
  "listhblinks",
  "nodestatus",
  "nodetype",
  "nodeweight",
  "nodesite",
  "nodesite -x",
  "clientstatus",
  "clientstatus fox",
  "clientstatus fox nosuch",
  "clientstatus -m fox nosuch",
  "clientstatus owl nosuch 4000",
  "clientstatus nosuch nosuch",
  "clientstatus 10.77.0.254 nosuch",
  "rscstatus",
  "rscstatus -m",
  "rscstatus -x",
  "hbparameter",
  "hbparameter -p",
  ...["keepalive", "deadtime", "warntime", "initdead", "deadping", "auto_failback", "hopfudge", "udpport", "baud"].map(
    (name) => `hbparameter -p ${name}`,
  ),
  ...["hbversion", "pacemaker", "crm", "logfile", "realtime", "msgfmt", "node", "nosuch", "watchdog", "cluster"].map(
    (name) => `hbparameter -p ${name}`,
  ),
  "hbparameter -m -p deadtime",
  "hbparameter -mpkeepalive",
  "test",
  "listnode",
];

/** Time, host and process number of log lines differ; so does the path by which a program names itself to getopt. */
const comparable = (said: string): string => said.replaceAll(/^.*cl_status: \[\d+\]: /gm, "");

/** The original looks the protocol of its ping nodes up in a file that the bare test root lacks. */
async function knowProtocols(lab: Lab): Promise<void> {
  for (const name of Object.keys(lab.settings.nodes)) await lab.machine(name).write("/etc/protocols", "icmp 1 ICMP\n");
}

/** Asks both programs on `node` everything, and tells where they differ. */
async function differences(lab: Lab, node: string, asked: readonly string[]): Promise<string[]> {
  const found: string[] = [];
  for (const question of asked) {
    const words = question.split(" ");
    const [theirs, ours] = await Promise.all(
      ["cl_status", `${checkout}/bin/cl_status`].map((program) => lab.exec(node, [program, ...words])),
    );
    assert.ok(theirs !== undefined && ours !== undefined);
    const shown = ({ code, stdout, stderr }: typeof theirs) =>
      JSON.stringify({ code, stdout, stderr: comparable(stderr) });
    if (shown(theirs) !== shown(ours)) found.push(`${question}\n  theirs ${shown(theirs)}\n  ours   ${shown(ours)}`);
  }
  return found;
}

async function settled(lab: Lab): Promise<void> {
  await lab.until(
    "both nodes are active and the group runs",
    async () => {
      const seen = await Promise.all([
        lab.sees("fox", "owl"),
        lab.sees("owl", "fox"),
        lab.holds("fox"),
        lab.holds("owl"),
      ]);
      return seen[0] === "active" && seen[1] === "active" && seen[2] === "local" && /none|local/.test(seen[3] ?? "");
    },
    60,
  );
}

const settings = {
  haCf: ["ping 10.77.0.254", "auto_failback on"],
  services: ["web"],
  haresources: "fox web",
} as const;

for (const kind of ["original", "ours"] as const)
  test(`asking ${kind}`, async () => {
    await using lab = await Lab.create({ ...settings, nodes: { fox: kind, owl: kind } });
    await knowProtocols(lab);
    const stopped = ["hbstatus", "hbstatus -v", "hbstatus -x", "listnodes", "bogus"];
    assert.deepEqual(await differences(lab, "fox", stopped), [], "not running");
    await lab.start();
    await settled(lab);
    assert.deepEqual(await differences(lab, "fox", questions), []);
  });

test("orders to the original through its FIFO", async () => {
  await using lab = await Lab.create({ ...settings, haCf: [], nodes: { fox: "original", owl: "original" } });
  const order = async (node: string, ...words: string[]) => {
    const { code, stdout, stderr } = await lab.exec(
      node,
      words.map((word, i) => (i === 0 ? `${checkout}/bin/${word}` : word)),
    );
    return { code, said: stdout + stderr };
  };
  assert.deepEqual(await order("fox", "hb_standby"), {
    code: 7,
    said: "hb_standby: heartbeat is not running (nothing reads /var/lib/heartbeat/fifo)\n",
  });
  await lab.start();
  await settled(lab);
  assert.deepEqual(await order("fox", "hb_standby"), { code: 0, said: "Going standby [all].\n" });
  await lab.until("owl has the service", async () => lab.runs("owl", "web") && (await lab.holds("owl")) === "all", 60);
  assert.deepEqual(await order("fox", "hb_takeover", "local"), { code: 0, said: "" });
  await lab.until("fox has it again", async () => lab.runs("fox", "web") && (await lab.holds("fox")) === "local", 60);
  assert.deepEqual(await order("fox", "hb_setweight", "owl", "42"), { code: 0, said: "" });
  assert.deepEqual(await order("fox", "hb_setsite", "owl", "paris"), { code: 0, said: "" });
  const cl = async (...words: string[]) =>
    (await lab.exec("fox", [`${checkout}/bin/cl_status`, ...words])).stdout.trim();
  await lab.until("weight and site are known", async () => {
    return (await cl("nodeweight", "owl")) === "42" && (await cl("nodesite", "owl")) === "paris";
  });
});

test("an original that refuses casual clients", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original" }, haCf: ["apiauth anon uid=nobody"] });
  await lab.start();
  await lab.until("it answers somebody", async () => (await lab.exec("fox", ["cl_status", "hbstatus"])).code === 0, 60);
  assert.deepEqual(
    await differences(lab, "fox", ["hbstatus", "hbstatus -v", "hbstatus -m", "hbstatus -x", "listnodes"]),
    [],
  );
});
