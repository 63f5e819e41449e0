/**
 * ipfail on both nodes: the original's program, the same program at our daemon, ours at the original, and what our daemon does itself. One node
 * loses the ping node and hands everything over; what happens when it reaches it again is told by `auto_failback`; when both lose it,
 * nothing moves (docs/reference/transcripts, 12 and 13).
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

/**
 * `program`: the original's ipfail as a client of ours, under a path that our daemon does not know for its own; `successor`: the other way
 * round, our ipfail as a client of the original.
 */
type Kind = "original" | "ours" | "program" | "successor";

const daemonOf = (kind: Kind): "original" | "ours" =>
  kind === "original" || kind === "successor" ? "original" : "ours";
/** Where the daemon is to do it itself, the path is the usual one. */
const usualPath = "/usr/libexec/heartbeat/ipfail";
const pathOf = (kind: Kind): string => (kind === "program" || kind === "successor" ? `/opt/${kind}` : usualPath);

const columns: readonly { readonly fox: Kind; readonly owl: Kind; readonly failback: "on" | "off" }[] = [
  { fox: "ours", owl: "original", failback: "on" },
  { fox: "original", owl: "ours", failback: "on" },
  { fox: "original", owl: "original", failback: "on" },
  { fox: "ours", owl: "ours", failback: "on" },
  { fox: "program", owl: "ours", failback: "on" },
  { fox: "original", owl: "original", failback: "off" },
  { fox: "ours", owl: "ours", failback: "off" },
  { fox: "ours", owl: "original", failback: "off" },
  { fox: "program", owl: "program", failback: "on" },
  { fox: "program", owl: "program", failback: "off" },
  { fox: "program", owl: "original", failback: "on" },
  { fox: "successor", owl: "original", failback: "on" },
  { fox: "original", owl: "successor", failback: "off" },
  { fox: "successor", owl: "successor", failback: "on" },
  { fox: "successor", owl: "program", failback: "off" },
];

describe("ipfail at both nodes", { concurrency: 3 }, () => {
  for (const { fox, owl, failback } of rows(columns, (row) => row === columns[0]))
    test(`ipfail: ${fox} and ${owl}, auto_failback ${failback}`, async () => {
      await using lab = await Lab.create({
        nodes: { fox: daemonOf(fox), owl: daemonOf(owl) },
        services: ["svcA", "svcC"],
        haresources: "fox svcA\nowl svcC",
        haCf: [
          ...[`auto_failback ${failback}`, "ping 10.77.0.254", "deadping 7"],
          // Who loses the ping node first gives up after two keepalives. By then the other one must have noticed, too: it asks up to one keepalive
          // later, and the original looks once a second. With a keepalive of one second that is a race.
          ...["keepalive 3", "warntime 7", "deadtime 10", "initdead 20"],
          `respawn hacluster ${usualPath}`,
        ],
      });
      const nodes = ["fox", "owl"];
      for (const [node, kind] of [
        ["fox", fox],
        ["owl", owl],
      ] as const) {
        const path = pathOf(kind);
        if (kind === "program") await lab.exec(node, ["cp", usualPath, path]);
        if (kind === "successor")
          await lab
            .machine(node)
            .write(path, `#!/bin/sh\nexec node ${checkout}/bin/ipfail 2>>/tmp/ipfail.log\n`, "755");
        await lab.exec(node, ["sed", "-i", `s,${usualPath},${path},`, "/etc/ha.d/ha.cf"]);
      }
      const online = async (on: string, at: string) =>
        (await lab.exec(on, ["cl_status", "clientstatus", at, "ipfail", "3000"])).stdout.trim() === "online";
      const share = async (ofFox: string, ofOwl: string, foxRuns: boolean): Promise<boolean> =>
        (await lab.holds("fox")) === ofFox &&
        (await lab.holds("owl")) === ofOwl &&
        lab.runs("fox", "svcA") === foxRuns &&
        lab.runs("owl", "svcA") === !foxRuns &&
        lab.runs("owl", "svcC");
      const deaf = (node: string) =>
        lab.exec(node, [
          "nft",
          "add table ip hb; add chain ip hb out { type filter hook output priority 0; }; add rule ip hb out ip daddr 10.77.0.254 drop",
        ]);
      const hearing = (node: string) => lab.exec(node, ["nft", "delete table ip hb"]);

      await lab.start();
      await lab.until("each runs its own", () => share("local", "local", true), 60);
      await lab.until("ipfail is online on both", async () => {
        return (await online("fox", "fox")) && (await online("fox", "owl")) && (await online("owl", "fox"));
      });

      assert.equal((await deaf("fox")).code, 0);
      await lab.until("fox has handed everything over", () => share("none", "all", false), 40);

      assert.equal((await hearing("fox")).code, 0);
      await lab.until("fox reaches it again", async () => (await lab.sees("fox", "10.77.0.254")) === "ping", 10);
      if (failback === "on") await lab.until("fox has its own again", () => share("local", "local", true), 40);
      else await lab.holdsFor("nothing moves back", 5, () => lab.runs("owl", "svcA") && !lab.runs("fox", "svcA"));

      const before = failback === "on" ? "fox" : "owl";
      await lab.client(["ip", "link", "set", "eth0", "down"]);
      await lab.until("both have lost it", async () => {
        return (await lab.sees("fox", "10.77.0.254")) === "dead" && (await lab.sees("owl", "10.77.0.254")) === "dead";
      });
      // With auto_failback on the original goes through a stand-by of nothing, during which it tells of a transition.
      await lab.holdsFor("nothing moves for that", 12, () => lab.runs(before, "svcA") && lab.runs("owl", "svcC"));
      for (const node of nodes) await lab.stop(node);
    });
});
