/**
 * The layers of the program, enforced: who may import whom, and what the pure layers may know of the world.
 *
 * Every violation is listed with its reason, because a rule that nobody understands is a rule that gets worked around.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { codeOf, importsOf } from "./support/source.ts";

interface Layer {
  readonly may: readonly string[];
  /** Layers of which only types may be imported. */
  readonly mayTypes?: readonly string[];
  readonly pure: boolean;
}

const base = ["base"];
const language = ["base", "syntax", "wire"];
const kinds = [...language, "media", "agents", "stonith"];

const layers: Readonly<Record<string, Layer>> = {
  base: { may: [], pure: true },
  syntax: { may: base, pure: true },
  wire: { may: base, pure: true },
  media: { may: language, pure: true },
  agents: { may: language, pure: true },
  stonith: { may: language, pure: true },
  config: { may: kinds, pure: true },
  core: { may: [...kinds, "config"], pure: true },
  sim: { may: [...kinds, "config", "core"], pure: true },
  observe: { may: ["base", "core"], pure: true },
  drivers: { may: ["base", "wire"], mayTypes: ["config", "core", "media", "agents"], pure: false },
  runner: { may: [...language, "agents", "drivers"], mayTypes: ["core"], pure: false },
  client: { may: ["base", "wire"], pure: false },
  daemon: { may: [...kinds, "config", "core", "observe", "drivers", "runner"], pure: false },
  demo: { may: ["base", "observe"], mayTypes: ["core"], pure: false },
  cli: {
    may: [...kinds, "config", "core", "sim", "observe", "drivers", "runner", "client", "daemon", "demo"],
    pure: false,
  },
};

const bans: readonly { readonly word: RegExp; readonly because: string }[] = [
  { word: /(?<![.\w])Date\b(?!\s*[:?])/, because: "time is an argument: the loop hands in `now`" },
  { word: /\bMath\.random\b/, because: "randomness comes from a seeded Prng, so that a run can be repeated" },
  {
    word: /(?<![.\w])(?:setTimeout|setInterval|setImmediate|queueMicrotask)\b/,
    because: "deadlines are a question (nextDeadline), the loop owns the only timer",
  },
  { word: /(?<![.\w])process\b(?!\s*[:?(])/, because: "the surroundings of the process are inputs" },
  { word: /(?<![.\w])console\b(?!\s*[:?])/, because: "a log line is an effect" },
  { word: /(?<![.\w])performance\b(?!\s*[:?])/, because: "time is an argument: the loop hands in `now`" },
  { word: /(?<![.\w])(?:await|async)\b(?!\s*[:?])/, because: "the core never waits: what takes time ends in an input" },
  { word: /(?<![.\w])fetch\s*\(/, because: "the core does no I/O" },
];

/** What is wrong with one file; `path` is relative to `src`, with forward slashes. */
function violations(path: string, source: string): string[] {
  const name = path.split("/")[0] ?? "";
  const layer = layers[name];
  if (layer === undefined) return [`${path}: the folder ${name} is no layer: enter it in the table of this test`];
  const found: string[] = [];
  for (const { from, typeOnly } of importsOf(source)) {
    if (from.startsWith("node:")) {
      if (layer.pure && !["node:crypto", "node:zlib"].includes(from))
        found.push(`${path}: imports ${from}: a pure layer knows nothing of Node but node:crypto and node:zlib`);
    } else if (from.startsWith(".")) {
      const target = posix.join(posix.dirname(path), from).split("/")[0] ?? "";
      if (target === name || layer.may.includes(target)) continue;
      if (layer.mayTypes?.includes(target)) {
        if (!typeOnly) found.push(`${path}: imports ${from}: of ${target}, ${name} may know types only (import type)`);
      } else found.push(`${path}: imports ${from}: ${name} may not know ${target}: imports point inwards`);
    } else found.push(`${path}: imports ${from}: the program has no dependency at run time`);
  }
  if (layer.pure)
    for (const [index, line] of codeOf(source).split("\n").entries())
      for (const { word, because } of bans) {
        const hit = word.exec(line);
        if (hit) found.push(`${path}:${index + 1}: ${hit[0].trim()}: ${because}`);
      }
  return found;
}

// Compiled, this file is dist/test/architecture.test.js.
const checkout = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

test("imports point inwards, and pure layers know nothing of the world", () => {
  const sources = readdirSync(join(checkout, "src"), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .sort();
  assert.ok(sources.length > 10, "the sources were not found");
  const found = sources.flatMap((file) => violations(file, readFileSync(join(checkout, "src", file), "utf8")));
  assert.deepEqual(found, []);
});

const examples: readonly [string, string, string][] = [
  ["an outward import", "core/node.ts", 'import { open } from "../drivers/udp.ts";\n'],
  ["an outward import over several lines", "core/node.ts", 'import {\n  a,\n  b,\n} from "../daemon/loop.ts";\n'],
  ["a re-export", "wire/x.ts", 'export { a } from "../core/node.ts";\n'],
  ["a value where only types may be", "drivers/udp.ts", 'import { Node } from "../core/node.ts";\n'],
  ["a module of Node", "core/node.ts", 'import { readFileSync } from "node:fs";\n'],
  ["a package", "daemon/main.ts", 'import pino from "pino";\n'],
  ["a dynamic import", "core/node.ts", 'const m = import("../cli/demo.ts");\n'],
  ["the wall clock", "core/node.ts", "const now = Date.now();\n"],
  ["a timer", "sim/world.ts", "  setTimeout(step, 5);\n"],
  ["randomness", "core/node.ts", "const n = Math.random();\n"],
  ["the process", "config/check.ts", "if (process.env['X']) stop();\n"],
  ["printing", "wire/fields.ts", "console.log(1);\n"],
  ["waiting", "core/node.ts", "await done;\n"],
  ["an unknown layer", "utils/strings.ts", ""],
];
for (const [what, path, source] of examples)
  test(`${what} is found`, () => assert.equal(violations(path, source).length, 1, violations(path, source).join("\n")));

const innocent: readonly [string, string, string][] = [
  ["an inward import", "core/node.ts", 'import { invariant } from "../base/invariant.ts";\n'],
  ["a type of the core in a driver", "drivers/udp.ts", 'import { type Input, type Effect } from "../core/input.ts";\n'],
  ["bytes", "wire/auth/sha1.ts", 'import { createHmac } from "node:crypto";\n'],
  ["words in comments and texts", "core/node.ts", '// await the Date\n/* process */ const a = "console.log";\n'],
  ["a method of that name", "core/node.ts", "machine.process(input);\n"],
];
for (const [what, path, source] of innocent)
  test(`${what} is allowed`, () => assert.deepEqual(violations(path, source), []));
