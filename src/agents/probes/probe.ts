/**
 * A way to see whether a service does its work, as data: its words in ha4.cf and what is to be done. The runner carries it out; the core learns
 * whether it was well and, in a few words, why not.
 */
import type { Result } from "../../base/result.ts";

/** What the runner is to try; every text is checked. */
export type Probe =
  | { readonly kind: "tcp"; readonly host: string; readonly port: number }
  | {
      readonly kind: "http";
      readonly url: string;
      /** The expected status; undefined: 200 to 399. */
      readonly status?: number;
      /** Must stand in the first 64 KiB of the answer. */
      readonly text?: string;
    }
  | { readonly kind: "unix"; readonly path: string }
  /** A log-in and `SELECT 1`. */
  | {
      readonly kind: "mysql" | "postgres";
      readonly at: { readonly host: string; readonly port: number } | { readonly path: string };
      readonly user: string;
      /** A file for root alone with the password, and perhaps the user; undefined: without a password. */
      readonly credentials?: string;
      /** Undefined: the server's own choice. */
      readonly database?: string;
    }
  /** A process of that name (as in /proc/PID/comm), or the one whose number stands in the file. */
  | { readonly kind: "process"; readonly name?: string; readonly pidFile?: string }
  | { readonly kind: "file-newer-than"; readonly path: string; readonly seconds: number }
  /** Run without a shell; 0 is well. */
  | { readonly kind: "command"; readonly path: string; readonly args: readonly string[] }
  /** A file below this directory can be written and flushed. */
  | { readonly kind: "disk"; readonly path: string }
  /** The same, where something must be mounted. */
  | { readonly kind: "mount"; readonly path: string }
  /** An interface that is up and has somebody at the other end of its cable. */
  | { readonly kind: "carrier"; readonly device: string };

export type ProbeKind = Probe["kind"];

export interface ProbeDescription {
  readonly name: ProbeKind;
  /** The words behind the name. */
  readonly form: string;
  readonly summary: string;
  readonly example: string;
  /** On failure: what is wrong with the words. */
  read(words: readonly string[]): Result<Probe, string>;
}
