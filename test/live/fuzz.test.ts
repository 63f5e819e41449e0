/**
 * Rubbish by the hundred thousand at a live node: it keeps its cluster, its memory and a readable log.
 *
 * 50,000 damaged datagrams (after as many to warm up) in the usual tier, a million in the full one; the seed is printed, HEARTBEAT_SEED repeats it.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

/** Datagrams a second; a node of ours takes several times as many. */
const pace = 5000;
/** Before that compiled code and heap are still growing to what they need; a tenth of a million is more. */
const warmUp = 50_000;
/** In KiB. */
const growthMax = 5 * 1024;

for (const number of rows([50_000, 1_000_000], (each) => each === 50_000).slice(-1))
  test(`${number} damaged datagrams`, async (t) => {
    const seed = Number(process.env["HEARTBEAT_SEED"] ?? Math.floor(Math.random() * 2 ** 30));
    t.diagnostic(`seed ${seed}`);
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours" },
      haCf: ["deadtime 3", "warntime 2", "initdead 4"],
    });
    await lab.start();
    const bothActive = async () =>
      (await lab.sees("fox", "owl")) === "active" && (await lab.sees("owl", "fox")) === "active";
    await lab.until("each sees the other active", bothActive, 20);
    const pid = lab.daemonPid("fox");

    const fire = async (count: number, from: number) => {
      const program = `${checkout}/dist/test/support/fuzzer.js`;
      const words = [
        process.execPath,
        program,
        lab.machine("fox").address(),
        "694",
        String(count),
        String(pace),
        String(from),
      ];
      const { code, stdout, stderr } = await lab.exec(
        "owl",
        ["sh", "-c", `cd ${checkout} && exec ${words.join(" ")}`],
        600,
      );
      assert.equal(code, 0, stderr);
      t.diagnostic(stdout.trim());
    };
    /** The part of it that is shared with other programs of Node.js grows when those end; what is written is ours alone. */
    const memory = async (): Promise<{ readonly proportional: number; readonly written: number }> => {
      const { stdout } = await lab.exec("fox", ["cat", `/proc/${pid}/smaps_rollup`]);
      const of = (what: string) => Number(new RegExp(`^${what}: +(\\d+)`, "m").exec(stdout)?.[1]);
      return { proportional: of("Pss"), written: of("Private_Dirty") };
    };

    await fire(Math.max(warmUp, number / 10), seed);
    const before = await memory();
    const linesBefore = lab.log("fox").split("\n").length;
    const began = performance.now();
    await fire((number / 10) * 9, seed + 1);
    const after = await memory();
    const { proportional: early } = before;
    const { proportional: late } = after;
    const said = lab
      .log("fox")
      .split("\n")
      .slice(linesBefore - 1, -1);
    const lines = said.filter((line) => line.includes("of this kind")).length;
    const others = said.filter((line) => !line.includes("of this kind"));
    const seconds = (performance.now() - began) / 1000; // measuring takes time, too, and lines are written meanwhile

    t.diagnostic(
      `memory ${early} KiB at the beginning, ${late} KiB at the end (written: ${before.written}, ${after.written}); ${lines} log lines in ${seconds.toFixed(1)} s`,
    );
    assert.ok(await bothActive(), "the cluster is as it was");
    assert.equal(lab.daemonPid("fox"), pid);
    assert.doesNotMatch(lab.log("fox") + lab.log("owl"), /is dead|Late heartbeat/);
    assert.ok(early > 1000 && late - early < growthMax, `memory grew from ${early} to ${late} KiB`);
    assert.ok(lines >= 1 && lines <= seconds + 2, `${lines} lines in ${seconds.toFixed(1)} s`);
    assert.ok(others.length <= 5, `what else was said, on a busy machine perhaps: ${others.join("\n")}`);
  });
