/** Beside an original: what goes home to it, and when. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant, type NodeName, seq } from "../../../src/base/units.ts";
import { surrenderAfterMove } from "../../../src/core/limits.ts";
import type { TakeoverInput } from "../../../src/core/takeover/language.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import type { UnitId } from "../../../src/core/takeover/units.ts";
import type { HoldWord } from "../../../src/core/view.ts";

/** In a cluster without groups the empty share of each node is called like the node. */
const fox = "fox" as NodeName & UnitId;
const owl = "owl" as NodeName & UnitId;
type Anew = "restarted" | "returned";

/** Owl is ours, fox an original. */
class Beside {
  readonly node = new Takeover({ self: owl, nodes: [fox, owl], autoFailback: true, version: "4" });
  #number = 0;
  #now = 0;

  /** So far has fox counted. */
  skip(number: number): void {
    this.#number = number;
  }

  /** In short words. */
  feed(input: TakeoverInput): string[] {
    return this.node.step(input, instant(this.#now)).flatMap((output) => {
      if (output.is === "release" || output.is === "acquire") return [`${output.is} ${output.unit}`];
      if (output.is === "say" && output.message.say === "ask-resources")
        return [`${output.message.info} ${output.message.set}`];
      return [];
    });
  }
  status(anew?: Anew, active = true, unheard?: number): string[] {
    const seqOf = seq(++this.#number);
    const said = { ...(anew === undefined ? {} : { anew }), ...(unheard === undefined ? {} : { unheard }) };
    return this.feed({ on: "peer-status", node: fox, seq: seqOf, active, state: undefined, ...said });
  }
  report(held: HoldWord, stable = true, info?: string): string[] {
    return this.feed({ on: "resource", from: fox, seq: seq(++this.#number), held, full: true, stable, info });
  }
  ask(info: "me" | "other" | "done", set: HoldWord): string[] {
    return this.feed({ on: "ask-resources", from: fox, seq: seq(++this.#number), set, info });
  }
  up(unit: UnitId, ok = true): string[] {
    return this.feed({ on: "unit-up", unit, ok });
  }
  down(unit: UnitId): string[] {
    return this.feed({ on: "unit-down", unit, clean: true });
  }
  pass(ms: number): string[] {
    this.#now += ms;
    return this.feed({ on: "deadline" });
  }

  /** Each runs its own, then fox goes stand-by. Up to the moment in which we have started what it gives. */
  standBy(ok = true): void {
    this.status();
    this.feed({ on: "comm-up" });
    this.report("local");
    this.up(owl);
    assert.deepEqual(this.ask("me", "local"), ["other local"]);
    this.report("none", false, "standby");
    assert.deepEqual(this.ask("done", "local"), ["acquire fox"]);
    assert.deepEqual(this.up(fox, ok), ["done local"]);
    this.report("none");
  }

  /** Fox was never heard, so both shares run here; on fox, too. */
  apart(): void {
    this.feed({ on: "peer-dead", node: fox });
    assert.deepEqual(this.feed({ on: "comm-up" }), ["acquire fox", "acquire owl"]);
    this.up(fox);
    this.up(owl);
  }

  starts(anew: Anew): string[] {
    return [
      ...this.status(anew, false),
      ...this.status(),
      ...this.feed({ on: "starting", from: fox }),
      ...this.report("none", false),
      ...this.report("none"),
    ];
  }
}

test("what a stand-by gave us stays here as long as its owner does", () => {
  const pair = new Beside();
  pair.standBy();
  assert.deepEqual([...pair.report("none", false), ...pair.report("none"), ...pair.pass(60_000)], []);
});

test("what a stand-by gave us goes home when its owner has left and is back", () => {
  const pair = new Beside();
  pair.standBy();
  pair.report("none", false, "shutdown");
  pair.feed({ on: "shutdown-done", from: fox, seq: seq(1000) });
  pair.feed({ on: "peer-dead", node: fox });
  assert.deepEqual(pair.starts("restarted"), ["me foreign"]);
});

test("and when its owner has died and is back", () => {
  const pair = new Beside();
  pair.standBy();
  pair.feed({ on: "peer-dead", node: fox });
  assert.deepEqual(pair.starts("restarted"), ["me foreign"]);
});

test("an original that came up unheard can go stand-by, though it never says that it is through its start", () => {
  const pair = new Beside();
  pair.apart();
  pair.status();
  assert.deepEqual(pair.ask("me", "foreign"), ["other foreign"]);
});

test("what both run after that goes home once the original has ended a move, and not before", () => {
  const pair = new Beside();
  pair.apart();
  pair.status();
  assert.deepEqual([...pair.report("all"), ...pair.pass(60_000)], []);
  pair.ask("me", "foreign");
  pair.report("local", false, "standby");
  assert.deepEqual(pair.ask("done", "foreign"), ["done foreign"], "it runs here already");
  assert.deepEqual(pair.report("local"), ["me foreign"]);
  assert.deepEqual(pair.ask("other", "foreign"), ["release fox"]);
  assert.deepEqual(pair.down(fox), ["done foreign"]);
});

test("what both run after a cut does not go to an original that is about to start anew", () => {
  const pair = new Beside();
  pair.standBy();
  pair.feed({ on: "peer-dead", node: fox });
  pair.status("returned");
  assert.deepEqual([...pair.report("all"), ...pair.pass(1000)], []);
});

test("nor when its take-over is reported late: that it has taken something is no word of a move that has ended", () => {
  const pair = new Beside();
  pair.standBy();
  pair.feed({ on: "peer-dead", node: fox });
  pair.skip(100); // it went on sending
  pair.status("returned", true, 90);
  const late = { on: "resource", from: fox, seq: seq(200), held: "foreign", full: false, stable: undefined } as const;
  pair.feed({ ...late, info: "mach_down" });
  pair.skip(200);
  assert.deepEqual([...pair.report("all"), ...pair.pass(1000)], []);
});

test("nor when that gives back first what it took in the cut: it starts anew all the same", () => {
  const pair = new Beside();
  pair.standBy();
  pair.feed({ on: "peer-dead", node: fox });
  pair.skip(100); // it went on sending
  pair.status("returned", true, 90);
  pair.report("all");
  assert.deepEqual(pair.ask("me", "foreign"), ["other foreign"]);
  pair.report("local", false, "standby");
  assert.deepEqual(pair.ask("done", "foreign"), ["done foreign"], "it runs here already");
  assert.deepEqual(pair.report("local"), []);
  pair.report("none", false, "shutdown");
  pair.feed({ on: "shutdown-done", from: fox, seq: seq(400) });
  assert.equal(pair.node.word, "all", "without an interruption");
  pair.feed({ on: "peer-dead", node: fox });
  assert.deepEqual(pair.starts("restarted"), ["me foreign"], "now it is through");
});

test("should it stay, its share is not on both for longer than five seconds, and is not offered but let go", () => {
  const pair = new Beside();
  pair.standBy();
  pair.feed({ on: "peer-dead", node: fox });
  pair.skip(100);
  pair.status("returned", true, 90);
  pair.report("none", false);
  assert.deepEqual([...pair.report("local"), ...pair.pass(4999)], []);
  assert.deepEqual(pair.pass(1), ["release fox"]);
});

test("what does not start after a stand-by goes home, as often as it is moved", () => {
  const pair = new Beside();
  pair.standBy(false);
  for (let again = 0; again < 2; again++) {
    assert.deepEqual(pair.pass(surrenderAfterMove), ["me foreign"]);
    assert.deepEqual(pair.ask("other", "foreign"), ["done foreign"]);
    pair.ask("done", "foreign");
    pair.report("local");
    assert.deepEqual(pair.pass(60_000), [], "it is at home");
    assert.deepEqual(pair.ask("me", "local"), ["other local"]);
    pair.report("none", false, "standby");
    assert.deepEqual(pair.ask("done", "local"), ["acquire fox"]);
    pair.up(fox, false);
    pair.report("none");
  }
});

test("what does not start after its owner's death stays down", () => {
  const alone = new Beside();
  alone.feed({ on: "peer-dead", node: fox });
  alone.feed({ on: "comm-up" });
  alone.up(owl);
  assert.deepEqual([...alone.up(fox, false), ...alone.pass(60_000)], []);
});
