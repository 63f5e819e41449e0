/** Writes several files that must not exist yet: all of them, or none. */
import { existsSync, mkdirSync, unlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { failed, ok, type Result } from "../base/result.ts";
import { systemText } from "./system-text.ts";

export interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/** A missing directory is made. The error is a sentence for the administrator. */
export function writeNewFiles(files: readonly NewFile[]): Result<undefined, string> {
  const existing = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (existing.length > 0) {
    const [exist, are, them] = existing.length === 1 ? ["exists", "is", "it"] : ["exist", "are", "them"];
    return failed(`${existing.join(" and ")} ${exist} already and ${are} not overwritten: move ${them} away first`);
  }
  const written: string[] = [];
  let at = "";
  try {
    for (const { path, text, mode } of files) {
      at = dirname(path);
      mkdirSync(at, { mode: 0o755, recursive: true });
      at = path;
      // "wx" and the mode at creation: no moment in which a key could be read, or somebody else's file be replaced.
      writeFileSync(path, text, { flag: "wx", mode });
      written.push(path);
    }
    return ok(undefined);
  } catch (error) {
    for (const path of written) unlinkSync(path);
    return failed(`nothing was written: ${at}: ${systemText(error)}`);
  }
}
