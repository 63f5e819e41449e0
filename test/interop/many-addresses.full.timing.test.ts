/**
 * A node with hundreds of groups dies: the other one takes all of them at once, and goes on beating meanwhile. The time from the power cut to the
 * last address that answers is printed, and so is how much of it the take-over itself took. The nodes run in real time, as they are meant to.
 */
import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import test from "node:test";
import { type Answers, monotonicMs } from "../support/lab/answers.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const sizes = [
  { groups: 20, addresses: 50 },
  { groups: 200, addresses: 500 },
] as const;
const deadtime = 800;
/** From the first answer to the last, at most; milliseconds. */
const spreadMax = 3000;

/** As evenly as it goes. */
function groupsOf(groups: number, addresses: number): readonly (readonly string[])[] {
  const all = Array.from({ length: addresses }, (_, i) => `10.78.${(i + 1) >> 8}.${(i + 1) & 0xff}`);
  const from = (group: number): number => Math.floor((group * addresses) / groups);
  return Array.from({ length: groups }, (_, i) => all.slice(from(i), from(i + 1)));
}

for (const { groups, addresses } of rows(sizes, () => false))
  test(`${groups} groups with ${addresses} addresses move to the other node when theirs dies`, async (t) => {
    const lines = groupsOf(groups, addresses);
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours" },
      haCf: ["realtime on", `deadtime ${deadtime}ms`, "initdead 20"],
      haresources: lines.map((group) => `fox ${group.map((each) => `${each}/16/eth0`).join(" ")}`).join("\n"),
    });
    await lab.client(["ip", "address", "add", "10.78.255.254/16", "dev", "eth0"]);
    await lab.start();
    const all = lines.flat();
    const holdsAll = (node: string) =>
      lab
        .machine(node)
        .addresses()
        .filter((each) => each.startsWith("10.78.")).length;
    await lab.until("fox has all", () => holdsAll("fox") === addresses, 60);
    await lab.until("fox is at rest", async () => (await lab.holds("fox")) === "local", 60);

    const asker = lab.program("answers.js", all);
    const said = createInterface({ input: asker.stdout })[Symbol.asyncIterator]();
    assert.equal((await said.next()).value, "ready");
    const askAll = async (): Promise<Answers> => {
      asker.stdin.write("go\n");
      return JSON.parse(String((await said.next()).value));
    };
    await askAll(); // the client knows fox's hardware address for all of them now
    const cut = monotonicMs();
    await lab.cut("fox");
    const answered = askAll();
    await lab.crash("fox");
    await lab.until("owl has all", () => holdsAll("owl") === addresses, 60);
    t.diagnostic(`owl has all within ${(monotonicMs() - cut).toFixed(0)} ms of the power cut`);
    const answers = await answered;
    asker.stdin.end();
    const took = answers.last - cut;
    t.diagnostic(
      `${addresses} addresses: the last answers ${took.toFixed(0)} ms after the power cut, ${(answers.last - answers.first).toFixed(0)} ms after the first; the dead time is ${deadtime} ms`,
    );
    assert.equal(holdsAll("owl"), addresses);
    assert.ok(answers.last - answers.first <= spreadMax, "the addresses come one after the other");
    assert.doesNotMatch(lab.log("owl"), /was late|slept|stall/i);
  });
