import assert from "node:assert/strict";
import test from "node:test";
import { getopt } from "../../src/cli/getopt.ts";

const rows: [line: string, given: Record<string, string>, parameters: string[], errors: string[]][] = [
  ["", {}, [], []],
  ["-m -v", { m: "", v: "" }, [], []],
  ["-mv a", { m: "", v: "" }, ["a"], []],
  ["a -m b", { m: "" }, ["a", "b"], []],
  ["-p name -m", { p: "name", m: "" }, [], []],
  ["-pname", { p: "name" }, [], []],
  ["-mpname", { m: "", p: "name" }, [], []],
  ["-p one -p two", { p: "two" }, [], []],
  ["-m -- -v", { m: "" }, ["-v"], []],
  ["- a", {}, ["-", "a"], []],
  ["-x -m", { m: "" }, [], ["invalid option -- 'x'"]],
  ["-xy", {}, [], ["invalid option -- 'x'", "invalid option -- 'y'"]],
  ["-:", {}, [], ["invalid option -- ':'"]],
  ["-p", {}, [], ["option requires an argument -- 'p'"]],
];

for (const [line, given, parameters, errors] of rows)
  test(`getopt mp:v: ${line}`, () => {
    const read = getopt(line.split(" ").filter(Boolean), "mp:v");
    assert.deepEqual({ ...read, given: Object.fromEntries(read.given) }, { given, parameters, errors });
  });
