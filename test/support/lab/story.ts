/**
 * Stories that were recorded of two originals (docs/reference/transcripts), lived through by other pairs: what happens, and where each
 * group is afterwards. From the places follow the calls of the scripts, so that both are compared.
 */
import assert from "node:assert/strict";
import { Lab } from "../lab.ts";
import type { Kind } from "./settings.ts";

/** Group by its first resource -> the node that runs it, or nobody; both, after a cut that nothing mends. */
export type Places = Readonly<Record<string, "fox" | "owl" | "both" | "nobody">>;

export interface Step {
  readonly says: string;
  readonly act: (lab: Lab) => Promise<unknown>;
  /** Where the groups are once all has come to rest. */
  readonly places: Places | ((column: Column) => Places);
  /** Nodes whose power went: they stop nothing. */
  readonly dead?: readonly string[];
}

export type Failback = "on" | "off" | "legacy";

export interface Story {
  /** Of the transcript. */
  readonly number: string;
  readonly title: string;
  /** The same on both nodes, or not. */
  readonly failback: Failback | Readonly<Record<"fox" | "owl", Failback>>;
  /** Resources of each group, by owner. */
  readonly groups: readonly { readonly owner: "fox" | "owl"; readonly resources: readonly string[] }[];
  readonly haCf?: readonly string[];
  readonly steps: readonly Step[];
  /** Both sides may stop and start more often than the places tell (a partition): then only the order inside the groups counts. */
  readonly free?: boolean;
  /** In which columns it belongs to the usual tier. */
  readonly usual?: "mixed" | "ours";
}

export interface Column {
  readonly name: string;
  readonly fox: Kind;
  readonly owl: Kind;
}

export const columns: readonly Column[] = [
  { name: "original + ours", fox: "original", owl: "ours" },
  { name: "ours + original", fox: "ours", owl: "original" },
  { name: "ours + ours", fox: "ours", owl: "ours" },
];

const names = ["fox", "owl"] as const;
const restLimit = 60; // seconds

/** Lives a story through; tells how long each step took to come to rest, in seconds. */
export async function live(story: Story, column: Column): Promise<string> {
  const { fox, owl } = column;
  await using lab = await Lab.create({
    nodes: { fox, owl },
    haresources: story.groups.map(({ owner, resources }) => `${owner} ${resources.join(" ")}`).join("\n"),
    services: story.groups.flatMap(({ resources }) => resources),
    haCf: ["auto_failback on", ...(story.haCf ?? [])],
  });
  for (const name of names) {
    const failback = typeof story.failback === "string" ? story.failback : story.failback[name];
    const file = lab.machine(name).read("/etc/ha.d/ha.cf").replace("auto_failback on", `auto_failback ${failback}`);
    await lab.machine(name).write("/etc/ha.d/ha.cf", file);
  }
  const took: string[] = [];
  const expected = new Map<string, string[]>(names.map((name) => [name, []]));
  let before: Places = {};
  for (const step of story.steps) {
    const began = performance.now();
    await step.act(lab);
    const places = typeof step.places === "function" ? step.places(column) : step.places;
    await atRest(lab, story, step.says, places);
    took.push(((performance.now() - began) / 1000).toFixed(1));
    expectCalls(story, before, places, step.dead ?? [], expected);
    before = places;
  }
  for (const node of names) {
    if (column[node] === "original" && !story.free) assert.deepEqual(doublyOwned(lab, node), [], `${node} complains`);
    const made = movesOf(lab.calls(node));
    for (const { resources } of story.groups) {
      const own = made.filter((move) => resources.includes(move.slice(1)));
      assert.deepEqual(disorder(own, resources), [], `${node}: order of ${own.join(" ")}`);
      if (story.free) continue;
      const wanted = expected.get(node)?.filter((move) => resources.includes(move.slice(1)));
      assert.deepEqual(own, wanted, `${node}: calls for ${resources[0]}`);
    }
  }
  return took.join(", ");
}

/** What an original says when the other node claims what it has. Without a cut of the network that would be ours, claiming too early. */
const doublyOwned = (lab: Lab, node: string): string[] =>
  lab.complaints(node).filter((line) => line.includes("Both machines own"));

async function atRest(lab: Lab, { groups }: Story, says: string, places: Places): Promise<void> {
  const placed = () =>
    groups.every(({ resources }) =>
      names.every((node) =>
        resources.every((resource) => {
          const place = places[resources[0] ?? ""];
          return lab.runs(node, resource) === (place === node || place === "both");
        }),
      ),
    );
  const torn = Object.values(places).includes("both"); // and not at rest before somebody says who gives what up
  const resting = async (node: string) =>
    torn || !lab.machine(node).isOn || /^(?:|none|local|foreign|all)$/.test(await lab.holds(node));
  await lab.until(
    `${says}: ${JSON.stringify(places)}`,
    async () => placed() && (await resting("fox")) && (await resting("owl")) && placed(),
    restLimit,
  );
}

/** What leaves a living node is stopped from right to left, what comes is started from left to right. */
export function expectCalls(
  { groups }: Story,
  before: Places,
  after: Places,
  dead: readonly string[],
  expected: ReadonlyMap<string, string[]>,
): void {
  for (const { resources } of groups) {
    const key = resources[0] ?? "";
    const from = before[key] ?? "nobody";
    const to = after[key] ?? "nobody";
    if (from === to) continue;
    if (!dead.includes(from)) expected.get(from)?.push(...resources.toReversed().map((each) => `-${each}`));
    expected.get(to)?.push(...resources.map((each) => `+${each}`));
  }
}

/** Starts (`+svcA`) and stops (`-svcA`) on a node, of its calls; stops of what never ran are the original's habit (quirk 13). */
export function movesOf(calls: readonly string[]): string[] {
  const running = new Set<string>();
  return calls.flatMap((call) => {
    const [, service = "", action] = /^\S+ (\S+) (start|stop)$/.exec(call) ?? [];
    if (action === "start") running.add(service);
    else if (action !== "stop" || !running.delete(service)) return [];
    return [`${action === "start" ? "+" : "-"}${service}`];
  });
}

/** Moves of one group that come out of its order. */
export function disorder(moves: readonly string[], resources: readonly string[]): string[] {
  return moves.filter((move, index) => {
    const previous = moves[index - 1];
    if (previous === undefined || previous[0] !== move[0]) return false;
    const step = resources.indexOf(move.slice(1)) - resources.indexOf(previous.slice(1));
    const wanted = move[0] === "+" ? 1 : -1;
    // A power cut may come anywhere, and the group then begins anew.
    return step !== wanted && !(move[0] === "+" && move.slice(1) === resources[0]);
  });
}
