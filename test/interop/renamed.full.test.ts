/**
 * A node that comes back under another name, or with another uuid, where nodes come and go (-M): the others know it by what stayed the same,
 * and keep its weight.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { allActive, allList, cached, comeAndGo } from "../support/lab/come-and-go.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

/** elk is the one that changes. Three originals show what is to be expected. */
const cast = [
  { fox: "original", owl: "original", elk: "original" },
  { fox: "original", owl: "ours", elk: "ours" },
  { fox: "ours", owl: "original", elk: "original" },
  { fox: "ours", owl: "ours", elk: "ours" },
] as const;

/** What the cluster makes of a node that has another name, or another uuid, the next time. `knows`: a line that the others write. */
const changes: readonly {
  readonly what: string;
  readonly how: readonly string[];
  readonly name: string;
  readonly knows: RegExp;
}[] = [
  { what: "another name", how: ["hostname", "yak"], name: "yak", knows: /WARN: nodename elk uuid changed to yak/ },
  {
    what: "another uuid",
    how: ["rm", "/var/lib/heartbeat/hb_uuid"],
    name: "yak",
    knows: /: node yak changed its uuid to [0-9a-f-]{36}/,
  },
  { what: "its old name", how: ["hostname", "elk"], name: "elk", knows: /WARN: nodename yak uuid changed to elk/ },
];
const others = ["fox", "owl"] as const;

for (const kinds of rows(cast, () => false))
  test(`fox, owl, elk (${Object.values(kinds).join(", ")}): elk comes back as another`, {
    timeout: 240_000,
  }, async () => {
    await using lab = await Lab.create({ ...comeAndGo, nodes: kinds });
    await lab.start();
    await allActive(lab, ["fox", "owl", "elk"]);
    await lab.tool("fox", "hb_setweight", "elk", "55");
    let before = "elk";
    for (const { what, how, name: called, knows } of changes) {
      await lab.stop("elk");
      for (const on of others)
        await lab.until(`${on} holds ${before} dead`, async () => (await lab.sees(on, before)) === "dead");
      const uuids = new Set(others.map((on) => uuidOf(lab, on, before)));
      assert.equal(uuids.size, 1, "both know the same");
      const { code, stderr } = await lab.exec("elk", how);
      assert.equal(code, 0, stderr);
      await lab.start("elk");
      for (const on of others) {
        await lab.until(`${on} sees it active, with ${what}`, async () => (await lab.sees(on, called)) === "active");
        await lab.logged(on, knows);
      }
      await allList(lab, ["fox", "owl", "elk"], ["fox", "owl", called].sort().join(" "));
      await cached(lab, others, "hostcache", ["fox\tknown\t100\t", "owl\tknown\t100\t", `${called}\tknown\t55\t`]);
      await cached(lab, others, "delhostcache", []);
      for (const on of others)
        assert.equal(uuids.has(uuidOf(lab, on, called)), what !== "another uuid", `${on}: the uuid of ${called}`);
      before = called;
    }
  });

function uuidOf(lab: Lab, on: string, of: string): string {
  const lines = lab.machine(on).read("/var/lib/heartbeat/hostcache").split("\n");
  return lines.find((line) => line.startsWith(`${of}\t`))?.split("\t")[1] ?? "";
}
