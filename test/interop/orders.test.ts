/**
 * The commands of both kinds that give heartbeat an order: the same complaints about wrong arguments, what each says where nobody hears it or
 * it is not permitted, and each kind's commands at the other kind's daemon.
 *
 * Those of the original are shell scripts. What their shell says by itself is not compared: where it goes wrong, ours has an answer of its own
 * (quirk 46), and both are written down here as they are.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const theirs = "/usr/share/heartbeat";
const ours = `${checkout}/bin`;
const asNobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];
const limitSeconds = 4;

type Order = readonly [tool: string, ...words: readonly string[]];

/** What is written is an order, so only what is refused can be tried without a daemon. */
const refused: readonly Order[] = [
  ...["hb_standby", "hb_takeover"].flatMap((tool): Order[] => [
    [tool, "rubbish"],
    [tool, "all", "local"],
    [tool, "--help"],
  ]),
  ...["hb_addnode", "hb_delnode", "hb_setweight", "hb_setsite"].flatMap((tool): Order[] => [[tool], [tool, "--help"]]),
];

/** The original sends a message that no daemon can understand, and calls that a success. */
const onlyOursRefuses: readonly Order[] = ["hb_setweight", "hb_setsite"].flatMap((tool): Order[] => [
  [tool, "owl"],
  [tool, "owl", "1", "2"],
]);

const orders: readonly Order[] = [
  ["hb_standby"],
  ["hb_takeover", "local"],
  ["hb_addnode", "gnu"],
  ["hb_delnode", "gnu"],
  ["hb_setweight", "owl", "1"],
  ["hb_setsite", "owl", "paris"],
];

/** `PATH: 33: cannot create ...` is the shell's; `Going standby` is said before it is tried. */
const shellLines = /^\S+: \d+: .*\n/gm;

async function say(lab: Lab, node: string, folder: string, [tool, ...words]: Order, as: readonly string[] = []) {
  const { code, stdout, stderr } = await lab.exec(node, [...as, `${folder}/${tool}`, ...words], limitSeconds);
  const told = (text: string): string => text.replaceAll(`${folder}/`, "");
  return { tool, words, code, stdout: told(stdout), stderr: told(stderr) };
}

test("the same complaints, the same exit codes", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original" } });
  for (const row of refused) {
    const [original, own] = [await say(lab, "fox", theirs, row), await say(lab, "fox", ours, row)];
    if (!row.includes("--help")) assert.deepEqual(own, original);
    // Ours explains itself below what the original says.
    const begins = { ...own, stdout: own.stdout.slice(0, original.stdout.length) };
    assert.deepEqual({ ...begins, stderr: own.stderr.slice(0, original.stderr.length) }, original);
  }
  for (const [tool, ...words] of onlyOursRefuses) {
    const usage = (await say(lab, "fox", theirs, [tool])).stdout;
    assert.equal((await say(lab, "fox", theirs, [tool, ...words])).code, 0);
    const own = await say(lab, "fox", ours, [tool, ...words]);
    assert.deepEqual(own, { tool, words, code: 1, stdout: usage, stderr: "" });
  }
});

/** Longer than the original's reader gives an order from its first line on. */
const pause = 1.2;

test("an order whose lines take their time is whole for either kind (quirk 305)", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original", owl: "ours" } });
  await lab.start();
  const weight = async (on: string, of: string) => (await lab.exec(on, ["cl_status", "nodeweight", of])).stdout.trim();
  await lab.until(
    "each knows the other's",
    async () => `${await weight("fox", "owl")} ${await weight("owl", "fox")}` === "100 100",
    60,
  );
  const slowly = (node: string, value: number) =>
    `echo t=setweight; sleep ${pause}; echo node=${node}; echo weight=${value}`;
  // As the original's tools do: on its node with what the laboratory puts beside them, or its reader would lose the order.
  const tool = "export HA_DIR=/etc/ha.d; . /etc/ha.d/shellfuncs; ha_clustermsg";
  await lab.exec("fox", ["sh", "-c", `(${slowly("fox", 11)}) | (${tool})`]);
  // And by hand, in pieces.
  const fifo = "/var/lib/heartbeat/fifo";
  await lab.exec("owl", ["sh", "-c", `(echo '>>>'; ${slowly("owl", 22)}; echo '<<<') > ${fifo}`]);
  await lab.until(
    "both orders are known to both",
    async () => {
      const seen = await Promise.all(["fox", "owl"].flatMap((on) => ["fox", "owl"].map((of) => weight(on, of))));
      return seen.join(" ") === "11 22 11 22";
    },
    20,
  );
});

for (const kind of rows(["original", "ours"] as const, () => false))
  test(`nobody hears an order, or it is not permitted: ${kind} daemon`, { timeout: 250_000 }, async () => {
    await using lab = await Lab.create({ nodes: { fox: kind, owl: kind }, services: ["web"], haresources: "fox web" });
    const fifo = "/var/lib/heartbeat/fifo";
    // The original's tools, as they are on its own node: on ours, our own stand at their place.
    const original = "/opt/theirs";
    const copy = `mkdir -p ${original} && cp ${theirs}/hb_* ${original}/`;
    if (kind === "original") assert.equal((await lab.exec("fox", ["sh", "-ec", copy])).code, 0);
    const sayTheirs = async (row: Order, as?: readonly string[]) =>
      kind === "original" ? await say(lab, "fox", original, row, as) : undefined;
    const notRunning = `heartbeat is not running (nothing reads ${fifo})\n`;

    for (const row of orders) {
      const own = await say(lab, "fox", ours, row);
      assert.deepEqual([own.code, own.stdout, own.stderr], [7, "", `${row[0]}: ${notRunning}`]);
      assert.equal(lab.machine("fox").has(fifo), false, "and it leaves nothing behind");
    }
    const first = await sayTheirs(["hb_addnode", "gnu"]);
    if (first !== undefined) {
      assert.deepEqual([first.code, first.stdout, first.stderr], [0, "", ""]);
      assert.match(lab.machine("fox").read(fifo), /t=addnode/, "the original's leaves a plain file");
      await lab.exec("fox", ["rm", fifo]);
    }

    await lab.start();
    const settled = async () => lab.runs("fox", "web") && (await lab.holds("fox")) === "local";
    await lab.until("fox runs its service", settled, 60);
    for (const row of orders) {
      const own = await say(lab, "fox", ours, row, asNobody);
      assert.deepEqual([own.code, own.stdout, own.stderr], [4, "", `${row[0]}: ${fifo}: only root may do this\n`]);
      const its = await sayTheirs(row, asNobody);
      if (its === undefined) continue;
      assert.equal(its.code, 2);
      assert.match(its.stderr, /Permission denied/);
      assert.match(
        its.stderr.replaceAll(shellLines, ""),
        row[0] === "hb_standby" ? /^\S+ \d+ \S+ Going standby \[all\]\.\n$/ : /^$/,
      );
      assert.equal(its.stdout, "");
    }
    await lab.holdsFor("nothing moves", 3, settled, 500);

    await lab.stop("fox");
    for (const row of orders) {
      const own = await say(lab, "fox", ours, row);
      assert.deepEqual([own.code, own.stdout, own.stderr], [7, "", `${row[0]}: ${notRunning}`]);
    }
    const its = await sayTheirs(["hb_addnode", "gnu"]);
    if (its !== undefined)
      assert.deepEqual([its.code, its.stdout], [-1, ""], "the original's hangs until it is killed");
  });

for (const kind of rows(["original", "ours"] as const, () => false))
  test(`cl_status of somebody who may not: ${kind} daemon`, { timeout: 120_000 }, async () => {
    await using lab = await Lab.create({ nodes: { fox: kind } });
    await lab.start();
    await lab.until("it answers", async () => (await lab.exec("fox", ["cl_status", "hbstatus"])).code === 0, 60);
    // As it is installed the original's runs with the cluster's group; a copy has the rights of its caller, as ours has.
    await lab.exec("fox", ["cp", "/usr/bin/cl_status", "/opt/cl_status"]);
    const ask = async (program: string, question: string) => {
      const { code, stdout, stderr } = await lab.exec("fox", [...asNobody, program, ...question.split(" ")]);
      return {
        code,
        stdout,
        stderr: stderr
          .replaceAll(/^.*cl_status: \[\d+\]: /gm, "")
          .split("\n")
          .filter(Boolean),
      };
    };
    const why = "permission denied: only root and the members of group haclient may ask heartbeat";
    const cannot = "ERROR: Cannot signon with heartbeat";
    for (const question of ["listnodes", "rscstatus", "nodestatus fox", "hbparameter -p deadtime", "test"]) {
      const [its, own] = [await ask("/opt/cl_status", question), await ask(`${ours}/cl_status`, question)];
      const said = { code: 1, stdout: "" };
      const blind = "ERROR: REASON: hb_api_signon: Can't initiate connection to heartbeat";
      assert.deepEqual(its, { ...said, stderr: [cannot, blind] }, question);
      assert.deepEqual(own, { ...said, stderr: [cannot, `ERROR: REASON: ${why}`] }, question);
    }
    // Quirk 227.
    const [its, own] = [await ask("/opt/cl_status", "hbstatus"), await ask(`${ours}/cl_status`, "hbstatus")];
    assert.deepEqual(its, { code: 1, stdout: "Heartbeat is stopped on this machine.\n", stderr: [] });
    assert.deepEqual(own, { code: 13, stdout: "", stderr: [`ERROR: ${why}`] });
  });

for (const what of rows(["nodes, weights and sites"], () => false))
  test(`the original's commands at our daemon, ours at the original's: ${what}`, { timeout: 200_000 }, async () => {
    await using lab = await Lab.create({
      nodes: { fox: "original", owl: "ours" },
      options: ["-M"],
      haCf: ["autojoin any", "keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"],
    });
    await lab.start();
    const nodes = ["fox", "owl"];
    const order = async (node: string, folder: string, ...[tool, ...words]: readonly [string, ...string[]]) => {
      const { code, stdout, stderr } = await lab.exec(node, [`${folder}/${tool}`, ...words]);
      assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: "", stderr: "" }, `${folder}/${tool} ${words}`);
    };
    const ask = async (node: string, ...words: readonly string[]) =>
      (await lab.exec(node, ["cl_status", ...words])).stdout.trim();
    const bothSay = (what: string, answer: string, ...words: readonly string[]) =>
      lab.until(what, async () => {
        const said = await Promise.all(nodes.map((node) => ask(node, ...words)));
        return said.every((each) => each.split("\n").sort().join(" ") === answer);
      });
    await lab.until("both are active", async () => {
      return (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    });
    for (const [node, folder, added] of [
      ["fox", ours, "gnu"],
      ["owl", theirs, "yak"],
    ] as const) {
      await order(node, folder, "hb_addnode", added);
      await bothSay(`both list ${added}`, ["fox", added, "owl"].sort().join(" "), "listnodes");
      await order(node, folder, "hb_setweight", added, "42");
      await bothSay("both know the weight", "42", "nodeweight", added);
      await order(node, folder, "hb_setsite", added, "paris");
      await bothSay("both know the site", "paris", "nodesite", added);
      await bothSay(`both hold ${added} dead`, "dead", "nodestatus", added);
      await order(node, folder, "hb_delnode", added);
      await bothSay(`${added} is gone`, "fox owl", "listnodes");
    }
  });

for (const what of rows(["hb_standby and hb_takeover"], () => false))
  test(`the original's ${what} at our daemon`, { timeout: 200_000 }, async () => {
    await using lab = await Lab.create({
      nodes: { fox: "original", owl: "ours" },
      services: ["web"],
      haresources: "owl web",
    });
    // On our node its own scripts stand at their place.
    for (const file of ["hb_standby", "hb_takeover"]) {
      const script = lab.machine("fox").read(`${theirs}/${file}`);
      await lab.machine("owl").write(`/opt/${file}`, script, "755");
    }
    await lab.start();
    await lab.until("owl runs it", async () => lab.runs("owl", "web") && (await lab.holds("owl")) === "local", 60);
    const standby = await lab.exec("owl", ["/opt/hb_standby", "local"]);
    assert.equal(standby.code, 0, standby.stderr);
    assert.match(standby.stdout + standby.stderr, /Going standby \[local\]\./);
    await lab.until("fox runs it", async () => lab.runs("fox", "web") && !lab.runs("owl", "web"), 60);
    await lab.until("all is settled", async () => (await lab.holds("owl")) === "none", 60);
    const takeover = await lab.exec("owl", ["/opt/hb_takeover", "local"]);
    assert.deepEqual({ code: takeover.code, stdout: takeover.stdout }, { code: 0, stdout: "" });
    await lab.until("owl runs it again", async () => lab.runs("owl", "web") && !lab.runs("fox", "web"), 60);
  });
