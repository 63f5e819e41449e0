/**
 * Programs on two nodes speak to each other through their daemons: on an original with the original's library, on ours with our client.
 *
 * Plain, compressed by field and as a whole, with zlib and bz2; large; and on a network that loses every fifth datagram. Everything
 * arrives once and whole, and neither daemon complains of more than two originals would among themselves.
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
  // Only compressed does it fit a datagram; no directive asks for it. An original cannot say as much: it would never arrive.
  { pair, count: 5, size: 100_000, form: "plain", haCf: ["compression bz2"], lossy: false, usual: false },
  { pair, count: 1000, size: 100, form: "plain", haCf: [], lossy: true, usual: false },
]);

const seconds = 240;
/** The laboratory's times for an original; with loss, so patient that the loss of several heartbeats in a row is nobody's death. */
const steady = ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"];
const patient = ["keepalive 250ms", "warntime 15", "deadtime 20", "initdead 20"];
/** What two originals say too when much is lost. */
const usualUnderLoss =
  /lost packet|No pkts missing|Late heartbeat|hist queue|Rexmit of seq|Cannot rexmit|fromnode|hist information|hiseq/;

for (const row of rows(matrix, ({ usual }) => usual)) {
  const { pair, count, size, form, haCf, lossy } = row;
  const what = `${pair.join(" and ")}: ${count} ${form} messages of ${size} bytes${lossy ? ", a fifth lost" : ""}`;
  test(`${what}; ${haCf.join(", ")}`, { timeout: 300_000 }, async (t) => {
    const nodes = { fox: pair[0], owl: pair[1] };
    await using lab = await Lab.create({
      nodes,
      haCf: [...haCf, "apiauth exchange uid=root", ...(lossy ? patient : steady)],
    });
    if (nodes.fox === "original") await installProgram(lab, "fox", "exchange", compiled("exchange"));
    await lab.start();
    const active = async () =>
      (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    await lab.until("each sees the other active", active, 40);
    if (lossy) for (const name of ["fox", "owl"]) await loseAFifth(lab, name);
    const sizeOf = (name: "fox" | "owl") => String(nodes[name] === "original" ? Math.min(size, 60_000) : size);
    const common = [form, String(seconds)];
    const speak = (name: "fox" | "owl", peer: "fox" | "owl") => {
      const words = [peer, String(count), sizeOf(name), sizeOf(peer), ...common];
      return nodes[name] === "original"
        ? lab.exec(name, ["/opt/exchange", ...words], seconds + 20)
        : lab.exec(name, ["node", `${checkout}/dist/test/support/exchange.js`, ...words], seconds + 20);
    };
    const outcomes = await Promise.all([speak("fox", "owl"), speak("owl", "fox")]);
    for (const [i, { code, stdout, stderr }] of outcomes.entries()) {
      const which = `${["fox", "owl"][i]}: ${stdout}${stderr}`;
      assert.equal(code, 0, which);
      const { sent, received, twice, damaged } = JSON.parse(stdout);
      assert.deepEqual(
        { sent, received, twice, damaged },
        { sent: count, received: count, twice: 0, damaged: 0 },
        which,
      );
      t.diagnostic(which.trim());
    }
    for (const name of ["fox", "owl"]) {
      const complaints = lab.complaints(name).filter((line) => !(lossy && usualUnderLoss.test(line)));
      assert.deepEqual(complaints, [], `${name} complains`);
    }
  });
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
