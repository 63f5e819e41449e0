/**
 * Nodes that come and go beside originals, with -M: who is heard joins, hb_addnode and hb_delnode work from either kind, both keep the same host
 * cache.
 */
import test from "node:test";
import { allActive, allList, cached, comeAndGo } from "../support/lab/come-and-go.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

type Kind = "ours" | "original";
/** fox is there first, owl joins, elk joins and leaves. */
const cast: readonly { readonly fox: Kind; readonly owl: Kind; readonly elk: Kind }[] = [
  { fox: "ours", owl: "original", elk: "ours" },
  { fox: "original", owl: "ours", elk: "original" },
  { fox: "original", owl: "ours", elk: "ours" },
  { fox: "ours", owl: "original", elk: "original" },
  { fox: "ours", owl: "ours", elk: "original" },
  { fox: "ours", owl: "ours", elk: "ours" },
];
const name = (kinds: object): string => Object.values(kinds).join(", ");
const usual = (kinds: object): boolean => /^ours, original, ours|^original, ours, original/.test(name(kinds));

/** What one kind kept, the other finds at its start: nobody else tells a node the weights. */
async function eachReadsTheOthers(lab: Lab, [a, b]: readonly [string, string]): Promise<void> {
  for (const [from, to] of [
    [a, b],
    [b, a],
  ] as const) {
    await lab.stop(to);
    const path = "/var/lib/heartbeat/hostcache";
    await lab.machine(to).write(path, lab.machine(from).read(path));
    await lab.start(to);
    const weight = async () => (await lab.exec(to, ["cl_status", "nodeweight", "owl"])).stdout.trim();
    await lab.until(`${to} has read what ${from} kept`, async () => (await weight()) === "55", 40);
  }
}

for (const kinds of rows(cast, usual))
  test(`fox, owl, elk (${name(kinds)}) come and go`, { timeout: 240_000 }, async () => {
    await using lab = await Lab.create({ ...comeAndGo, nodes: kinds });
    await lab.start("fox", "owl");
    await allActive(lab, ["fox", "owl"]);
    await allList(lab, ["fox", "owl"], "fox owl");
    await cached(lab, ["fox", "owl"], "hostcache", ["fox\tknown\t100\t", "owl\tknown\t100\t"]);

    await lab.start("elk");
    await allActive(lab, ["fox", "owl", "elk"]);
    await lab.tool("fox", "hb_setweight", "owl", "55");
    await lab.tool("owl", "hb_setsite", "elk", "barn");
    await cached(lab, ["fox", "owl", "elk"], "hostcache", [
      "fox\tknown\t100\t",
      "owl\tknown\t55\t",
      "elk\tknown\t100\tbarn",
    ]);

    await lab.tool("owl", "hb_addnode", "gnu");
    await allList(lab, ["fox", "owl", "elk"], "elk fox gnu owl");
    for (const on of ["fox", "owl", "elk"])
      await lab.until(`${on} holds gnu dead`, async () => (await lab.sees(on, "gnu")) === "dead");
    await lab.tool("fox", "hb_delnode", "gnu");
    await allList(lab, ["fox", "owl", "elk"], "elk fox owl");
    await cached(lab, ["fox", "owl", "elk"], "delhostcache", ["gnu\tnone\t100\t"]);

    await lab.stop("elk");
    for (const on of ["fox", "owl"])
      await lab.until(`${on} holds elk dead`, async () => (await lab.sees(on, "elk")) === "dead");
    await lab.tool("owl", "hb_delnode", "elk");
    await allList(lab, ["fox", "owl"], "fox owl");
    await cached(lab, ["fox", "owl"], "hostcache", ["fox\tknown\t100\t", "owl\tknown\t55\t"]);

    await lab.start("elk"); // who speaks has come back
    await allActive(lab, ["fox", "owl", "elk"]);
    await allList(lab, ["fox", "owl", "elk"], "elk fox owl");
    await eachReadsTheOthers(lab, ["fox", "owl"]);
  });
