/**
 * Stories as text: a cluster, what happens to it, and what it then does and says.
 *
 *     cluster keepalive=1s deadtime=5s initdead=10s auto_failback=on members=declared seed=1 monitor=5s failures=1
 *     node fox holds "10.0.0.10 web::a" "other"
 *     node owl
 *     ----
 *     start fox owl; run 15s; crash fox; run 10s
 *     ----
 *     20.0 owl  warn: node fox: is dead (silent for 5000 ms)
 *
 * Everything in the first line may be left out; without `monitor` nothing that runs is asked. Each quoted word list is a group. The last part is compared line by line; a person judges a difference. Commands: `start`
 * `crash` `stop NODE...`, `die NODE...` (the core alone), `reload NODE...`, `run TIME`, `stall NODE TIME`, `cut NODE... | NODE...`, `oneway NODE NODE`, `heal`, `loss PERCENT`,
 * `standby NODE SET`, `takeover NODE SET`, `addnode NODE NAME...`, `delnode NODE NAME...`,
 * `unplug NODE INTERFACE`, `plug NODE INTERFACE` (which node is fit: `carrier=INTERFACE` in the first line),
 * `stuck NODE SCRIPT...` (their stop fails from now on), `break NODE SCRIPT...` (they die now).
 */
import { nodeName } from "../base/units.ts";
import { type ClusterSketch, configure, type SketchedNode } from "./cluster.ts";
import { type TraceLine, World } from "./world.ts";

export interface Story {
  readonly sketch: ClusterSketch;
  readonly seed: number;
  readonly commands: readonly string[];
  readonly expected: readonly string[];
}

export class StoryError extends Error {
  override readonly name = "StoryError";
}

export function parseStory(text: string): Story {
  const parts = text
    .split(/^----$/m)
    .map((part) => part.split("\n").filter((line) => line.trim() !== "" && !/^#/.test(line)));
  const [head = [], commands = [], expected = []] = parts;
  const settings = new Map<string, string>();
  const nodes: SketchedNode[] = [];
  for (const line of head) {
    const [word, ...rest] = line.trim().split(/\s+/);
    if (word === "cluster") {
      for (const pair of rest) settings.set(pair.slice(0, pair.indexOf("=")), pair.slice(pair.indexOf("=") + 1));
    } else if (word === "node" && rest[0] !== undefined) {
      const groups = [...line.matchAll(/"([^"]*)"/g)].map((match) => (match[1] ?? "").split(/\s+/));
      nodes.push({ name: rest[0], groups });
    } else {
      throw new StoryError(`not a line of a story's head: ${line}`);
    }
  }
  const time = (name: string, otherwise: string): number => duration(settings.get(name) ?? otherwise);
  return {
    sketch: {
      nodes,
      keepalive: time("keepalive", "1s"),
      deadtime: time("deadtime", "5s"),
      initdead: time("initdead", "10s"),
      ...(settings.has("monitor")
        ? { monitor: { interval: time("monitor", ""), failuresAllowed: Number(settings.get("failures") ?? "2") } }
        : {}),
      ...(settings.has("carrier") ? { carrier: settings.get("carrier") ?? "" } : {}),
      autoFailback: settings.get("auto_failback") === "off" ? "off" : "on",
      fencing: (settings.get("fencing") ?? "").split(",").filter((name) => name !== ""),
      members: settings.get("members") === "joining" ? "joining" : "declared",
    },
    seed: Number(settings.get("seed") ?? "1"),
    commands: commands.flatMap((line) => line.split(";").map((each) => each.trim())).filter((each) => each !== ""),
    expected: expected.map((line) => line.trimEnd()),
  };
}

/**
 * Plays a story to its end. Throws a StoryError for a command that does not exist, and what the checkers throw. `prepare` may change the world
 * before anything happens in it.
 */
export function playStory(story: Story, prepare: (world: World) => void = () => {}): World {
  const world = new World(
    (self) => configure(story.sketch, self),
    story.sketch.nodes.map((node) => nodeName(node.name)),
    story.seed,
  );
  prepare(world);
  for (const command of story.commands) obey(world, command);
  return world;
}

/** The trace as the last part of a story file shows it. */
export const transcript = (trace: readonly TraceLine[]): string[] =>
  trace.map(({ at, node, text }) => `${(at / 1000).toFixed(2).padStart(7)} ${node.padEnd(5)} ${text}`);

function obey(world: World, command: string): void {
  const [word, ...args] = command.split(/\s+/);
  const [first = "", second = ""] = args;
  switch (word) {
    case "start":
      for (const name of args) world.start(nodeName(name));
      return;
    case "die":
      for (const name of args) world.die(nodeName(name));
      return;
    case "reload":
      for (const name of args) world.reload(nodeName(name));
      return;
    case "crash":
      for (const name of args) world.crash(nodeName(name));
      return;
    case "stop":
      for (const name of args) world.stop(nodeName(name));
      return;
    case "run":
      return world.run(duration(first));
    case "stall":
      return world.stall(nodeName(first), duration(second));
    case "cut": {
      const sides = args.join(" ").split("|");
      return world.partition(...sides.map((side) => side.trim().split(/\s+/).map(nodeName)));
    }
    case "oneway":
      return world.network.cut(nodeName(first), nodeName(second));
    case "heal":
      return world.heal();
    case "loss":
      world.network.faults = { ...world.network.faults, loss: Number(first) / 100 };
      return;
    case "break":
      for (const name of args.slice(1)) world.host(nodeName(first)).breakDown(name);
      return;
    case "unplug":
    case "plug": {
      const { faults } = world.host(nodeName(first));
      const unplugged = new Set(faults.unplugged);
      if (word === "plug") unplugged.delete(second);
      else unplugged.add(second);
      world.host(nodeName(first)).faults = { ...faults, unplugged };
      return;
    }
    case "stuck":
      world.host(nodeName(first)).faults = { ...world.host(nodeName(first)).faults, stuck: new Set(args.slice(1)) };
      return;
    case "device": {
      const { faults } = world.host(nodeName(first));
      const [fenceFails, fenceHangs] = [second === "fails" ? 1 : 0, second === "hangs" ? 1 : 0];
      world.host(nodeName(first)).faults = { ...faults, fenceFails, fenceHangs };
      return;
    }
    case "confirm":
      return world.confirm(nodeName(first), second);
    case "standby":
      return world.control(nodeName(first), `>>>\nt=ask_resources\nrsc_hold=${second}\ninfo=me\n<<<\n`);
    case "takeover":
      return world.control(nodeName(first), `>>>\nt=hb_takeover\nrsc_hold=${second}\n<<<\n`);
    case "addnode":
    case "delnode":
      return world.control(nodeName(first), `>>>\nt=${word}\nnodelist=${args.slice(1).join(" ")}\n<<<\n`);
    default:
      throw new StoryError(`not a command of a story: ${command}`);
  }
}

function duration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s)$/.exec(text);
  if (match === null) throw new StoryError(`not a length of time: ${text} (write 500ms or 5s)`);
  return Number(match[1]) * (match[2] === "s" ? 1000 : 1);
}
