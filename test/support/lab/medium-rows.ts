/**
 * The rows of test/interop/media-*.test.ts: nodes over each UDP medium, with each digest, in each format.
 *
 * In each row all become active for all, numbered messages from everybody arrive everywhere, and for longer than the dead time nobody has
 * anything to complain of. The usual tier takes so many rows that of any two columns all values meet; the full tier takes all.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lab } from "../lab.ts";
import { rows } from "../tier.ts";
import type { Kind } from "./settings.ts";

export type Cast = Readonly<Record<string, Kind>>;

const media = [
  ["bcast", "bcast eth0"],
  ["mcast", "mcast eth0 239.1.2.3 694 1 0"],
  ["mcast6", "mcast6 eth0 ff12::1:2:3:4 694 1 0"],
  ["ucast", "ucast eth0 PEER"],
  ["ucast6", "ucast6 eth0 PEER6"],
] as const;
const digests = [
  ["crc", "crc"],
  ["md5", "md5 a-secret-of-the-test"],
  ["sha1", "sha1 a-secret-of-the-test"],
] as const;
const formats = ["classic", "netstring"] as const;

interface Row {
  readonly name: string;
  readonly kinds: Cast;
  readonly medium: string;
  readonly key: string;
  readonly haCf: readonly string[];
  readonly usual: boolean;
}

/** All rows of some casts, which have numbers from `first` on. Of four neighbouring casts the usual rows are enough for pairs. */
export const mediumRows = (casts: readonly Cast[], first: number): Row[] =>
  casts.flatMap((kinds, i) =>
    media.flatMap(([medium, line], m) =>
      digests.flatMap(([digest, key], d) =>
        formats.map((format, f) => ({
          ...{ kinds, medium: line, key, haCf: [`msgfmt ${format}`] },
          name: `${nameOf(kinds)}: ${medium}, ${digest}, ${format}`,
          usual: d === (first + i + m) % 3 && f === (first + i + Math.floor(m / 2) + d) % 2,
        })),
      ),
    ),
  );

const nameOf = (kinds: Cast): string => Object.values(kinds).join(", ");

/** Longer than the dead time, so that a silence would show. */
const quietSeconds = 6;
const patient = ["keepalive 250ms", "warntime 2", "deadtime 5", "initdead 15"];
/** An original takes two others for one when it starts, and says this to most trios, also of originals alone. */
const saidToTrios = /ERROR: Received 'starting' message in state 2$/;

export function runRows(about: string, all: readonly Row[]): void {
  describe(about, { concurrency: 6 }, () => {
    for (const row of rows(all, ({ usual }) => usual))
      test(row.name, { timeout: 240_000 }, async (t) => t.diagnostic(await live(row)));
  });
}

/** Lines about a node or a message that was lost. What an original loses of another original, as busy ones do, is no business of ours. */
function troublesOf(lab: Lab, node: string): string[] {
  const kinds = lab.settings.nodes;
  return lab
    .log(node)
    .split("\n")
    .filter((line) => /is dead|lost packet|Irretrievably/.test(line))
    .filter((line) => {
      const [, of = ""] = /lost packet\S* for \[(\w+)\]/.exec(line) ?? [];
      return kinds[node] !== "original" || kinds[of] !== "original";
    });
}

async function live({ name, kinds, medium, key, haCf }: Row): Promise<string> {
  const nodes = Object.keys(kinds);
  await using lab = await Lab.create({
    nodes: kinds,
    media: [medium],
    authkeys: `auth 1\n1 ${key}\n`,
    haCf: [...patient, ...haCf],
  });
  await lab.start();
  const everywhere = async (word: string, wanted: (of: string) => string) => {
    for (const on of nodes)
      for (const of of nodes)
        if ((await lab.exec(on, ["cl_status", word, of])).stdout.trim() !== wanted(of)) return false;
    return true;
  };
  const allActive = () => everywhere("nodestatus", () => "active");
  const active = await lab.until("all see all active", allActive, 60);
  const weightOf = (of: string): string => String(11 * (nodes.indexOf(of) + 1));
  await Promise.all(nodes.map((node) => lab.tool(node, "hb_setweight", node, weightOf(node))));
  const told = await lab.until("all know all weights", () => everywhere("nodeweight", weightOf), 60);
  const quiet = () => nodes.every((node) => troublesOf(lab, node).length === 0);
  await lab.holdsFor("nobody is lost", quietSeconds, quiet, 500);
  await lab.until("all see all active", allActive, 20);
  for (const node of nodes) {
    const complaints = lab.complaints(node).filter((line) => nodes.length < 3 || !saidToTrios.test(line));
    assert.deepEqual(complaints, [], `${node} complains`);
  }
  return `${name}: passed; active after ${active} ms, messages after ${told} ms`;
}
