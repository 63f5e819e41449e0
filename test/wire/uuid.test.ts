import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import { uuidFromName, uuidText } from "../../src/wire/uuid.ts";

const vectors: { "uuidfrom-nodename": { name: string; uuid: string }[] } = JSON.parse(
  readFileSync("test/vectors/units.json", "utf8"),
);

for (const { name, uuid } of vectors["uuidfrom-nodename"])
  test(`uuidfrom nodename: ${name} has the identity that the original computes`, () =>
    assert.equal(uuidText(uuidFromName(name)), uuid));

test("any name has one identity of 16 bytes", () =>
  fc.assert(
    fc.property(fc.string(), (name) => {
      assert.equal(uuidFromName(name).length, 16);
      assert.deepEqual(uuidFromName(name), uuidFromName(name));
    }),
  ));
