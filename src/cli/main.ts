/**
 * Runs the program that this process was called as: by the name of the file (`cl_status`), or by the first word after it.
 *
 * The files of `bin/` are doors to here and nothing else.
 */
import { basename } from "node:path";
import { programs } from "./index.ts";
import type { Io } from "./program.ts";

const io: Io = {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  terminal: process.stdout.isTTY === true,
  calledAs: process.argv[1] ?? "",
};

async function main(): Promise<number> {
  const [, path = "", ...argv] = process.argv;
  const named = programs.get(basename(path));
  if (named !== undefined) return await named.run(argv, io);
  const [word = "", ...rest] = argv;
  const program = programs.get(word);
  if (program !== undefined) return await program.run(rest, { ...io, calledAs: word });
  const meant = programs.suggest(word);
  io.err(`no such program: ${word}${meant === undefined ? "" : `; did you mean ${meant}?`}\n\n`);
  for (const { name, summary } of programs) io.err(`${name.padEnd(14)}${summary}\n`);
  return 2;
}

// On Linux output to files, pipes and terminals is written at once, so nothing is lost by leaving; waiting for whatever
// is still open would only make a slow daemon's caller slow.
process.exit(await main());
