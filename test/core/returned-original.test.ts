/** An original on the wire that was held dead and is heard again: by the numbers of its messages a whole node tells one that slept from one that was cut off. */
import assert from "node:assert/strict";
import test from "node:test";
import type { Effect } from "../../src/core/effect.ts";
import { foxBesideOwl, OneNode } from "../support/one-node.ts";

/** Fox is ours, owl an original. */
class Pair {
  readonly #deadtime;
  readonly #fox;
  #number = 0;

  constructor(deadtime: number) {
    this.#deadtime = deadtime;
    this.#fox = new OneNode(foxBesideOwl({ keepalive: 1000, deadtime, initdead: 10_000 }));
    this.#fox.step({ on: "start" });
    for (let second = 0; second < 12; second++) {
      this.status();
      if (second === 2) this.says({ t: "resource", rsc_hold: "local", rtype: "full", isstable: "1" });
      this.pass(1000);
    }
  }

  says(fields: Readonly<Record<string, string>>): string[] {
    const common = { src: "owl", seq: (++this.#number).toString(16), hg: "1", ts: "1" };
    return said(this.#fox.hears({ ...fields, ...common }));
  }
  status = () => this.says({ t: "status", st: "active", dt: this.#deadtime.toString(16), protocol: "1" });
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
    return said(this.#fox.waits(this.#fox.now + ms));
  }
}

/** What fox logs of a share that is up twice, and of deaths. */
const said = (effects: readonly Effect[]): string[] =>
  effects.flatMap((effect) =>
    effect.do === "log" && /held twice|is dead|returning/.test(effect.text) ? [effect.text] : [],
  );

const twice = (lines: readonly string[]): number => lines.filter((line) => line.includes("held twice")).length;

for (const deadtime of [2100, 3000, 10_000]) {
  test(`deadtime ${deadtime}: one that slept goes on with the next number, whatever it says first; what it took is given up at once`, () => {
    const pair = new Pair(deadtime);
    assert.deepEqual(pair.pass(deadtime + 1000), [`node owl: is dead (silent for ${deadtime} ms)`]);
    assert.equal(twice(pair.tookOver()), 0, "a node that is held dead may say what it wants");
    const told = [...pair.status(), ...pair.tookOver()];
    assert.match(told[0] ?? "", /^Cluster node owl returning after partition/);
    assert.equal(twice(told), 2, "both shares");
  });

  test(`deadtime ${deadtime}: one that was cut off for just so long is waited for`, () => {
    const pair = new Pair(deadtime);
    const lost = Math.ceil(deadtime / 1000) - 1;
    pair.lose(lost);
    assert.deepEqual(pair.pass(deadtime + 100), [`node owl: is dead (silent for ${deadtime} ms)`]);
    const told = [...pair.status(), ...pair.tookOver(), ...pair.status()];
    assert.match(told[0] ?? "", /^Cluster node owl returning after partition/);
    assert.equal(twice([...told, ...pair.pass(2000)]), 0);
  });

  test(`deadtime ${deadtime}: what one that slept says before its first heartbeat is believed with that`, () => {
    const pair = new Pair(deadtime);
    pair.pass(deadtime + 1000);
    assert.equal(twice(pair.tookOver()), 0);
    assert.equal(twice(pair.status()), 2, "both shares");
  });

  test(`deadtime ${deadtime}: one that was cut off for just so long, took over as it was heard again, and does not start anew, keeps it`, () => {
    const pair = new Pair(deadtime);
    pair.lose(Math.ceil(deadtime / 1000) - 1);
    pair.pass(deadtime + 100);
    assert.equal(twice([...pair.tookOver(), ...pair.status(), ...pair.pass(900)]), 0);
    const later = Array.from({ length: 5 }, () => [...pair.status(), ...pair.pass(1000)]).flat();
    assert.equal(twice(later), 2, "both shares, once it would have started anew");
  });

  test(`deadtime ${deadtime}: what it said before it was silent, and is heard only then, is not believed`, () => {
    const pair = new Pair(deadtime);
    pair.pass(deadtime + 1000);
    pair.lose(-3);
    pair.tookOver();
    pair.lose(3);
    const later = Array.from({ length: 7 }, () => [...pair.status(), ...pair.pass(1000)]).flat();
    assert.equal(twice(later), 0);
  });
}
