/** A cut ends: nothing is on two nodes for longer than a keepalive and the time that its release takes. */
import assert from "node:assert/strict";
import test from "node:test";
import { Prng } from "../../src/base/prng.ts";
import { type NodeName, nodeName } from "../../src/base/units.ts";
import { configure } from "../../src/sim/cluster.ts";
import { reliable } from "../../src/sim/host.ts";
import { calm } from "../../src/sim/network.ts";
import { World } from "../../src/sim/world.ts";

const names = ["fox", "owl", "elk"];
/** A group of three steps is released one after the other. */
const groups = { fox: [["10.0.0.1"]], owl: [["10.0.1.1", "owl-web::1", "owl-db::1"]] };
const releaseMax = 3 * reliable.maxScript;
/** From one node to the other, and what is between two looks. */
const onTheWay = calm.maxDelay + 1;

/** A cluster that has settled, each group where it belongs. */
function cluster(size: number, keepalive: number, autoFailback: "on" | "off", seed: number) {
  const nodes = names
    .slice(0, size)
    .map((name) => ({ name, groups: name === "fox" ? groups.fox : name === "owl" ? groups.owl : [] }));
  const deadtime = 6 * keepalive;
  const sketch = { nodes, keepalive, deadtime, initdead: deadtime, autoFailback } as const;
  const members = nodes.map(({ name }) => nodeName(name));
  const world = new World((self) => configure(sketch, self), members, seed);
  for (const member of members) world.start(member);
  world.run(3 * deadtime);
  return { world, members, deadtime };
}

const twice = (world: World, members: readonly NodeName[]): string[] => {
  const all = members.flatMap((member) => [...world.host(member).active]);
  return all.filter((each, i) => all.indexOf(each) !== i);
};

for (const size of [2, 3])
  for (const keepalive of [100, 1000])
    for (const autoFailback of ["on", "off"] as const)
      test(`${size} nodes, keepalive ${keepalive} ms, auto_failback ${autoFailback}`, (t) => {
        const prng = new Prng(size + keepalive);
        let longest = 0;
        for (let round = 0; round < 20; round++) {
          const { world, members, deadtime } = cluster(size, keepalive, autoFailback, round);
          const [alone = nodeName("")] = members.slice(round % size);
          world.partition(
            [alone],
            members.filter((member) => member !== alone),
          );
          world.run(2 * deadtime + prng.integer(0, 2 * keepalive));
          assert.ok(twice(world, members).length > 0, "both halves have it");
          const before = members.map((member) => world.view(member)?.generation);
          world.heal();
          const healed = world.now;
          while (twice(world, members).length > 0) {
            world.run(1);
            const passed = world.now - healed;
            assert.ok(passed <= keepalive + releaseMax + onTheWay, `round ${round}: twice for ${passed} ms`);
          }
          longest = Math.max(longest, world.now - healed);
          world.run(10 * keepalive);
          assert.deepEqual(twice(world, members), []);
          assert.deepEqual(world.unconverged(), []);
          assert.deepEqual(
            members.map((member) => world.view(member)?.generation),
            before,
            "nobody started anew",
          );
        }
        t.diagnostic(`the longest took ${longest} ms`);
      });
