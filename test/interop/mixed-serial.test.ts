/**
 * An original and one of ours, and two of ours, joined by a serial line alone: two pseudo terminals, each the end of one cable (socat; its
 * bytes travel over the laboratory's network, the heartbeats know nothing of that).
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const line = "/dev/ttyS9";
const quietSeconds = 20;

const matrix = (["original", "ours"] as const).flatMap((fox) =>
  (["classic", "netstring"] as const).flatMap((format) =>
    (["crc", "md5 a-secret", "sha1 a-secret"] as const).map((key) => ({ fox, format, key })),
  ),
);
const usual = ({ fox, format, key }: (typeof matrix)[number]): boolean =>
  fox === "original" && format === "netstring" && key.startsWith("sha1");

for (const { fox, format, key } of rows(matrix, usual))
  test(`${fox} and ours over a serial line, msgfmt ${format}, ${key.split(" ")[0]}: active, quiet, and a group moves`, async () => {
    await using lab = await Lab.create({
      nodes: { fox, owl: "ours" },
      media: [`serial ${line}`],
      authkeys: `auth 1\n1 ${key}\n`,
      haCf: ["baud 115200", `msgfmt ${format}`, "keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"],
      haresources: "fox 10.77.0.100/24/eth0",
    });
    const plug = (node: string, far: string) =>
      lab.exec(node, ["sh", "-c", `socat PTY,link=${line},raw,echo=0 ${far} >/var/log/socat 2>&1 &`]);
    await plug("fox", "TCP-LISTEN:7777,nodelay");
    await plug("owl", "TCP:10.77.0.1:7777,nodelay,retry=50,interval=0.1");
    await lab.until("both ends are there", async () => {
      const ends = await Promise.all(["fox", "owl"].map((name) => lab.exec(name, ["test", "-e", line])));
      return ends.every(({ code }) => code === 0);
    });
    await lab.start();
    const active = async (): Promise<boolean> =>
      (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    await lab.until("each sees the other active", active, 20);
    await lab.until("fox holds its group", () => lab.hasAddress("fox", "10.77.0.100"));
    await lab.holdsFor("each sees the other active", quietSeconds, active, 1000);
    for (const name of ["fox", "owl"]) assert.deepEqual(lab.complaints(name), [], `${name} complains`);
    const locks = await lab.exec("owl", ["cat", "/var/lock/LCK..ttyS9"]);
    assert.equal(locks.stdout.trim(), String(lab.daemonPid("owl")), "the line is locked by the daemon");
    await lab.stop("fox");
    await lab.until("owl has the address", () => lab.hasAddress("owl", "10.77.0.100"));
    await lab.stop("owl");
    assert.equal((await lab.exec("owl", ["test", "-e", "/var/lock/LCK..ttyS9"])).code, 1, "the lock is given back");
  });
