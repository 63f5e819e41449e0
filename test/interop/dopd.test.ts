/** The original's dopd and drbd-peer-outdater, unmodified: as far as they go with the original daemon they go with ours. */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const dopd = "/usr/libexec/heartbeat/dopd";

type Kind = "original" | "ours";

async function outcomes([fox, owl]: readonly [Kind, Kind]): Promise<Readonly<Record<string, number>>> {
  await using lab = await Lab.create({
    nodes: { fox, owl },
    haCf: [
      ...[`respawn hacluster ${dopd}`, "apiauth dopd gid=haclient uid=hacluster"],
      ...["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"],
    ],
  });
  // What DRBD's own tool would answer is told by the name of the resource.
  for (const node of ["fox", "owl"])
    await lab.machine(node).write("/usr/sbin/drbdadm", "#!/bin/sh\nexit $(echo $2 | tr -d r)\n", "755");
  const outdate = async (...words: string[]): Promise<number> =>
    (await lab.exec("fox", ["/usr/libexec/heartbeat/drbd-peer-outdater", ...words])).code;
  const alone = await outdate("-p", "owl", "-r", "r0", "-t", "2");
  await lab.start();
  const ready = async (node: string) =>
    (await lab.exec(node, ["cl_status", "clientstatus", node, "dopd", "3000"])).stdout.trim() === "online";
  /** It dies with each of its clients, and is started again (docs/reference/resources.md, section 17). */
  const whenReady = async (...words: string[]): Promise<number> => {
    await lab.until("dopd is there", async () => (await ready("fox")) && (await ready("owl")), 60);
    return await outdate(...words);
  };
  await lab.until(
    "both are active",
    async () => {
      return (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    },
    60,
  );
  return {
    "no dopd": alone,
    outdated: await whenReady("-p", "owl", "-r", "r0", "-t", "10"),
    "nobody of that name": await whenReady("-p", "nosuch", "-r", "r0", "-t", "10"),
    "the node itself": await whenReady("-p", "fox", "-r", "r0", "-t", "10"),
    "no arguments": await outdate(),
  };
}

const pairs = [
  ["ours", "ours"],
  ["original", "original"],
  ["original", "ours"],
  ["ours", "original"],
] as const;

for (const pair of rows(pairs, (row) => row === pairs[0]))
  test(`dopd at ${pair.join(" and ")} (transcript 28)`, async () => {
    assert.deepEqual(await outcomes(pair), {
      "no dopd": 5,
      outdated: 4,
      "nobody of that name": 5,
      "the node itself": 5,
      "no arguments": 1,
    });
  });
