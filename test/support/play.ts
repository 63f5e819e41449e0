/** Plays rows of time, input and expected outputs against a machine: the shape of nearly every unit test of the core. */
import assert from "node:assert/strict";
import { instant } from "../../src/base/units.ts";
import type { Machine } from "../../src/core/machine.ts";

export function play<Input, Output>(
  machine: Machine<Input, Output>,
  rows: readonly (readonly [at: number, input: Input, outputs: readonly Output[]])[],
): void {
  for (const [at, input, outputs] of rows)
    assert.deepEqual(machine.step(input, instant(at)), outputs, `at ${at}: ${JSON.stringify(input)}`);
}
