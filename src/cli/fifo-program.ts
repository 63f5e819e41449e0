/** The part that all programs which write one message to the control FIFO have in common. */
import { faultText } from "../base/fault.ts";
import type { Result } from "../base/result.ts";
import type { View } from "../core/view.ts";
import { pathsBelow } from "../daemon/paths.ts";
import { controlFifo, type FifoFields, writeToFifo } from "./fifo.ts";
import type { Io, Program } from "./program.ts";
import { askView } from "./status.ts";

export interface FifoOrder {
  readonly fields: FifoFields;
  /** Told on standard error once the message is written. */
  readonly announcement?: string;
}

interface Description {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  /** What the arguments order; or what to tell somebody who got them wrong, which always ends in exit code 1. */
  readonly order: (argv: readonly string[], called: Pick<Io, "calledAs">) => Result<FifoOrder, Complaint>;
  /** Why a daemon with this picture will do nothing; undefined if it will. */
  readonly inVain?: (view: View) => string | undefined;
}

/** Where the daemon is found. */
interface Doors {
  readonly fifo: string;
  readonly control: string;
}

const ownDoors: Doors = { fifo: controlFifo, control: pathsBelow("").control };

export interface FifoProgram extends Program {
  readonly order: Description["order"];
}

export interface Complaint {
  readonly out?: string;
  readonly err?: string;
}

/** In milliseconds. A remark is not worth more. */
const viewPatience = 1000;

/** Exit codes: 0 the message was written (not: it was obeyed), 1 wrong arguments, 4 not permitted, 7 not running (LSB). */
export function fifoProgram(description: Description, doors = ownDoors): FifoProgram {
  const { name, summary, usage, order, inVain } = description;
  return {
    name,
    summary,
    usage,
    order,
    async run(argv, io) {
      const ordered = order(argv, io);
      if (!ordered.ok) {
        io.out(ordered.error.out ?? "");
        io.err(ordered.error.err ?? "");
        return 1;
      }
      const { fields, announcement } = ordered.value;
      const written = writeToFifo(fields, doors.fifo);
      if (written.ok) {
        if (announcement !== undefined) io.err(`${announcement}\n`);
        // The message is written whatever the daemon says: it may see further by the time it reads it.
        const view = inVain === undefined ? undefined : await askView(doors.control, viewPatience);
        const why = view?.ok ? inVain?.(view.value) : undefined;
        if (why !== undefined) io.err(`${name}: nothing will move: ${why}\n`);
        return 0;
      }
      io.err(`${name}: ${faultText(written.error)}\n`);
      return written.error.code === "not-running" ? 7 : written.error.code === "not-permitted" ? 4 : 1;
    },
  };
}
