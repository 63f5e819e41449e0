/**
 * One original and one of ours in a cluster, over each medium, with each digest, in each format: both become active for each
 * other and stay so, without a line of error on either side for a minute.
 *
 * The minute is shared: all rows wait at the same time.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const media = {
  bcast: "bcast eth0",
  ucast: "ucast eth0 PEER",
  mcast: "mcast eth0 239.1.2.3 694 1 0",
  ucast6: "ucast6 eth0 PEER6",
  mcast6: "mcast6 eth0 ff12::1:2:3:4 694 1 0",
};
const keys = {
  md5: "auth 1\n1 md5 a secret of the test\n",
  sha1: "auth 1\n1 sha1 a secret of the test\n",
  crc: "auth 1\n1 crc\n",
};

interface Row {
  readonly medium: keyof typeof media;
  readonly digest: keyof typeof keys;
  readonly format: "classic" | "netstring";
}
const matrix: Row[] = (["bcast", "ucast", "mcast", "ucast6", "mcast6"] as const).flatMap((medium) =>
  (["md5", "sha1", "crc"] as const).flatMap((digest) =>
    (["classic", "netstring"] as const).map((format) => ({ medium, digest, format })),
  ),
);
const usual = [
  "bcast/md5/classic",
  "ucast/sha1/netstring",
  "mcast/crc/classic",
  "ucast6/md5/netstring",
  "mcast6/sha1/classic",
];
const nameOf = ({ medium, digest, format }: Row) => `${medium}/${digest}/${format}`;

const quietSeconds = 60;

describe("an original and one of ours", { concurrency: 9 }, () => {
  for (const row of rows(matrix, (row) => usual.includes(nameOf(row))))
    test(`${nameOf(row)}: active for each other, and quiet for ${quietSeconds} s`, async (t) => {
      await using lab = await Lab.create({
        nodes: { fox: "original", owl: "ours" },
        media: [media[row.medium]],
        authkeys: keys[row.digest],
        haCf: [`msgfmt ${row.format}`],
      });
      const bothActive = async () =>
        (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
      await lab.start();
      const took = await lab.until("each sees the other active", bothActive, 20);
      await lab.until(
        "both are stable",
        async () => (await lab.holds("fox")) === "local" && (await lab.holds("owl")) === "local",
      );
      // Between two looks nothing can hide: a node that dies and returns leaves a line in a log.
      await lab.holdsFor("each sees the other active", quietSeconds, bothActive, 2000);
      assert.deepEqual(lab.complaints("fox"), [], "the original complains");
      assert.deepEqual(lab.complaints("owl"), [], "ours complains");
      t.diagnostic(`${nameOf(row)}: active for each other after ${took} ms`);
    });
});
