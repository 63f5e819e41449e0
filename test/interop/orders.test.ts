/**
 * The commands of both kinds that give heartbeat an order: the same complaints about wrong arguments, and each kind's commands at the other
 * kind's daemon.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";

const theirs = "/usr/share/heartbeat";
const ours = `${checkout}/bin`;

/** What is written is an order, so only what is refused can be tried without a daemon. */
const refused: readonly (readonly [tool: string, ...words: readonly string[]])[] = [
  ...["hb_standby", "hb_takeover"].flatMap((tool) => [
    [tool, "bogus"] as const,
    [tool, "all", "local"] as const,
    [tool, ""] as const,
    [tool, "--help"] as const,
  ]),
  ...["hb_addnode", "hb_delnode", "hb_setweight", "hb_setsite"].flatMap((tool) => [
    [tool] as const,
    [tool, "--help"] as const,
  ]),
  ["hb_setweight", "owl"],
  ["hb_setsite", "owl"],
];

test("the same complaints, the same exit codes", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original" } });
  const say = async (folder: string, [tool, ...words]: (typeof refused)[number]) => {
    const { code, stdout, stderr } = await lab.exec("fox", [`${folder}/${tool}`, ...words], 10);
    const told = (text: string): string => text.replaceAll(`${folder}/`, "");
    // Ours explains its words below the original's line.
    return { tool, words, code, stdout: told(stdout), stderr: told(stderr).split("\n")[0] };
  };
  for (const row of refused) assert.deepEqual(await say(ours, row), await say(theirs, row));
});

test("the original's commands at our daemon, ours at the original's: nodes, weights and sites", async () => {
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

test("the original's hb_standby and hb_takeover at our daemon", async () => {
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
