/**
 * One seed makes one world: cluster size, timings, groups and a storm of faults. The storm passes, the cluster must be whole.
 *
 * During the storm nodes crash and start, stop in good order, freeze, are cut from each other in one or both directions, and
 * the network loses and doubles what it carries. Then everything is repaired, and after a bounded time each group must run on
 * exactly one node.
 */
import { Prng } from "../base/prng.ts";
import { type NodeName, nodeName } from "../base/units.ts";
import { type ClusterSketch, configure } from "./cluster.ts";
import { calm } from "./network.ts";
import { World } from "./world.ts";

export interface SwarmOptions {
  readonly nodes: number;
  /** Milliseconds of storm. */
  readonly storm: number;
}

const names = ["fox", "owl", "elk"];

export function swarm(seed: number, { nodes, storm }: SwarmOptions): World {
  const prng = new Prng(seed);
  const keepalive = prng.pick([100, 250, 1000]) ?? 1000;
  const deadtime = keepalive * prng.integer(4, 12);
  const sketch: ClusterSketch = {
    keepalive,
    deadtime,
    initdead: deadtime * prng.integer(1, 3),
    autoFailback: prng.chance(0.7) ? "on" : "off",
    nodes: names.slice(0, nodes).map((name, i) => ({
      name,
      groups: Array.from({ length: prng.integer(0, 2) }, (_, g) => [`10.0.${i}.${g + 1}`, `${name}-web::${g}`]),
    })),
  };
  const members = sketch.nodes.map((node) => nodeName(node.name));
  const world = new World((self) => configure(sketch, self), members, prng.integer(0, 2 ** 31));
  for (const member of members) world.start(member);
  while (world.now < storm) {
    world.run(prng.integer(1, 3 * deadtime));
    strike(world, members, deadtime, prng);
  }
  repair(world, members);
  world.run(20 * deadtime + 60_000);
  return world;
}

function strike(world: World, members: readonly NodeName[], deadtime: number, prng: Prng): void {
  const victim = prng.pick(members);
  const other = prng.pick(members);
  if (victim === undefined || other === undefined) return;
  switch (prng.integer(0, 8)) {
    case 0:
      return world.crash(victim);
    case 1:
    case 2:
      for (const member of members) world.start(member);
      return;
    case 3:
      return world.stop(victim);
    case 4:
      return world.stall(victim, prng.integer(1, 2 * deadtime));
    case 5:
      return world.partition(
        [victim],
        members.filter((member) => member !== victim),
      );
    case 6:
      if (victim !== other) world.network.cut(victim, other);
      return;
    case 7:
      return world.heal();
    default:
      world.network.faults = prng.chance(0.5)
        ? { ...calm }
        : { loss: prng.next() * 0.2, duplicate: prng.next() * 0.2, minDelay: 0.1, maxDelay: prng.integer(1, 30) };
  }
}

function repair(world: World, members: readonly NodeName[]): void {
  world.heal();
  world.network.faults = { ...calm };
  world.run(60_000); // whoever was asked to stop has stopped
  for (const member of members) world.start(member);
}
