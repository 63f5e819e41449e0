/** Two nodes that run and do not hear each other: the log says what to look at, once, and never gives keys away. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lab } from "../support/lab.ts";

const adviceOn = (lab: Lab, node: string): string[] =>
  lab
    .log(node)
    .split("\n")
    .filter((line) => /arrives? on|are heard on/.test(line));

test("another key, and a cut network: told apart", async () => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    networks: 2,
    media: ["bcast eth0", "ucast eth1 10.77.1.1", "ucast eth1 10.77.1.2"],
  });
  await lab.machine("owl").write("/etc/ha.d/authkeys", "auth 1\n1 sha1 another-word\n", "600");
  await lab.cut("owl", 1);
  await lab.start();
  for (const node of ["fox", "owl"]) {
    await lab.until(`${node} gives advice`, () => adviceOn(lab, node).length >= 2, 20);
    const lines = adviceOn(lab, node).join("\n");
    assert.match(lines, /What arrives on bcast eth0 is signed with another key/);
    assert.match(lines, /Nothing at all arrives on ucast eth1: .*udp port 694/);
    assert.equal(adviceOn(lab, node).length, 2, "once for each medium");
    assert.doesNotMatch(lab.log(node), /another-word|laboratory/);
  }
});

/** What is wrong at owl, and what fox says of it. */
const causes: readonly {
  readonly name: string;
  readonly wrong: (lab: Lab) => Promise<unknown>;
  readonly says: RegExp;
}[] = [
  {
    name: "a filter",
    wrong: (lab) =>
      lab.exec("fox", [
        "nft",
        "add table inet f; add chain inet f in { type filter hook input priority 0; }; add rule inet f in udp dport 694 drop",
      ]),
    says: /Heartbeats for port 694 arrive on eth0 and do not reach us/,
  },
  {
    name: "another port",
    wrong: (lab) => lab.exec("owl", ["sed", "-i", "s/^udpport 694/udpport 6940/", "/etc/ha.d/ha.cf"]),
    says: /Heartbeats arrive on eth0 at port 6940, not at 694/,
  },
  {
    name: "another interface",
    wrong: (lab) => lab.exec("owl", ["sed", "-i", "s/^bcast eth0/bcast eth1/", "/etc/ha.d/ha.cf"]),
    says: /Heartbeats arrive on eth1, not on eth0/,
  },
];

describe("what is wrong at the other end, or on the way", { concurrency: true }, () => {
  for (const { name, wrong, says } of causes)
    test(`${name} is told from the rest`, async () => {
      await using lab = await Lab.create({ nodes: { fox: "ours", owl: "ours" }, networks: 2 });
      await wrong(lab);
      await lab.start();
      await lab.until("fox gives advice", () => adviceOn(lab, "fox").length > 0, 30);
      assert.match(adviceOn(lab, "fox").join("\n"), says);
      assert.equal(adviceOn(lab, "fox").length, 1);
    });
});
