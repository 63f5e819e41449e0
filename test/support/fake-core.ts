/**
 * Stands in for the core in tests of what happens when it is killed: starts a runner, guards what its argument (JSON) says, and waits.
 * Prints the runner's pid, and `ran` when the orders to run have ended.
 */
import { operationId } from "../../src/base/units.ts";
import type { GuardedGroup } from "../../src/core/effect.ts";
import { Runner } from "../../src/drivers/runner.ts";
import type { RunnerSettings } from "../../src/drivers/runner-protocol.ts";

export interface FakeCore {
  readonly settings: RunnerSettings;
  readonly held: readonly GuardedGroup[];
  /** How long the others were asked to wait, in milliseconds; absent: they were told nothing yet. */
  readonly patience?: number;
  /** What is under way when the core is killed. */
  readonly underWay: readonly { readonly script: string; readonly action: "start" | "stop" | "status" }[];
  /** Fencing devices that are asked. */
  readonly devices?: readonly string[];
}

const told: FakeCore = JSON.parse(process.argv[2] ?? "");
const runner = Runner.start(told.settings, {
  onFinished: () => console.log("ran"),
  onChildStarted: () => {},
  onChildEnded: () => {},
  onAsked: () => {},
  onNotified: () => {},
  onHooked: () => {},
  onNotStored: () => {},
  onUnitDown: () => {},
  onUnitBus: () => {},
  onRemark: () => {},
  onLost: () => {},
});
runner.guard(told.held);
if (told.patience !== undefined) runner.beat(told.patience);
await new Promise((resolve) => setImmediate(resolve)); // by then it is said
console.log(runner.pid);
for (const [index, { script, action }] of told.underWay.entries())
  runner.run({
    operation: operationId(index + 1),
    kind: "script",
    script,
    args: [],
    action,
    environment: {},
    timeLimit: 60_000,
  });
for (const [index, program] of (told.devices ?? []).entries())
  runner.askDevice({ operation: operationId(index + 1), program: [program], argv: [], input: "", timeLimit: 60_000 });
if (process.argv[3] === "goodbye") await runner.goodbye();
else setInterval(() => {}, 60_000);
