/**
 * One seed makes one world: cluster size, timings, groups and a storm of faults. The storm passes, the cluster must be whole.
 *
 * During the storm nodes crash and start, some within the dead time, stop in good order, freeze, are cut from each other in one
 * or both directions; scripts fail to start or are slow, addresses cannot be added, operators ask for stand-by and take-over, move
 * groups and put the cluster into maintenance, the network loses and doubles what it carries, and often several of these happen at once. Then everything is repaired, and after a bounded time each group must run on
 * exactly one node.
 */
import { Prng } from "../base/prng.ts";
import { type NodeName, nodeName } from "../base/units.ts";
import { type ClusterSketch, configure } from "./cluster.ts";
import { reliable } from "./host.ts";
import { calm } from "./network.ts";
import { World } from "./world.ts";

export interface SwarmOptions {
  readonly nodes: number;
  /** Milliseconds of storm. */
  readonly storm: number;
  /** Every node has a fencing device, which may fail, hang, or strike later than it says. */
  readonly fencing?: boolean;
  /** What runs is asked, dies, and is said to be dead; in half of the worlds a node without its cable is unfit. */
  readonly monitored?: boolean;
}

const sets = ["all", "local", "foreign", "none", "failback", "rubbish"];
const names = ["fox", "owl", "elk", "cat", "emu"];

export function swarm(seed: number, { nodes, storm, fencing = false, monitored = false }: SwarmOptions): World {
  const prng = new Prng(seed);
  const keepalive = prng.pick([100, 250, 1000]) ?? 1000;
  const deadtime = keepalive * prng.integer(4, 12);
  const sketch: ClusterSketch = {
    keepalive,
    deadtime,
    initdead: deadtime * prng.integer(1, 3),
    autoFailback: prng.chance(0.7) ? "on" : "off",
    fencing: fencing ? names.slice(0, nodes) : [],
    ...(monitored ? watching(prng) : {}),
    nodes: names.slice(0, nodes).map((name, i) => ({
      name,
      groups: Array.from({ length: prng.integer(0, 3) }, (_, g) =>
        prng.chance(0.4) ? [`10.0.${i}.${g + 1}`] : [`10.0.${i}.${g + 1}`, `${name}-web::${g}`],
      ),
    })),
  };
  const members = sketch.nodes.map((node) => nodeName(node.name));
  const world = new World((self) => configure(sketch, self), members, prng.integer(0, 2 ** 31));
  for (const member of members) world.start(member);
  while (world.now < storm) {
    world.run(prng.integer(1, 3 * deadtime));
    for (let strikes = prng.pick([1, 1, 2, 3]) ?? 1; strikes > 0; strikes--) strike(world, members, deadtime, prng);
    if (fencing && prng.chance(0.3)) troubleDevice(world, members, prng);
    if (monitored) troubleServices(world, members, prng);
  }
  repair(world, members);
  const isWell = (): boolean => world.unconverged().length === 0;
  comeToRest(world, deadtime, isWell);
  if (sketch.monitor !== undefined && failForGood(world, members, sketch.monitor, prng))
    comeToRest(world, deadtime, isWell);
  return world;
}

/** Milliseconds after the end of all faults within which every group runs on exactly one node. */
const convergenceMax = (deadtime: number): number => 20 * deadtime + 60_000;

/** Once all is well it must stay so for a while; the rest of the time that it may take shows nothing new. */
export function comeToRest(world: World, deadtime: number, isWell: () => boolean): void {
  // A device that lied before the repair may still strike, and what it switched off comes back: the last of the faults.
  const faultsMax = world.now + convergenceMax(deadtime);
  while (world.powerCyclesDue > 0 && world.now < faultsMax) world.run(deadtime);
  const end = world.now + convergenceMax(deadtime);
  while ((!isWell() || world.powerCyclesDue > 0) && world.now < end) world.run(deadtime);
  world.run(5 * deadtime + 5000);
}

const phantoms = ["gnu", "hen", "ibis"];

/** As `swarm`, of nodes that join by themselves while others are added and deleted by hand; at the end all must know each other. */
export function joiningSwarm(seed: number, { nodes, storm }: SwarmOptions): World {
  const prng = new Prng(seed);
  const keepalive = prng.pick([100, 250, 1000]) ?? 1000;
  const deadtime = keepalive * prng.integer(4, 12);
  const initdead = deadtime * prng.integer(1, 3);
  const sketched = names.slice(0, nodes).map((name) => ({ name, groups: [] }));
  const sketch = { keepalive, deadtime, initdead, autoFailback: "on", members: "joining", nodes: sketched } as const;
  const members = sketched.map(({ name }) => nodeName(name));
  const world = new World((self) => configure(sketch, self), members, prng.integer(0, 2 ** 31));
  for (const member of members) world.start(member);
  while (world.now < storm) {
    world.run(prng.integer(1, 3 * deadtime));
    for (let strikes = prng.pick([1, 1, 2, 3]) ?? 1; strikes > 0; strikes--) {
      const on = prng.pick(members);
      if (on === undefined || prng.chance(0.6)) {
        strike(world, members, deadtime, prng);
        continue;
      }
      const order = prng.chance(0.5) ? "addnode" : "delnode";
      const name = prng.pick([...phantoms, ...members]);
      world.control(on, `>>>\nt=${order}\nnodelist=${name}\n<<<\n`);
    }
  }
  repair(world, members);
  comeToRest(world, deadtime, () => world.strangers().length === 0);
  return world;
}

function strike(world: World, members: readonly NodeName[], deadtime: number, prng: Prng): void {
  const victim = prng.pick(members);
  const other = prng.pick(members);
  if (victim === undefined || other === undefined) return;
  switch (prng.integer(0, 17)) {
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
    case 8:
      world.crash(victim);
      world.run(prng.integer(0, Math.floor(deadtime / 2)));
      return world.start(victim);
    case 9:
    case 10:
      return world.control(victim, `>>>\nt=ask_resources\nrsc_hold=${prng.pick(sets)}\ninfo=me\n<<<\n`);
    case 11:
      return world.control(victim, `>>>\nt=hb_takeover\nrsc_hold=${prng.pick(sets)}\n<<<\n`);
    case 12: {
      // A start that is undone takes three of them: less than the checker grants for settling after a cut.
      const slow = prng.chance(0.3) ? 600 : reliable.maxScript;
      const { faults } = world.host(victim);
      world.host(victim).faults = { ...faults, startFails: prng.chance(0.3) ? 0.3 : 0, maxScript: slow };
      return;
    }
    case 13:
    case 14: {
      const group = prng.pick(world.groups());
      if (group === undefined) return;
      const to = prng.chance(0.7) ? other : undefined;
      return world.order(victim, { do: "move", group, to });
    }
    case 15:
      return world.order(victim, { do: "cleanup", group: undefined });
    case 16:
      return world.order(victim, { do: "maintenance", on: prng.chance(0.3) });
    default:
      world.network.faults = prng.chance(0.5)
        ? { ...calm }
        : { loss: prng.next() * 0.2, duplicate: prng.next() * 0.2, minDelay: 0.1, maxDelay: prng.integer(1, 30) };
  }
}

function troubleDevice(world: World, members: readonly NodeName[], prng: Prng): void {
  const owner = prng.pick(members);
  if (owner === undefined) return;
  const host = world.host(owner);
  const chance = (): number => (prng.chance(0.5) ? prng.next() : 0);
  host.faults = { ...host.faults, fenceFails: chance(), fenceHangs: chance(), fenceLies: chance() };
}

const cable = "eth1";

const watching = (prng: Prng): Pick<ClusterSketch, "monitor" | "carrier"> => ({
  monitor: { interval: prng.pick([500, 1000, 5000, 20_000]) ?? 1000, failuresAllowed: prng.integer(0, 3) },
  ...(prng.chance(0.5) ? { carrier: cable } : {}),
});

/** Services die, their scripts say what is not so or hang, cables come out. */
function troubleServices(world: World, members: readonly NodeName[], prng: Prng): void {
  const on = prng.pick(members);
  if (on === undefined) return;
  const host = world.host(on);
  const dies = prng.pick([...host.active]);
  if (dies !== undefined && prng.chance(0.6)) host.breakDown(dies);
  const chance = (): number => (prng.chance(0.3) ? prng.next() * 0.3 : 0);
  const unplugged = new Set(prng.chance(0.3) ? [cable] : []);
  host.faults = { ...host.faults, statusLies: chance(), statusHangs: chance(), unplugged };
}

/** Milliseconds that a status may take (monitor-plan.ts). */
const questionMax = 10_000;

/** One service dies more often than is answered by a restart: its group must move. False: none runs. */
function failForGood(
  world: World,
  members: readonly NodeName[],
  { interval, failuresAllowed }: NonNullable<ClusterSketch["monitor"]>,
  prng: Prng,
): boolean {
  const services = members.flatMap((on) =>
    [...world.host(on).active].filter((name) => name.includes("::")).map((name) => ({ on, name })),
  );
  const victim = prng.pick(services);
  if (victim === undefined) return false;
  // A status that was asked before the repair may hang till after it, and its group would have nowhere to go.
  world.run(questionMax);
  for (const member of members) world.order(member, { do: "cleanup", group: undefined });
  for (let failures = 0; failures <= failuresAllowed; failures++) {
    world.host(victim.on).breakDown(victim.name);
    world.run(2 * interval + 1000);
  }
  return true;
}

/** Ends every fault, starts what is down, and forgives what did not start. */
export function repair(world: World, members: readonly NodeName[]): void {
  world.heal();
  world.network.faults = { ...calm };
  for (const member of members) world.host(member).faults = { ...reliable };
  const end = world.now + 60_000; // whoever was asked to stop has stopped by then
  while (world.now < end && members.some((member) => world.isLeaving(member))) world.run(1000);
  for (const member of members) world.start(member);
  world.run(2000);
  // Somebody who may have kept maintenance on through the storm ends it, and forgives what did not start.
  for (const member of members) world.order(member, { do: "maintenance", on: false });
  for (const member of members) world.order(member, { do: "cleanup", group: undefined });
}
