/**
 * What befalls a node that runs: its clock is set, it is stopped for a while, a cable is pulled, a network card goes and comes back, an address
 * changes, its generation is lost, its disk is full or cannot be written. Its neighbour stands by; the group stays, or comes home.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Group, groupMoves, settle } from "../support/lab/groups.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

type Kind = "ours" | "original";
/** owl, which owns the group, is the one that it befalls. */
const group: Group = { owner: "owl", service: "svcA", address: "10.77.0.101" };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Scene {
  readonly lab: Lab;
  readonly victim: Kind;
  /** What the nodes have logged since this mishap began. */
  readonly since: (node: string) => string;
}

interface Mishap {
  readonly name: string;
  /** Whose node it may befall here. */
  readonly befalls: (kinds: { readonly fox: Kind; readonly owl: Kind }) => boolean;
  readonly run: (scene: Scene) => Promise<void>;
}

const pair = [
  ["fox", "owl"],
  ["owl", "fox"],
] as const;
const anybody = (): boolean => true;
const oneOfOurs = ({ owl }: { readonly owl: Kind }): boolean => owl === "ours";

/** Longer than the dead time, so that whoever was thought dead would be. */
async function nothingHappens({ lab, since }: Scene, forSeconds = 4): Promise<void> {
  await lab.holdsFor(
    "owl keeps its group",
    forSeconds,
    () => lab.runs("owl", group.service) && !lab.runs("fox", group.service),
  );
  for (const [on, of] of pair) {
    assert.doesNotMatch(since(on), /node \w+: is dead/, on);
    assert.equal(await lab.sees(on, of), "active");
  }
}

const stop = (lab: Lab, signal: "STOP" | "CONT") => lab.exec("owl", ["kill", `-${signal}`, `${lab.daemonPid("owl")}`]);

async function restartedWithGeneration({ lab }: Scene, content: string | undefined): Promise<void> {
  await lab.stop("owl");
  await groupMoves(lab, group, "fox", 20);
  const path = "/var/lib/heartbeat/hb_generation";
  await lab.exec("owl", content === undefined ? ["rm", path] : ["sh", "-c", `printf '${content}' > ${path}`]);
  await lab.start("owl");
  await groupMoves(lab, group, "owl", 40);
  await settle(lab, [group]);
}

/** Both notice that a link of owl's is gone, and that it is back; nothing else happens. */
async function linkGoesAndComes(scene: Scene, goes: () => Promise<void>, comes: () => Promise<void>): Promise<void> {
  const { lab, since } = scene;
  await goes();
  for (const [on, of] of pair)
    await lab.until(`${on} has noticed`, () => since(on).includes(`Link ${of}:eth1 dead`), 20);
  await comes();
  for (const [on, of] of pair)
    await lab.until(`${on} hears ${of} there again`, () => since(on).includes(`Link ${of}:eth1 up`), 20);
  await nothingHappens(scene);
}

const stateDirectory = "/var/lib/heartbeat";

/** owl is started anew again and again; each time its neighbour must take it for a new start, not for a replay of an old one. */
async function restarts({ lab }: Scene): Promise<void> {
  await lab.stop("owl");
  await groupMoves(lab, group, "fox", 20);
  await lab.start("owl");
  await groupMoves(lab, group, "owl", 40);
  await settle(lab, [group]);
}

/** Its directory is hidden by something worse, which goes when heartbeat does not run. `worse`: shell commands, `$1` is the directory. */
async function withWorseDirectory(scene: Scene, worse: string, complaint: RegExp): Promise<void> {
  const { lab, since } = scene;
  const shell = async (script: string): Promise<void> => {
    const { code, stderr } = await lab.exec("owl", ["sh", "-ec", script, "sh", stateDirectory]);
    assert.equal(code, 0, `${script}: ${stderr}`);
  };
  await shell(worse);
  await nothingHappens(scene);
  await restarts(scene);
  await lab.until(`owl says ${complaint}`, () => complaint.test(since("owl")), 10);
  await restarts(scene);
  await lab.stop("owl");
  await groupMoves(lab, group, "fox", 20);
  await shell('umount "$1"');
  await lab.start("owl"); // from what the directory held before all this
  await groupMoves(lab, group, "owl", 40);
  await settle(lab, [group]);
}

const mishaps: readonly Mishap[] = [
  {
    name: "the clock is set an hour ahead, then an hour behind, then right",
    befalls: anybody,
    async run(scene) {
      for (const seconds of [3600, -3600, 0]) {
        await scene.lab.setClock("owl", seconds);
        await nothingHappens(scene);
      }
    },
  },
  {
    name: "it is started again while its clock is an hour behind",
    befalls: oneOfOurs,
    async run(scene) {
      const { lab } = scene;
      await lab.stop("owl");
      await groupMoves(lab, group, "fox", 20);
      await lab.start("owl"); // which sets the clock right: so once more, with the clock behind
      await groupMoves(lab, group, "owl", 40);
      await lab.setClock("owl", -3600);
      await lab.stop("owl");
      await groupMoves(lab, group, "fox", 20);
      const { code, stderr } = await lab.heartbeat("owl", []);
      assert.equal(code, 0, stderr);
      await groupMoves(lab, group, "owl", 40);
      await lab.setClock("owl", 0);
      await settle(lab, [group]);
    },
  },
  {
    name: "it is stopped for less than its dead time",
    befalls: anybody,
    async run(scene) {
      await stop(scene.lab, "STOP");
      await pause(1200); // the length of the stop is what is tested
      await stop(scene.lab, "CONT");
      await nothingHappens(scene);
    },
  },
  {
    name: "it is stopped for more than its dead time",
    befalls: anybody,
    async run({ lab }) {
      await stop(lab, "STOP");
      await lab.until("fox has taken over", () => lab.runs("fox", group.service), 20);
      await stop(lab, "CONT");
      await lab.until("it runs once", () => lab.runs("fox", group.service) !== lab.runs("owl", group.service), 60);
      await groupMoves(lab, group, "owl", 90);
      await settle(lab, [group]);
    },
  },
  {
    name: "one of two network cards goes, and another comes in its place",
    befalls: oneOfOurs,
    run: (scene) =>
      linkGoesAndComes(
        scene,
        () => scene.lab.machine("owl").removeInterface(1),
        () => scene.lab.machine("owl").restoreInterface(1),
      ),
  },
  {
    name: "the cable of one of two network cards is pulled, and put in again",
    befalls: anybody,
    run: (scene) =>
      linkGoesAndComes(
        scene,
        () => scene.lab.pull("owl", 1),
        () => scene.lab.plug("owl", 1),
      ),
  },
  {
    name: "both cables are pulled, and put in again",
    befalls: anybody,
    async run({ lab }) {
      for (const network of [0, 1]) await lab.pull("owl", network);
      await lab.until("fox has taken over", () => lab.runs("fox", group.service), 20);
      for (const network of [0, 1]) await lab.plug("owl", network);
      await lab.until("it runs once", () => lab.runs("fox", group.service) !== lab.runs("owl", group.service), 60);
      await groupMoves(lab, group, "owl", 90);
      await settle(lab, [group]);
    },
  },
  {
    name: "an address of its interface changes",
    befalls: anybody,
    async run(scene) {
      const { lab, since } = scene;
      await lab.exec("owl", ["ip", "addr", "del", "10.77.1.2/24", "dev", "eth1"]); // a second one of its network would go with it
      await lab.exec("owl", ["ip", "addr", "add", "10.77.1.52/24", "brd", "+", "dev", "eth1"]);
      await nothingHappens(scene, 5);
      for (const on of ["fox", "owl"]) assert.doesNotMatch(since(on), /Link \w+:eth1 dead/, on);
    },
  },
  {
    name: "it is started again without its generation",
    befalls: anybody,
    run: (scene) => restartedWithGeneration(scene, undefined),
  },
  {
    name: "it is started again with a broken generation",
    befalls: oneOfOurs,
    run: (scene) => restartedWithGeneration(scene, "rubbish"),
  },
  {
    name: "its disk is full, and has room again",
    befalls: oneOfOurs,
    run: (scene) =>
      withWorseDirectory(
        scene,
        'cp -a "$1" "$1.copy"; mount -t tmpfs -o size=64k none "$1"; cp -a "$1.copy/." "$1"; ! dd if=/dev/zero of="$1/filler" bs=4k 2>&1',
        /ERROR: cannot write .*hb_generation.*no space.*taken from the clock/i,
      ),
  },
  {
    name: "its disk cannot be written, and can be again",
    befalls: oneOfOurs,
    run: (scene) =>
      withWorseDirectory(
        scene,
        'mount --bind "$1" "$1"; mount -o remount,bind,ro "$1"',
        /ERROR: cannot write .*hb_generation.*read-only.*taken from the clock/,
      ),
  },
];

const pairs: readonly { readonly fox: Kind; readonly owl: Kind }[] = [
  { fox: "original", owl: "ours" },
  { fox: "ours", owl: "original" },
  { fox: "ours", owl: "ours" },
];
const all = pairs.flatMap((kinds) =>
  mishaps.filter(({ befalls }) => befalls(kinds)).map((mishap) => ({ kinds, mishap })),
);
const usual = new Set([
  "original, ours: the clock is set an hour ahead, then an hour behind, then right",
  "original, ours: one of two network cards goes, and another comes in its place",
  "ours, original: it is stopped for less than its dead time",
]);
const nameOf = ({ kinds, mishap }: (typeof all)[number]): string => `${kinds.fox}, ${kinds.owl}: ${mishap.name}`;
const chosen = rows(all, (row) => usual.has(nameOf(row)));

describe("a node and its neighbour", { concurrency: true }, () => {
  for (const kinds of pairs) {
    const befalling = chosen.filter((row) => row.kinds === kinds);
    if (befalling.length === 0) continue;
    // One cluster for all of them, one after the other.
    test(befalling.map(nameOf).join("; "), { timeout: 500_000 }, async (t) => {
      await using lab = await Lab.create({
        nodes: kinds,
        networks: 2,
        media: ["bcast eth0", "bcast eth1"],
        haCf: ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"],
        ownClocks: true,
        haresources: `owl svcA IPaddr::${group.address}/24/eth0`,
        services: ["svcA"],
      });
      await lab.start();
      await settle(lab, [group], 60);
      for (const { mishap } of befalling) {
        const before = new Map(["fox", "owl"].map((node) => [node, lab.log(node).length]));
        const began = performance.now();
        try {
          await mishap.run({ lab, victim: kinds.owl, since: (node) => lab.log(node).slice(before.get(node)) });
        } catch (error) {
          throw new Error(`${mishap.name}: ${error instanceof Error ? error.stack : error}\n${await lab.report()}`);
        }
        t.diagnostic(`${mishap.name}: ${((performance.now() - began) / 1000).toFixed(1)} s`);
      }
    });
  }
});
