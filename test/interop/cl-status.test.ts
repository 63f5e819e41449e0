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
  ...["fox", "OWL", "nosuch"].flatMap((node) => [
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

/** Time, host and process number of log lines differ from run to run. */
const comparable = (said: string): string => said.replaceAll(/^.*cl_status: \[\d+\]: /gm, "");

interface Compared {
  /** What the original's program said, by question; the daemon's version put aside. */
  readonly said: ReadonlyMap<string, string>;
  /** Where the two programs differ. */
  readonly differences: readonly string[];
}

/** Asks both programs on `node` everything. */
async function compare(lab: Lab, node: string, asked: readonly string[]): Promise<Compared> {
  const said = new Map<string, string>();
  const differences: string[] = [];
  for (const question of asked) {
    const words = question.split(" ");
    const [theirs, ours] = await Promise.all(
      ["cl_status", `${checkout}/bin/cl_status`].map(async (program) => {
        const { code, stdout, stderr } = await lab.exec(node, [program, ...words]);
        return JSON.stringify({ code, stdout, stderr: comparable(stderr) });
      }),
    );
    assert.ok(theirs !== undefined && ours !== undefined);
    said.set(question, theirs.replaceAll(/3\.0\.6 \(node: \w+\)|4\.\d[\w.-]*/g, "VERSION"));
    if (theirs !== ours) differences.push(`${question}\n  theirs ${theirs}\n  ours   ${ours}`);
  }
  return { said, differences };
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

const settings = { services: ["web"], haresources: "fox web" } as const;
/** The same for both kinds of daemon, so that their answers can be compared. */
const timing = ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"];

async function ask(kind: "original" | "ours"): Promise<Compared> {
  await using lab = await Lab.create({ ...settings, haCf: timing, nodes: { fox: kind, owl: kind } });
  const stopped = await compare(lab, "fox", ["hbstatus", "hbstatus -v", "hbstatus -x", "listnodes", "bogus"]);
  assert.deepEqual(stopped.differences, [], "not running");
  await lab.start();
  await settled(lab);
  return await compare(lab, "fox", questions);
}

test("two programs, two daemons, one answer to each question", async () => {
  const [theirs, ours] = await Promise.all([ask("original"), ask("ours")]);
  assert.deepEqual(theirs.differences, [], "both programs at the original");
  assert.deepEqual(ours.differences, [], "both programs at ours");
  assert.deepEqual(ours.said, theirs.said, "the original's program at both daemons");
});

test("orders to the original through its FIFO", async () => {
  await using lab = await Lab.create({ ...settings, nodes: { fox: "original", owl: "original" } });
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

for (const kind of ["original", "ours"] as const)
  test(`a daemon that refuses casual clients: ${kind}`, async () => {
    await using lab = await Lab.create({ nodes: { fox: kind }, haCf: ["apiauth anon uid=nobody"] });
    await lab.start();
    await lab.until("it answers", async () => (await lab.exec("fox", ["cl_status", "hbstatus"])).code === 0, 60);
    const asked = ["hbstatus", "hbstatus -v", "hbstatus -m", "hbstatus -x", "listnodes"];
    const { said, differences } = await compare(lab, "fox", asked);
    assert.deepEqual(differences, []);
    assert.match(said.get("hbstatus -v") ?? "", /refuses my connection\\n\(client failed authorization\)/);
  });

test("the original's own test program runs at our daemon to its end", async () => {
  await using lab = await Lab.create({ ...settings, nodes: { fox: "ours", owl: "ours" } });
  await lab.start();
  await settled(lab);
  const asHacluster = ["setpriv", "--reuid", "hacluster", "--regid", "haclient", "--clear-groups"];
  const { stderr } = await lab.exec("fox", ["timeout", "10", ...asHacluster, "/usr/libexec/heartbeat/api_test"]);
  for (const line of [
    /Current resource status: local/,
    /node owl: intf: eth0 ifstatus: up/,
    /fox\/api_test status: \[online\]/,
    /Client owl\/ping now has status \[offline\]/,
    /Got message \d+ of type \[pingreply\] from \[fox\]/,
  ])
    assert.match(stderr, line);
});
