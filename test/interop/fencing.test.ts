/**
 * Fencing with devices of the laboratory's own: nothing of a silent node is taken before its power is off, and nothing is ever active twice.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Group, groupMoves, settle } from "../support/lab/groups.ts";
import { Power } from "../support/lab/power.ts";
import { Lab, type Settings } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const group: Group = { owner: "fox", service: "svcA", address: "10.77.0.101" };
type Kinds = Settings["nodes"];
const pairs: readonly (readonly [string, Kinds])[] = [
  ["ours and ours", { fox: "ours", owl: "ours" }],
  ["an original and ours", { fox: "original", owl: "ours" }],
  ["ours and an original", { fox: "ours", owl: "original" }],
];

async function cluster(nodes: Kinds, haCf: readonly string[]): Promise<Lab> {
  const address = Object.values(nodes).includes("original")
    ? `IPaddr::${group.address}/24/eth0`
    : `${group.address}/24/eth0`;
  const times = ["deadtime 3", "warntime 2", "initdead 8"]; // a false death would cut the power
  return await Lab.create({ nodes, haCf: [...times, ...haCf], haresources: `fox svcA ${address}`, services: ["svcA"] });
}

const plugin = "stonith_host owl external/power fox,owl pass-word-of-the-switch";
const onlyOwl = (lab: Lab) => !lab.runs("fox", "svcA") && lab.runs("owl", "svcA");

/** No line of any log, and no argument list, shows it. */
async function keepsSecret(lab: Lab, node: string, secret: string): Promise<void> {
  assert.ok(!lab.log(node).includes(secret), "the log shows a password");
  assert.ok(
    !(await lab.exec(node, ["ps", "-eo", "args"])).stdout.includes(secret),
    "an argument list shows a password",
  );
}

describe("a silent node", { concurrency: 3 }, () => {
  for (const [name, nodes] of rows(pairs, ([name]) => name === "ours and ours"))
    test(`is reset when the device works at last, then taken over (${name}; transcript 11)`, async (t) => {
      await using lab = await cluster(nodes, [plugin]);
      using power = await Power.install(lab);
      await power.set("owl", "fails");
      await lab.start();
      await settle(lab, [group]);
      const watch = lab.watchAddress(group.address);
      await lab.crash("fox");
      await lab.until("the device has failed twice", () => power.calls("owl").length >= 2, 40);
      assert.ok(!lab.runs("owl", "svcA") && !lab.hasAddress("owl", group.address), "taken before it was fenced");
      if (nodes["owl"] === "ours") await keepsSecret(lab, "owl", "pass-word-of-the-switch");
      await power.set("owl", "works");
      const took = await groupMoves(lab, group, "owl", 40);
      await lab.logged("owl", /Host fox not reset!.*\n(.*\n)*.*node fox now reset\./);
      assert.deepEqual(watch.stop().overlaps, []);
      t.diagnostic(`taken over ${took} ms after the device worked again`);
    });
});

describe("a pair of ours", { concurrency: 3 }, () => {
  const ours = { fox: "ours", owl: "ours" } as const;
  const agent = (lab: Lab, timeout: number) =>
    Promise.all(
      ["fox", "owl"].map((name) =>
        lab
          .machine(name)
          .write(
            "/etc/ha.d/ha4.cf",
            `fence-device switch\n  agent fence_power\n  option secret=pass#word\n  timeout ${timeout}\n`,
            "600",
          ),
      ),
    );

  test("whose daemon hangs loses its power before the other takes over", async (t) => {
    await using lab = await cluster(ours, [plugin]);
    using power = await Power.install(lab);
    await lab.start();
    await settle(lab, [group]);
    const watch = lab.watchAddress(group.address);
    await lab.exec("fox", ["kill", "-STOP", `${lab.daemonPid("fox")}`]);
    const took = await groupMoves(lab, group, "owl", 20);
    assert.deepEqual(power.cuts, ["fox"]);
    assert.deepEqual(watch.stop().overlaps, []);
    t.diagnostic(`reset and taken over ${took} ms after the daemon hung`);
  });

  if (rows([true], () => false).length > 0) {
    test("that lost each other: the holder resets the other, and keeps what it has", async () => {
      await using lab = await cluster(ours, []);
      using power = await Power.install(lab);
      await agent(lab, 30);
      await lab.start();
      await settle(lab, [group]);
      const watch = lab.watchAddress(group.address);
      await lab.cut("fox");
      await lab.until("one has lost its power", () => power.cuts.length > 0, 20);
      await lab.holdsFor(
        "fox keeps its group",
        14,
        () => lab.runs("fox", "svcA") && lab.hasAddress("fox", group.address),
        200,
      );
      assert.deepEqual(power.cuts, ["owl"]);
      assert.deepEqual(watch.stop().overlaps, []);
    });

    test("whose fence agent hangs: it is killed at its limit, and the operator's word ends it", async () => {
      await using lab = await cluster(ours, []);
      using power = await Power.install(lab);
      await agent(lab, 2);
      await power.set("owl", "hangs");
      await lab.start();
      await settle(lab, [group]);
      await lab.crash("fox");
      await lab.until("the agent was killed", () => /not finished within 2 s/.test(lab.log("owl")), 40);
      await keepsSecret(lab, "owl", "pass#word");
      assert.ok(!lab.runs("owl", "svcA"));
      const { code, stdout, stderr } = await lab.heartbeat("owl", ["fence", "confirm", "fox"]);
      assert.equal(code, 0, stdout + stderr);
      await lab.until("owl has taken over", () => onlyOwl(lab), 10);
      assert.notEqual((await lab.heartbeat("owl", ["fence", "confirm", "fox"])).code, 0, "nothing is left to confirm");
    });
  }
});
