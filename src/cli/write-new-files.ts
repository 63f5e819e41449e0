/** Writes several files that must not exist yet: all of them, or none. */
import { existsSync, unlinkSync, writeFileSync } from "node:fs";
import { failed, ok, type Result } from "../base/result.ts";

export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** The error is a sentence for the administrator. */
export function writeNewFiles(files: readonly NewFile[]): Result<undefined, string> {
  const existing = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (existing.length > 0)
    return failed(`${existing.join(" and ")} exists already and is not overwritten: move it away first`);
  const written: string[] = [];
  try {
    for (const { path, text, mode } of files) {
      // "wx" and the mode at creation: no moment in which a key could be read, or somebody else's file be replaced.
      writeFileSync(path, text, { flag: "wx", mode });
      written.push(path);
    }
    return ok(undefined);
  } catch (error) {
    for (const path of written) unlinkSync(path);
    return failed(`nothing was written: ${error instanceof Error ? error.message : String(error)}`);
  }
}
