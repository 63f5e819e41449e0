import assert from "node:assert/strict";
import test from "node:test";
import type { Notice } from "../../src/drivers/runner-protocol.ts";
import { Notifier } from "../../src/runner/notifier.ts";

const notice = (type: string): Notice => ({ type, fields: {}, environment: {} });

test("one at a time, in order; what comes too fast is dropped and said", async () => {
  const ran: string[] = [];
  const dropped: string[] = [];
  let ended = 0;
  let underWay = 0;
  let done: () => void = () => {};
  const all = new Promise<void>((resolve) => {
    done = resolve;
  });
  const notifier = new Notifier(
    async ({ type }) => {
      assert.equal(++underWay, 1);
      ran.push(type);
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return { result: "exited", code: 0, output: "" };
    },
    (type, { result }) => {
      if (result === "dropped") dropped.push(type);
      if (++ended === 250) done();
    },
  );
  for (let i = 0; i < 250; i++) notifier.push(notice(`${i}`));
  await all;
  assert.deepEqual(
    ran,
    Array.from({ length: 201 }, (_, i) => `${i}`),
  ); // one under way, 200 waiting
  assert.equal(dropped.length, 49);
  await new Promise((resolve) => setImmediate(resolve));
  notifier.push(notice("later"));
  assert.equal(ran.at(-1), "later");
});
