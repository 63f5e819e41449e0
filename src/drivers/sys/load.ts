/**
 * Finds and loads the native addon. It may be missing: there was no compiler when the checkout was prepared. Programs that need no
 * kernel access work all the same, so that is a fault with advice and not an exception at import.
 */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Fault } from "../../base/fault.ts";
import { failed, ok, type Result } from "../../base/result.ts";

/** One argument of a system call: a register's content, or bytes whose address is passed. */
export type SysArgument = number | bigint | Uint8Array | null;

/** What `native/hbsys.c` exports. */
export interface Native {
  /** The kernel's answer; a failure is a negative errno. */
  readonly sys: (number: number, ...args: readonly SysArgument[]) => number;
  /** Calls back whenever the descriptor is ready for one of `events`; returns an id above zero or a negative errno. */
  readonly watch: (fd: number, events: number, ready: (events: number, status: number) => void) => number;
  /** Attaches a packet filter to a socket; `setsockopt` is the number of that call. Answers as `sys`. */
  readonly filter: (setsockopt: number, fd: number, program: Uint8Array) => number;
  /** Must come before the descriptor is closed. False: no such watch. */
  readonly unwatch: (id: number) => boolean;
}

/** How many folders the addon's root may lie above this file: three from the source, four from `dist`. */
const levelsUp = 5;

/** The addon beside this program, searched upwards from here so that source, `dist` and installed trees all work. */
export function addonPath(): string | undefined {
  const name = join("build", `hbsys-${process.arch}.node`);
  let folder = dirname(fileURLToPath(import.meta.url));
  for (let level = 0; level <= levelsUp; level++) {
    if (existsSync(join(folder, name))) return join(folder, name);
    folder = dirname(folder);
  }
  return undefined;
}

export const nativeAvailable = (): boolean => loadNative().ok;

/** Loading twice is cheap: Node.js keeps the module. */
export function loadNative(): Result<Native, Fault<"no-native-addon">> {
  const advice = "install a C compiler (apt-get install gcc), then run: npm run build";
  const path = addonPath();
  if (path === undefined)
    return failed({ code: "no-native-addon", says: `the native addon for ${process.arch} is not built`, advice });
  try {
    return ok(createRequire(import.meta.url)(path) as Native);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return failed({ code: "no-native-addon", says: `the native addon does not load: ${why}`, advice });
  }
}
