/**
 * Tells our own wrapper of resource.d from a script that somebody put there: a name that is built in runs no wrapper, but it does run a
 * script of the administrator's (quirk 260). The wrapper is a link to one file, a copy of that, or two lines that read it in.
 */
import { closeSync, openSync, readSync } from "node:fs";

/** Both stand at the beginning. */
const marks = [
  /^\. \S*\/usr\/share\/heartbeat\/ocf-resource$/m,
  /^# One wrapper for all names of resource\.d that are OCF agents:/m,
];
const beginning = 512;

export function isOwnWrapper(path: string): boolean {
  try {
    const file = openSync(path, "r");
    try {
      const bytes = Buffer.alloc(beginning);
      const text = bytes.toString("latin1", 0, readSync(file, bytes, 0, beginning, 0));
      return marks.some((mark) => mark.test(text));
    } finally {
      closeSync(file);
    }
  } catch {
    return false; // what cannot be read is somebody else's
  }
}
