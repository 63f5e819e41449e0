import assert from "node:assert/strict";
import test from "node:test";
import { readReport } from "../../src/daemon/start-report.ts";

test("a launcher believes a whole report only", () => {
  assert.deepEqual(readReport('{"started":true}\n'), { started: true });
  const failure = { started: false, code: 6, says: ["eth9: no such interface"] };
  assert.deepEqual(readReport(JSON.stringify(failure)), failure);
  for (const text of ["", '{"started":tr', "[]", "null", '{"started":false}', '{"started":1}'])
    assert.deepEqual(readReport(text), { started: false, code: 1, says: ["The daemon ended before it was up."] }, text);
});
