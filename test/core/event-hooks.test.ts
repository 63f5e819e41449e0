import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../src/base/units.ts";
import { Journal } from "../../src/core/journal.ts";
import { Notices } from "../../src/core/notices.ts";
import { Rejects } from "../../src/core/rejects.ts";
import { StepEffects } from "../../src/core/step-effects.ts";

function effectsOf(hooks: string | undefined) {
  const effects = new StepEffects(new Journal(0), new Rejects(), new Notices(new Set(), false), hooks);
  effects.begin({ instant: instant(0), wallSeconds: 1_700_000_000, load: "n/a" });
  effects.event("node-dead", "warn", "node owl: is dead", "silent for 5000 ms");
  effects.log("late-heartbeat", "error", "a line that is no event");
  effects.push({ do: "open-clients" });
  return effects.end();
}

test("events go to whoever wants them, after everything that was decided; mere log lines do not", () => {
  const effects = effectsOf("fox");
  assert.deepEqual(
    effects.map((effect) => effect.do),
    ["log", "log", "open-clients", "tell-event"],
  );
  assert.deepEqual(effects.at(-1), {
    do: "tell-event",
    name: "node-dead",
    event: { node: "fox", at: 1_700_000_000, level: "warn", text: "node owl: is dead", because: "silent for 5000 ms" },
  });
});

test("where nobody wants them nothing is sent to anybody", () => {
  assert.deepEqual(
    effectsOf(undefined).map((effect) => effect.do),
    ["log", "log", "open-clients"],
  );
});
