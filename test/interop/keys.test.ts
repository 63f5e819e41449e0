/**
 * Keys are exchanged while the cluster runs: among ours at will, beside an original by text framing; and a file with an error
 * changes nothing.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lab } from "../support/lab.ts";

const keysFile = "/etc/ha.d/authkeys";
const first = "1 sha1 first-secret-of-the-test\n";
const second = "2 md5 second-secret-of-the-test\n";
const secret = /secret-of-the-test/;

/** Nobody may lose anybody, lose a message or hear a signature that does not match. */
const trouble =
  /is dead|lost packet|Irretrievably|authtoken does not match|Invalid authentication|failed authentication/;

async function rekey(lab: Lab, node: string, keys: string): Promise<void> {
  const said = () => lab.log(node).split("Rereading authentication file").length;
  const before = said();
  // A file's age tells that it has changed; two changes within one tick of its clock would look like one.
  await lab.machine(node).write(keysFile, keys, "600");
  await lab.exec(node, ["kill", "-HUP", `${lab.daemonPid(node)}`]);
  await lab.until(`${node} has read its keys again`, () => said() > before, 10);
}

/** Numbered messages from a node, so that there is more to lose than heartbeats. */
const traffic = (lab: Lab, node: string) =>
  lab.exec(node, [
    "sh",
    "-c",
    "for i in 1 2 3 4 5 6 7 8 9 10; do printf '>>>\\nt=chatter\\n<<<\\n' > /var/lib/heartbeat/fifo; sleep 0.1; done",
  ]);

describe("keys are exchanged under way", { concurrency: true }, () => {
  test("three of ours: a new key comes, signs, and the old one goes, node by node", async () => {
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours", elk: "ours" },
      authkeys: `auth 1\n${first}`,
    });
    const nodes = ["fox", "owl", "elk"];
    await lab.start();
    const allActive = async () => {
      for (const a of nodes) for (const b of nodes) if ((await lab.sees(a, b)) !== "active") return false;
      return true;
    };
    await lab.until("all see all active", allActive, 15);
    for (const keys of [`auth 1\n${first}${second}`, `auth 2\n${first}${second}`, `auth 2\n${second}`])
      for (const node of nodes) {
        await Promise.all([rekey(lab, node, keys), ...nodes.map((each) => traffic(lab, each))]);
        await lab.holdsFor("all see all active", 1, allActive, 300);
      }
    for (const node of nodes) {
      assert.doesNotMatch(lab.log(node), trouble);
      assert.doesNotMatch(lab.log(node), secret);
    }
    await rekey(lab, "fox", `auth 1\n${first}`);
    await lab.until(
      "a key that nobody else has is an outage",
      async () => (await lab.sees("owl", "fox")) === "dead",
      5,
    );
  });

  test("an original and one of ours", async () => {
    await using lab = await Lab.create({
      nodes: { fox: "original", owl: "ours" },
      authkeys: `auth 1\n${first}`,
      haCf: ["msgfmt classic"],
    });
    await lab.start();
    const bothActive = async () =>
      (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    await lab.until("each sees the other active", bothActive, 20);
    for (const keys of [`auth 1\n${first}${second}`, `auth 2\n${first}${second}`, `auth 2\n${second}`])
      for (const node of ["fox", "owl"]) {
        await Promise.all([rekey(lab, node, keys), traffic(lab, "fox"), traffic(lab, "owl")]);
        await lab.holdsFor("each sees the other active", 2, bothActive, 300);
      }
    assert.doesNotMatch(lab.log("owl"), trouble);
    assert.doesNotMatch(lab.log("fox"), /is dead/);
    assert.doesNotMatch(lab.log("owl"), secret);
  });

  test("a file with an error changes nothing, says why, and shows no key", async () => {
    await using lab = await Lab.create({ nodes: { fox: "ours", owl: "ours" }, authkeys: `auth 1\n${first}` });
    await lab.start();
    const bothActive = async () =>
      (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    await lab.until("each sees the other active", bothActive, 15);
    const pid = lab.daemonPid("fox");
    for (const [keys, mode, why] of [
      [`auth 3\n${first}`, "600", /authkeys.*3/],
      [first, "600", /authkeys/],
      ["auth 1\n1 rot13 other-secret-of-the-test\n", "600", /authkeys.*method/i],
      [`auth 1\n${first}`, "644", /Bad permissions/],
    ] as const) {
      const kept = () => lab.log("fox").split("goes on with its old one, keys included").length;
      const before = kept();
      await lab.machine("fox").write(keysFile, keys, mode);
      await lab.exec("fox", ["kill", "-HUP", `${pid}`]);
      await lab.until("fox keeps its keys", () => kept() > before, 10);
      await lab.logged("fox", why);
      assert.equal((await lab.heartbeat("fox", ["-r"])).code, 1);
    }
    await lab.holdsFor("each sees the other active", 2, bothActive, 300);
    assert.equal(lab.daemonPid("fox"), pid);
    assert.doesNotMatch(lab.log("fox"), secret);
    assert.doesNotMatch(lab.log("fox"), trouble);
  });
});
