/** Two nodes that run and do not hear each other: the log says what to look at, once, and never gives keys away. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";

const adviceOn = (lab: Lab, node: string): string[] =>
  lab
    .log(node)
    .split("\n")
    .filter((line) => /arrives on|are heard on/.test(line));

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
