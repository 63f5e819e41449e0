import type { Mount } from "./mounts.ts";

/** Exit codes of `disk-use-main.ts`; any other: it did not come to its end. */
export const answers = { done: 0, busy: 16, cannot: 17 } as const;

/** What `disk-use-main.ts` is to unmount, and where. */
export interface TableToChange {
  readonly pid: number;
  /** The link `/proc/PID/ns/mnt`. */
  readonly namespace: string;
  /** In the order in which they are to go. */
  readonly mounts: readonly Pick<Mount, "id" | "device" | "place">[];
}
