/** An original on the wire that was held dead and is heard again: by the numbers of its messages a whole node tells one that slept from one that was cut off. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName, nodeName } from "../../src/base/units.ts";
import type { Input } from "../../src/core/input.ts";
import { Node } from "../../src/core/node.ts";
import { configure } from "../../src/sim/cluster.ts";
import { sealDatagram } from "../../src/wire/framing.ts";
import { text } from "../../src/wire/message.ts";

/** Fox is ours, owl an original. */
class Pair {
  readonly #config;
  readonly #node;
  #now = 0;
  #number = 0;

  constructor(deadtime: number) {
    const nodes = ["fox", "owl"].map((name) => ({ name, groups: [] }));
    const times = { keepalive: 1000, deadtime, initdead: 10_000 };
    this.#config = configure({ nodes, ...times, autoFailback: "on" }, nodeName("fox"));
    this.#node = new Node({
      config: this.#config,
      identity: { uuid: new Uint8Array(16).fill(1), generation: generation(1) },
      seed: 1,
      version: "4",
      pid: 1,
    });
    this.step({ on: "start" });
    for (let second = 0; second < 12; second++) {
      this.status();
      if (second === 2) this.says({ t: "resource", rsc_hold: "local", rtype: "full", isstable: "1" });
      this.pass(1000);
    }
  }

  /** What it says of a share that is up twice, and of deaths. */
  step(input: Input): string[] {
    return this.#node
      .step(input, { instant: instant(this.#now), wallSeconds: 1_700_000_000, load: "n/a" })
      .flatMap((effect) =>
        effect.do === "log" && /held twice|is dead|returning/.test(effect.text) ? [effect.text] : [],
      );
  }
  says(fields: Readonly<Record<string, string>>): string[] {
    const common = { src: "owl", seq: (++this.#number).toString(16), hg: "1", ts: "1" };
    const words = Object.entries({ ...fields, ...common }).map(([name, value]) => text(name, value));
    const sealed = sealDatagram(words, this.#config.keys, "netstring");
    assert.ok(sealed.ok);
    return this.step({ on: "datagram", medium: mediumName("eth0"), bytes: sealed.value });
  }
  status = () => this.says({ t: "status", st: "active", dt: this.#config.deadtime.toString(16), protocol: "1" });
  /** What the take-over of one that held us dead says, by several of its processes. */
  tookOver = () => [
    ...this.says({ t: "stonith", node: "fox", result: "n_stnth" }),
    ...this.says({ t: "resource", rsc_hold: "all", rtype: "full", isstable: "1", info: "req_our_resources()" }),
    ...this.says({ t: "resource", rsc_hold: "foreign", info: "mach_down" }),
  ];
  lose(messages: number): void {
    this.#number += messages;
  }
  pass(ms: number): string[] {
    const end = this.#now + ms;
    const said: string[] = [];
    for (; this.#now < end; this.#now += 50) said.push(...this.step({ on: "deadline" }));
    return said;
  }
}

const twice = (said: readonly string[]): number => said.filter((line) => line.includes("held twice")).length;

for (const deadtime of [2100, 3000, 10_000]) {
  test(`deadtime ${deadtime}: one that slept goes on with the next number, whatever it says first; what it took is given up at once`, () => {
    const pair = new Pair(deadtime);
    assert.deepEqual(pair.pass(deadtime + 1000), [`node owl: is dead (silent for ${deadtime} ms)`]);
    assert.equal(twice(pair.tookOver()), 0, "a node that is held dead may say what it wants");
    const said = [...pair.status(), ...pair.tookOver()];
    assert.match(said[0] ?? "", /^Cluster node owl returning after partition/);
    assert.equal(twice(said), 2, "both shares");
  });

  test(`deadtime ${deadtime}: one that was cut off for just so long is waited for`, () => {
    const pair = new Pair(deadtime);
    const lost = Math.ceil(deadtime / 1000) - 1;
    pair.lose(lost);
    assert.deepEqual(pair.pass(deadtime + 100), [`node owl: is dead (silent for ${deadtime} ms)`]);
    const said = [...pair.status(), ...pair.tookOver(), ...pair.status()];
    assert.match(said[0] ?? "", /^Cluster node owl returning after partition/);
    assert.equal(twice([...said, ...pair.pass(2000)]), 0);
  });
}
