import assert from "node:assert/strict";

/** Waits for a condition; fails with `says` when it does not come true in time. */
export async function until(says: string, condition: () => boolean, limit = 5000): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    assert.ok(performance.now() < end, `still not so after ${limit} ms: ${says}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
