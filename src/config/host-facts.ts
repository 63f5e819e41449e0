/**
 * What the files mean depends on the host they are read on: its name, interfaces, users, services. These are the facts, as
 * data or as pure look-ups, so that reading a configuration stays a function that can be tested without a host.
 */
import type { MediaFacts } from "../media/description.ts";

export interface HostFacts extends MediaFacts {
  /** `uname -n`. */
  readonly uname: string;
  /** The first line of /etc/ha.d/nodeinfo, if that file exists and the line is complete. */
  readonly nodeinfo?: string;
  /** Log files lie below it: see `--root`. None: the host's own. */
  readonly root?: string;
  /** `kernel.panic`: seconds until a kernel that panicked restarts, 0 for never. None: it cannot be told. */
  readonly kernelPanic?: number;
  /** The user that reads the files: 0, except in tests and trials without root. */
  readonly ownUid: number;
  readonly users: ReadonlyMap<string, { readonly uid: number; readonly gid: number }>;
  readonly groups: ReadonlyMap<string, number>;
  /** True if a resource script of that name stands in resource.d or /etc/init.d; undefined if that cannot be told. */
  readonly hasResourceScript: (name: string) => boolean | undefined;
  /** True if what is built in under that name runs: there is no script of it, or our own wrapper. */
  readonly runsBuiltIn: (name: string) => boolean;
}
