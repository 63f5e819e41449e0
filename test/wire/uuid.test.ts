import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import fc from "fast-check";
import { uuidFromName, uuidFromText, uuidText } from "../../src/wire/uuid.ts";

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

test("the text form is read back, anything else is none", () => {
  const text = "939fd8fa-fe69-401f-9fd2-fb07d55b9f51";
  const uuid = uuidFromText(text);
  assert.equal(uuid && uuidText(uuid), text);
  for (const wrong of ["", "nonsense", text.slice(1), `${text}0`, text.replace("-", "x"), text.replaceAll("-", "")])
    assert.equal(uuidFromText(wrong), undefined, wrong);
});
