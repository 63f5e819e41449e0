/** Nodes in a ring of serial lines: all hear all, nothing goes round for ever, and a cut line leaves them together. */
import assert from "node:assert/strict";
import test from "node:test";
import { generation, instant, mediumName, nodeName } from "../../../src/base/units.ts";
import type { Effect } from "../../../src/core/effect.ts";
import type { Input } from "../../../src/core/input.ts";
import { Node } from "../../../src/core/node.ts";
import { configure } from "../../../src/sim/cluster.ts";
import { textOf } from "../../../src/wire/bytes.ts";

const left = mediumName("/dev/ttyS0");
const right = mediumName("/dev/ttyS1");
const lineDelay = 5;

class SerialRing {
  readonly names: readonly ReturnType<typeof nodeName>[];
  /** What a line does with a text: true loses it. The line's number is that of the node at its left end. */
  loses: (line: number, text: string) => boolean = () => false;
  written = 0;
  readonly logged: string[] = [];
  #now = 0;
  readonly #nodes: Node[];
  #underway: { readonly at: number; readonly to: number; readonly input: Input }[] = [];

  constructor(size: number) {
    this.names = Array.from({ length: size }, (_, i) => nodeName(`node${i}`));
    const sketch = {
      nodes: this.names.map((name) => ({ name, groups: [] })),
      keepalive: 500,
      deadtime: 3000,
      initdead: 6000,
      autoFailback: "on",
    } as const;
    this.#nodes = this.names.map((name, i) => {
      const lines = [left, right].map((line) => ({ kind: "serial", name: line, device: line, baud: 115_200 }) as const);
      const config = { ...configure(sketch, name), media: lines };
      const identity = { uuid: new Uint8Array(16).fill(i + 1), generation: generation(1) };
      return new Node({ config, identity, seed: i + 1, version: "4.0.0-test", pid: 1 });
    });
    for (const i of this.#nodes.keys()) this.#step(i, { on: "start" });
  }

  run(duration: number): void {
    const end = this.#now + duration;
    for (;;) {
      const deadlines = this.#nodes.map((node) => node.nextDeadline() ?? Number.POSITIVE_INFINITY);
      const next = this.#underway.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
      const at = Math.min(next, ...deadlines);
      if (at > end) break;
      this.#now = Math.max(this.#now, at);
      const arrived = this.#underway.filter((each) => each.at <= this.#now);
      this.#underway = this.#underway.filter((each) => each.at > this.#now);
      for (const { to, input } of arrived) this.#step(to, input);
      if (arrived.length === 0) this.#step(deadlines.indexOf(at), { on: "deadline" });
    }
    this.#now = end;
  }

  /** What each node sees of each other, in one word if they agree. */
  get seen(): string {
    const now = { instant: instant(this.#now), wallSeconds: 1_700_000_000, load: "n/a" };
    const words = this.#nodes.flatMap((node, i) =>
      node.view(now).nodes.flatMap(({ name, status }) => (name === this.names[i] ? [] : [status])),
    );
    return [...new Set(words)].join(" ");
  }

  #step(i: number, input: Input): void {
    const now = { instant: instant(this.#now), wallSeconds: 1_700_000_000, load: "n/a" };
    for (const effect of this.#nodes[i]?.step(input, now) ?? []) this.#perform(i, effect);
  }

  #perform(i: number, effect: Effect): void {
    if (effect.do === "log") this.logged.push(effect.text);
    if (effect.do !== "transmit" && effect.do !== "pass-on") return;
    const bytes = effect.text;
    if (bytes === undefined) return;
    const size = this.#nodes.length;
    const write = (line: number, to: number, medium: typeof left): void => {
      this.written++;
      if (this.loses(line, textOf(bytes))) return;
      this.#underway.push({ at: this.#now + lineDelay, to, input: { on: "datagram", medium, bytes } });
    };
    const from = effect.do === "pass-on" ? effect.from : undefined;
    if (from !== right) write(i, (i + 1) % size, left);
    if (from !== left) write((i + size - 1) % size, (i + size - 1) % size, right);
  }
}

test("five nodes in a ring are all active, and what they say goes round once", () => {
  const ring = new SerialRing(5);
  ring.run(15_000);
  assert.equal(ring.seen, "active");
  const before = ring.written;
  ring.run(10_000);
  // 100 statuses and 50 acknowledgements in ten seconds, each on at most twice as many lines as there are.
  assert.ok(ring.written - before < 150 * 10 * 1.1, `${ring.written - before} writes`);
});

test("with one line cut they still hear each other, and what one misses reaches it from afar", () => {
  const ring = new SerialRing(4);
  ring.loses = (line) => line === 3;
  ring.run(15_000);
  assert.equal(ring.seen, "active");
  let lost = 0;
  // Between nodes 2 and 3, every other thing that node 0 says is lost once.
  const unlucky = new Set<string>();
  ring.loses = (line, text) => {
    if (line === 3) return true;
    const key = /\nseq=(\w+)\n/.exec(text)?.[1] ?? "";
    if (line !== 2 || !text.includes("src=node0\n") || !/[13579bdf]$/.test(key) || unlucky.has(key)) return false;
    unlucky.add(key);
    lost++;
    return true;
  };
  ring.run(6000);
  ring.loses = (line) => line === 3;
  ring.run(15_000); // longer than anybody goes on asking
  assert.doesNotMatch(ring.logged.join("\n"), /Irretrievably|node node\d: is dead/);
  assert.ok(lost >= 5, `${lost} lost`);
  assert.equal(ring.seen, "active");
});
