/**
 * Three of ours in a ring of serial lines and nothing else: each is joined to two neighbours, all hear all, also when one line is cut.
 *
 * The lines are pseudo terminals joined by socat; its bytes travel over the laboratory's network, the heartbeats know nothing of that.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const nodes = ["fox", "owl", "elk"] as const;
const left = "/dev/ttyS8";
const right = "/dev/ttyS9";

/** Joins the right end of each node to the left end of the next. */
async function plugRing(lab: Lab): Promise<void> {
  const plug = (node: string, line: string, far: string) =>
    lab.exec(node, [
      "sh",
      "-c",
      `socat PTY,link=${line},raw,echo=0 ${far} >/var/log/socat 2>&1 & echo $! >/run/cable.${line.slice(5)}`,
    ]);
  for (const [i, node] of nodes.entries()) {
    const next = nodes[(i + 1) % nodes.length] ?? "";
    await plug(node, right, "TCP-LISTEN:7777,nodelay");
    await plug(next, left, `TCP:${lab.machine(node).address()}:7777,nodelay,retry=50,interval=0.1`);
  }
  await lab.until("all ends are there", async () => {
    const ends = await Promise.all(nodes.map((name) => lab.exec(name, ["test", "-e", left, "-a", "-e", right])));
    return ends.every(({ code }) => code === 0);
  });
}

for (const format of rows(["classic", "netstring"] as const, (each) => each === "classic"))
  test(`three nodes in a ring of serial lines, msgfmt ${format}`, async () => {
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours", elk: "ours" },
      media: [`serial ${left} ${right}`],
      haCf: ["baud 115200", `msgfmt ${format}`, "keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 10"],
      haresources: "fox 10.77.0.100/24/eth0",
    });
    await plugRing(lab);
    await lab.start();
    const allActive = async (): Promise<boolean> => {
      for (const from of nodes)
        for (const to of nodes) if (from !== to && (await lab.sees(from, to)) !== "active") return false;
      return true;
    };
    await lab.until("each sees each other active", allActive, 40);
    await lab.until("fox holds its group", () => lab.hasAddress("fox", "10.77.0.100"));
    // The line between fox and owl: the others go on.
    const cut = await lab.exec("fox", ["sh", "-c", `kill $(cat /run/cable.${right.slice(5)})`]);
    assert.equal(cut.code, 0, cut.stderr);
    await lab.holdsFor("each sees each other active", 8, allActive, 1000);
    for (const name of nodes) {
      const complaints = lab
        .log(name)
        .match(/^.*(node \w+: is dead|Late heartbeat|Irretrievably|returning after).*$/gm);
      assert.equal(complaints?.join("\n"), undefined);
    }
    await lab.stop("fox");
    await lab.until(
      "somebody else has the address",
      () => lab.hasAddress("owl", "10.77.0.100") || lab.hasAddress("elk", "10.77.0.100"),
    );
  });
