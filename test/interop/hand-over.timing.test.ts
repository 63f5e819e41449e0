/**
 * A group of nothing but addresses moves between two of ours with the taker first: a client that asks every millisecond hardly notices,
 * and no address is up twice for longer than 20 ms.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const address = "10.77.0.101";
const asked = 3000;
/** Milliseconds; the watch looks every 4 ms, so it may see one look more. */
const overlapMax = 24;

const moves: readonly { readonly how: string; readonly do: (lab: Lab) => Promise<unknown>; readonly to: string }[] = [
  { how: "standby", do: (lab) => lab.tool("fox", "hb_standby", "all"), to: "owl" },
  { how: "take-over", do: (lab) => lab.tool("fox", "hb_takeover", "foreign"), to: "fox" },
  { how: "move", do: (lab) => lab.heartbeat("fox", ["move", address]), to: "owl" },
  { how: "graceful stop", do: (lab) => lab.stop("owl"), to: "fox" },
  { how: "failback", do: (lab) => lab.start("owl"), to: "owl" },
];

test("standby, take-over, move, graceful stop and failback of an address cost a client at most 2 of its questions", async (t) => {
  await using lab = await Lab.create({ nodes: { fox: "ours", owl: "ours" }, haresources: `owl ${address}/24/eth0` });
  await lab.start();
  await lab.until("owl has it", () => lab.hasAddress("owl", address), 40);
  await lab.heartbeat("owl", ["move", address, "fox"]);
  await lab.until("fox has it alone", () => lab.hasAddress("fox", address) && !lab.hasAddress("owl", address), 10);
  await lab.client(["ping", "-c", "1", "-W", "1", address]);
  const watch = lab.watchAddress(address);
  for (const { how, do: move, to } of rows(moves, ({ how }) => how === "standby" || how === "take-over")) {
    const client = lab.client(["ping", "-q", "-i", "0.001", "-c", `${asked}`, "-W", "1", address]);
    await move(lab);
    await lab.until(`after ${how} ${to} has it alone`, () => {
      const other = to === "fox" ? "owl" : "fox";
      return lab.hasAddress(to, address) && !lab.hasAddress(other, address);
    });
    const said = (await client).stdout;
    const [, sent = "0", answered = "0"] = /(\d+) packets transmitted, (\d+) received/.exec(said) ?? [];
    assert.equal(Number(sent), asked, said);
    t.diagnostic(`${how}: ${Number(sent) - Number(answered)} of ${sent} questions lost`);
    assert.ok(Number(sent) - Number(answered) <= 2, `${how}: ${said}`);
  }
  const { overlaps } = watch.stop();
  for (const { from, to } of overlaps) assert.ok(to - from <= overlapMax, `up twice for ${to - from} ms`);
  t.diagnostic(`up twice for ${overlaps.map(({ from, to }) => to - from).join(", ") || "less than 4"} ms`);
});
