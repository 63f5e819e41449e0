/** Beside an original that is heard again after it was held dead. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant, milliseconds, type NodeName, seq } from "../../../src/base/units.ts";
import type { TakeoverInput } from "../../../src/core/takeover/language.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import type { UnitId } from "../../../src/core/takeover/units.ts";
import type { HoldWord } from "../../../src/core/view.ts";

const fox = "fox" as NodeName & UnitId;
const owl = "owl" as NodeName & UnitId;

/** Fox is ours and runs both shares, because owl, an original, was dead; now owl is heard again and says that it holds `held`. `unheard`: so many messages of it were lost. */
function returns(held: HoldWord, unheard = 0, deadtime = 10_000) {
  const node = new Takeover({
    self: fox,
    nodes: [fox, owl],
    autoFailback: true,
    version: "4",
    pings: () => 0,
    deadtime: milliseconds(deadtime),
    keepalive: milliseconds(1000),
  });
  let number = 500; // it has been running for a while
  const feed = (at: number, input: TakeoverInput): string[] =>
    node.step(input, instant(at)).flatMap((output) => {
      if (output.is === "acquire" || (output.is === "release" && output.urgent)) return [`${output.is} ${output.unit}`];
      if (output.is !== "say" || output.message.say !== "resource") return [];
      return [`${output.message.held} ${output.message.stable ? "stable" : "unstable"}`];
    });
  const status = (anew?: "returned"): TakeoverInput => ({
    on: "peer-status",
    node: owl,
    seq: seq(++number),
    active: true,
    state: undefined,
    ...(anew === undefined ? {} : { anew, unheard }),
  });
  const report = (word: HoldWord, script?: "mach_down"): TakeoverInput => ({
    on: "resource",
    from: owl,
    seq: seq(++number),
    held: word,
    full: script === undefined,
    stable: script === undefined ? true : undefined,
    info: script,
  });
  feed(0, status());
  feed(0, { on: "comm-up" });
  feed(0, report("local"));
  feed(0, { on: "unit-up", unit: fox, ok: true });
  feed(5000, { on: "peer-dead", node: owl });
  feed(5100, { on: "unit-up", unit: owl, ok: true });
  feed(6000, status("returned"));
  feed(6100, report(held));
  return { feed, report };
}

test("what it still claims after five seconds is given up here, addresses first", () => {
  const { feed } = returns("all");
  assert.deepEqual(feed(10_999, { on: "deadline" }), []);
  assert.ok(feed(11_000, { on: "deadline" }).includes("release fox"));
});

test("one that slept says that it has just taken over: what it claims is given up at once, in whatever order its scripts report", () => {
  const whole = returns("all");
  assert.deepEqual(whole.feed(6200, whole.report("foreign", "mach_down")), [
    "release fox",
    "release owl",
    "none unstable",
  ]);
  const piecewise = returns("none");
  assert.deepEqual(piecewise.feed(6200, piecewise.report("foreign", "mach_down")), ["release fox", "foreign unstable"]);
  assert.deepEqual(piecewise.feed(6300, piecewise.report("all")), ["release owl", "none unstable"]);
});

test("one that went on sending did not sleep: the cut was short, and its take-over ends when it starts anew", () => {
  const { feed, report } = returns("all", 12);
  const meanwhile = [...feed(6200, report("foreign", "mach_down")), ...feed(6300, report("all"))];
  assert.ok(!meanwhile.some((each) => each.startsWith("release")), meanwhile.join(", "));
  assert.ok(feed(11_000, { on: "deadline" }).includes("release fox"), "should it not");
});

test("one lost message is no cut, if the dead time has room for three heartbeats; two are", () => {
  const releases = (unheard: number, deadtime: number): boolean => {
    const { feed, report } = returns("all", unheard, deadtime);
    return feed(6200, report("foreign", "mach_down")).includes("release fox");
  };
  assert.deepEqual([releases(0, 3000), releases(1, 3000), releases(2, 3000)], [true, true, false]);
  assert.deepEqual([releases(0, 2100), releases(1, 2100), releases(2, 2100)], [true, false, false]);
});

test("we call ourselves stable again when all is down, so that an original with auto_failback gives our share back", () => {
  const { feed, report } = returns("all");
  feed(6200, report("foreign", "mach_down"));
  assert.deepEqual(feed(6300, { on: "unit-down", unit: fox, clean: true }), []);
  assert.deepEqual(feed(6400, { on: "unit-down", unit: owl, clean: true }), ["none stable"]);
  const asks = (info: string): TakeoverInput => ({
    on: "ask-resources",
    from: owl,
    seq: seq(600),
    set: "foreign",
    info,
  });
  feed(6600, asks("me"));
  assert.deepEqual(feed(6900, asks("done")), ["acquire fox"]);
});

test("the report of a take-over that comes later is not about its return", () => {
  const { feed, report } = returns("none");
  feed(11_000, { on: "deadline" });
  const later = [...feed(12_000, report("foreign", "mach_down")), ...feed(20_000, { on: "deadline" })];
  assert.ok(!later.some((each) => each.startsWith("release")));
});

test("what it has given up by then stays here", () => {
  const { feed } = returns("none");
  assert.deepEqual(feed(11_000, { on: "deadline" }), []);
});

test("a process that has ended meanwhile claims nothing", () => {
  const { feed } = returns("all");
  feed(8000, { on: "peer-dead", node: owl });
  assert.deepEqual(feed(11_000, { on: "deadline" }), []);
});
