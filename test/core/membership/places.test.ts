import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../../src/base/units.ts";
import { Places } from "../../../src/core/membership/places.ts";

test("weight and site are kept side by side, and a site is bounded", () => {
  const places = new Places();
  const fox = nodeName("fox");
  assert.deepEqual(places.of(fox), {});
  places.set(fox, { weight: 7 });
  places.set(fox, { site: "north" });
  assert.deepEqual(places.of(fox), { weight: 7, site: "north" });
  places.set(fox, { site: "x".repeat(1000) });
  assert.equal(places.of(fox).site?.length, 255);
});
