/**
 * Runs the program that this process was called as: by the name of the file (`cl_status`), or by the first word after it.
 * A link to `heartbeat` under a name of its own is heartbeat when options follow, because no program begins with a hyphen.
 *
 * The files of `bin/` are doors to here and nothing else.
 */
import { basename } from "node:path";
import { isatty } from "node:tty";
import { heartbeat } from "./heartbeat.ts";
import { programs } from "./index.ts";
import { Output } from "./output.ts";
import type { Io } from "./program.ts";

const [, path = "", ...argv] = process.argv;
const standardOutput = new Output(1);
const standardError = new Output(2);

const io: Io = {
  out: (text) => standardOutput.write(text),
  err: (text) => standardError.write(text),
  terminal: isatty(1),
  calledAs: path,
};

async function main(): Promise<number> {
  const named = programs.get(basename(path));
  if (named !== undefined) return await named.run(argv, io);
  const [word = "", ...rest] = argv;
  if (word.startsWith("-")) return await heartbeat.run(argv, io);
  const program = programs.get(word);
  if (program !== undefined) return await program.run(rest, { ...io, calledAs: word });
  const meant = programs.suggest(word);
  io.err(`no such program: ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}\n\n`);
  for (const { name, summary } of programs) io.err(`${name.padEnd(14)}${summary}\n`);
  return 2;
}

let code = await main();
if (standardOutput.fault !== undefined) {
  io.err(`${basename(path)}: cannot write the output: ${standardOutput.fault}\n`);
  if (code === 0) code = 1;
}
// Nothing is lost by leaving, because all output is written at once; waiting for whatever is still open would only make a
// slow daemon's caller slow.
process.exit(code);
