/** The part that all programs which write one message to the control FIFO have in common. */
import { faultText } from "../base/fault.ts";
import type { Result } from "../base/result.ts";
import { controlFifo, type FifoFields, writeToFifo } from "./fifo.ts";
import type { Io, Program } from "./program.ts";

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
}

export interface FifoProgram extends Program {
  readonly order: Description["order"];
}

export interface Complaint {
  readonly out?: string;
  readonly err?: string;
}

/** Exit codes: 0 the message was written (not: it was obeyed), 1 wrong arguments, 4 not permitted, 7 not running (LSB). */
export function fifoProgram(description: Description, path = controlFifo): FifoProgram {
  const { name, summary, usage, order } = description;
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
      const written = writeToFifo(fields, path);
      if (written.ok) {
        if (announcement !== undefined) io.err(`${announcement}\n`);
        return 0;
      }
      io.err(`${name}: ${faultText(written.error)}\n`);
      return written.error.code === "not-running" ? 7 : written.error.code === "not-permitted" ? 4 : 1;
    },
  };
}
