/**
 * Ping nodes seen by an original and by one of ours, through the original's cl_status: alive, dead, alive again, and nothing that
 * the nodes hold moves for it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";

const pingNodes = ["10.77.0.254", "fd77:0::fe", "gates"];

test("a router that is pinged in three ways goes and comes back", async () => {
  await using lab = await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haCf: ["ping 10.77.0.254", "ping6 fd77:0::fe", "ping_group gates 10.77.0.253 10.77.0.254", "deadping 2"],
    haresources: "owl 10.77.0.100/24/eth0",
  });
  const all = async (status: string): Promise<boolean> => {
    const seen = await Promise.all(["fox", "owl"].flatMap((on) => pingNodes.map((of) => lab.sees(on, of))));
    return seen.every((each) => each === status);
  };
  const held = async (): Promise<boolean> =>
    (await lab.holds("fox")) === "local" &&
    (await lab.holds("owl")) === "local" &&
    lab.hasAddress("owl", "10.77.0.100");
  await lab.start();
  await lab.until("both reach all three", () => all("ping"));
  await lab.until("owl holds its group", held);
  for (const args of [
    ["listnodes"],
    ["listnodes", "-p"],
    ["listhblinks", "gates"],
    ["hblinkstatus", "gates", "gates"],
  ]) {
    const [theirs, ours] = await Promise.all(["fox", "owl"].map((name) => lab.exec(name, ["cl_status", ...args])));
    assert.deepEqual(ours, theirs, `cl_status ${args.join(" ")}`);
  }

  await lab.client(["ip", "link", "set", "eth0", "down"]);
  await lab.until("both know that it is gone", () => all("dead"), 10);
  await lab.client(["ip", "link", "set", "eth0", "up"]);
  await lab.client(["ip", "addr", "add", "fd77:0::fe/64", "dev", "eth0", "nodad"]); // the kernel has thrown it away
  await lab.until("both reach it again", () => all("ping"), 10);

  assert.ok(await held(), "the group stayed where it was");
  for (const node of pingNodes) {
    await lab.logged("owl", new RegExp(`node ${node}: is dead`));
    await lab.logged("owl", new RegExp(`Status update for node ${node}: status ping`));
    await lab.logged("owl", new RegExp(`Link ${node}:${node} up`));
  }
  assert.deepEqual(lab.complaints("owl"), []);
});
