/** Beside an original that is heard again after it was held dead. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant, type NodeName, seq } from "../../../src/base/units.ts";
import type { TakeoverInput } from "../../../src/core/takeover/language.ts";
import { Takeover } from "../../../src/core/takeover/takeover.ts";
import type { UnitId } from "../../../src/core/takeover/units.ts";
import type { HoldWord } from "../../../src/core/view.ts";

const fox = "fox" as NodeName & UnitId;
const owl = "owl" as NodeName & UnitId;

/** Fox is ours and runs both shares, because owl, an original, was dead; now owl is heard again and says that it holds `held`. */
function returns(held: HoldWord) {
  const node = new Takeover({ self: fox, nodes: [fox, owl], autoFailback: true, version: "4", pings: () => 0 });
  let number = 0;
  const feed = (at: number, input: TakeoverInput): string[] =>
    node
      .step(input, instant(at))
      .flatMap((output) =>
        output.is === "acquire" || (output.is === "release" && output.urgent) ? [`${output.is} ${output.unit}`] : [],
      );
  const status = (anew?: "returned"): TakeoverInput => ({
    on: "peer-status",
    node: owl,
    seq: seq(++number),
    active: true,
    state: undefined,
    ...(anew === undefined ? {} : { anew }),
  });
  const report = (word: HoldWord): TakeoverInput => ({
    on: "resource",
    from: owl,
    seq: seq(++number),
    held: word,
    full: true,
    stable: true,
    info: undefined,
  });
  feed(0, status());
  feed(0, { on: "comm-up" });
  feed(0, report("local"));
  feed(0, { on: "unit-up", unit: fox, ok: true });
  feed(5000, { on: "peer-dead", node: owl });
  feed(5100, { on: "unit-up", unit: owl, ok: true });
  feed(6000, status("returned"));
  feed(6100, report(held));
  return feed;
}

test("what it still claims after five seconds is given up here, addresses first", () => {
  const feed = returns("all");
  assert.deepEqual(feed(10_999, { on: "deadline" }), []);
  assert.ok(feed(11_000, { on: "deadline" }).includes("release fox"));
});

test("what it has given up by then stays here", () => {
  const feed = returns("none");
  assert.deepEqual(feed(11_000, { on: "deadline" }), []);
});

test("a process that has ended meanwhile claims nothing", () => {
  const feed = returns("all");
  feed(8000, { on: "peer-dead", node: owl });
  assert.deepEqual(feed(11_000, { on: "deadline" }), []);
});
