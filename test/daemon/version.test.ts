import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { version } from "../../src/daemon/version.ts";

test("the program and the package agree on the version", () => {
  assert.equal(version, JSON.parse(readFileSync("package.json", "utf8")).version);
});
