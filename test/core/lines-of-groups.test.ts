/** Lines about one group carry its key, from wherever in the node they come, to the log and to event hooks. */
import assert from "node:assert/strict";
import test from "node:test";
import { instant } from "../../src/base/units.ts";
import { Journal } from "../../src/core/journal.ts";
import { Notices } from "../../src/core/notices.ts";
import { Rejects } from "../../src/core/rejects.ts";
import { StepEffects } from "../../src/core/step-effects.ts";

test("an event about a group names it to the log and to the hooks", () => {
  const effects = new StepEffects(new Journal(0), new Rejects(), new Notices(new Set(), false), "fox");
  effects.begin({ instant: instant(0), wallSeconds: 5, load: "n/a" });
  effects.event("group-down", "crit", "web runs nowhere", undefined, "web");
  const [log, told] = effects.end();
  assert.deepEqual(log, { do: "log", id: "group-down", level: "crit", text: "web runs nowhere", group: "web" });
  assert.ok(told?.do === "tell-event" && told.event.group === "web");
});
