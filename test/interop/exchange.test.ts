/**
 * Programs on two nodes speak to each other through their daemons: on an original with the original's library, on ours with our client.
 *
 * Plain, compressed by field and as a whole, with zlib and bz2, between two nodes and between three; large; and on a network that loses
 * every fifth datagram. Everything arrives once and whole, and neither daemon complains; where much is lost, of nothing that two originals
 * do not complain of in the same exchange at the same time.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { compiled, installProgram } from "../support/c-program.ts";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

type Kind = "original" | "ours";

interface Row {
  readonly pair: readonly [Kind, Kind];
  /** elk, who speaks with owl when fox has done so. */
  readonly third?: Kind;
  readonly count: number;
  readonly size: number;
  readonly form: "plain" | "packed";
  readonly haCf: readonly string[];
  readonly lossy: boolean;
  readonly usual: boolean;
}

const mixed = ["original", "ours"] as const;
const alike = ["ours", "ours"] as const;
const whole = (method: string, format: string) => [
  `compression ${method}`,
  "compression_threshold 1",
  "traditional_compression on",
  `msgfmt ${format}`,
];

const matrix: Row[] = [mixed, alike].flatMap((pair): Row[] => [
  ...(["zlib", "bz2"] as const).flatMap((method) =>
    (["classic", "netstring"] as const).flatMap((format): Row[] => {
      const common = { pair, count: 60, lossy: false } as const;
      const plain = { ...common, size: 3000, form: "plain", haCf: whole(method, format) } as const;
      const fields = [`compression ${method}`, `msgfmt ${format}`];
      return [
        { ...plain, usual: pair === mixed && method === "bz2" && format === "classic" },
        {
          ...common,
          size: 3000,
          form: "packed",
          haCf: fields,
          usual: pair === mixed && method === "zlib" && format === "netstring",
        },
      ];
    }),
  ),
  ...(["zlib", "bz2"] as const).flatMap((method) =>
    (["original", "ours"] as const).map(
      (third): Row => ({
        ...{ pair, third, count: 30, size: 3000, form: "plain", lossy: false, usual: false },
        haCf: whole(method, third === "ours" ? "classic" : "netstring"),
      }),
    ),
  ),
  // Only compressed does it fit a datagram; no directive asks for it. An original cannot say as much: it would never arrive.
  { pair, count: 5, size: 100_000, form: "plain", haCf: ["compression bz2"], lossy: false, usual: false },
  { pair, count: 1000, size: 100, form: "plain", haCf: [], lossy: true, usual: false },
]);

const seconds = 240;
/** The laboratory's times for an original; with loss, so patient that the loss of several heartbeats in a row is nobody's death. */
const steady = ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"];
const patient = ["keepalive 250ms", "warntime 15", "deadtime 20", "initdead 20"];
/** An original takes two others for one when it starts, and says this to most trios, also of originals alone. */
const saidToTrios = /ERROR: Received 'starting' message in state 2$/;

for (const row of rows(matrix, ({ usual }) => usual)) {
  const { pair, third, count, size, form, haCf, lossy } = row;
  const who = [...pair, ...(third === undefined ? [] : [third])].join(" and ");
  test(`${who}: ${count} ${form} messages of ${size} bytes${lossy ? ", a fifth lost" : ""}; ${haCf.join(", ")}`, {
    timeout: 400_000,
  }, async (t) => {
    const say = (text: string) => t.diagnostic(text);
    const originals = { ...row, pair: ["original", "original"] } as const;
    const [complaints, usual] = await Promise.all([exchange(row, say), lossy ? exchange(originals, say) : []]);
    const known = new Set(usual.map(shapeOf));
    if (lossy)
      say(`two originals complain in ${known.size} ways, ${usual.length} times; here ${complaints.length} times`);
    assert.deepEqual(
      complaints.filter((line) => !known.has(shapeOf(line)) && !(third !== undefined && saidToTrios.test(line))),
      [],
    );
  });
}

/** A line without its time, its process, names and numbers. */
const shapeOf = (line: string): string =>
  line
    .replace(/^.*?: (?=[A-Z]+:)/, "")
    .replace(/\b(?:fox|owl|elk)\b/g, "NODE")
    .replace(/\d+/g, "N");

/** One cluster, all its talks; what its nodes complain of. */
async function exchange(row: Row, say: (text: string) => void): Promise<string[]> {
  const { pair, third, count, size, form, haCf, lossy } = row;
  const nodes: Record<string, Kind> = { fox: pair[0], owl: pair[1], ...(third === undefined ? {} : { elk: third }) };
  const names = Object.keys(nodes);
  await using lab = await Lab.create({
    nodes,
    haCf: [...haCf, "apiauth exchange uid=root", ...(lossy ? patient : steady)],
  });
  for (const name of names)
    if (nodes[name] === "original") await installProgram(lab, name, "exchange", compiled("exchange"));
  await lab.start();
  const active = async () => {
    for (const on of names) for (const of of names) if ((await lab.sees(on, of)) !== "active") return false;
    return true;
  };
  await lab.until("each sees the other active", active, 60);
  if (lossy) for (const name of names) await loseAFifth(lab, name);
  const sizeOf = (name: string) => String(nodes[name] === "original" ? Math.min(size, 60_000) : size);
  const speak = (name: string, peer: string) => {
    const words = [peer, String(count), sizeOf(name), sizeOf(peer), form, String(seconds)];
    return nodes[name] === "original"
      ? lab.exec(name, ["/opt/exchange", ...words], seconds + 20)
      : lab.exec(name, ["node", `${checkout}/dist/test/support/exchange.js`, ...words], seconds + 20);
  };
  for (const name of names.filter((each) => each !== "owl"))
    for (const [which, { code, stdout, stderr }] of (
      await Promise.all([speak(name, "owl"), speak("owl", name)])
    ).entries()) {
      const words = `${pair.join(" and ")}: ${[name, "owl"][which]}: ${stdout}${stderr}`;
      say(words.trim());
      if (!pair.some((kind) => kind === "ours")) continue; // only listened to: what two originals lose is their own business
      assert.equal(code, 0, words);
      const { sent, received, twice, damaged } = JSON.parse(stdout);
      assert.deepEqual(
        { sent, received, twice, damaged },
        { sent: count, received: count, twice: 0, damaged: 0 },
        words,
      );
    }
  return names.flatMap((name) => lab.complaints(name));
}

async function loseAFifth(lab: Lab, name: string): Promise<void> {
  const rules = [
    "add table ip loss",
    "add chain ip loss in { type filter hook input priority 0 ; }",
    "add rule ip loss in udp dport 694 numgen random mod 100 < 20 drop",
  ].join("\n");
  const { code, stderr } = await lab.exec(name, ["sh", "-c", `printf '%s\\n' "$1" | nft -f -`, "nft", rules]);
  assert.equal(code, 0, stderr);
}
