/** The watch that other tests trust to see double ownership, shown one. */
import assert from "node:assert/strict";
import test from "node:test";
import { Watch } from "./lab/watch.ts";

test("an overlap is seen, with its length and its owners", async () => {
  let looks = 0;
  let seenEnough: () => void = () => {};
  const enough = new Promise<void>((resolve) => {
    seenEnough = resolve;
  });
  const watch = new Watch(() => {
    if (++looks === 20) seenEnough();
    return looks > 5 && looks <= 10 ? ["fox", "owl"] : ["fox"];
  });
  const open = setInterval(() => {}, 1000); // a watch alone keeps no process alive
  await enough;
  clearInterval(open);
  const { overlaps } = watch.stop();
  assert.ok(overlaps.length >= 1);
  assert.deepEqual(overlaps[0]?.owners, ["fox", "owl"]);
  assert.ok((overlaps.at(-1)?.to ?? 0) > (overlaps[0]?.from ?? 0));
});
