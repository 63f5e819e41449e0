/**
 * Every line of the daemon's log by its stable id, with cause and remedy. docs/log-messages.md is made from these tables, `heartbeat explain ID`
 * prints a row, event hooks are called by the id, and journald finds lines by it (field HB_ID).
 *
 * What the daemon itself needs of this is the type, by which a line without a row does not compile. Findings about configuration files are
 * logged under their codes (`HB0310`), which have a table of their own.
 */
import { hostLines } from "./host.ts";
import type { LogLine } from "./line.ts";
import { membershipLines } from "./membership.ts";
import { resourceLines } from "./resources.ts";
import { takeoverLines } from "./takeover.ts";

export const logLines = { ...hostLines, ...membershipLines, ...resourceLines, ...takeoverLines } as const;

export type LogId = keyof typeof logLines | `HB${string}`;

export const logSections: readonly { readonly title: string; readonly lines: Readonly<Record<string, LogLine>> }[] = [
  { title: "The daemon and its machine", lines: hostLines },
  { title: "Nodes and links", lines: membershipLines },
  { title: "Who holds what", lines: takeoverLines },
  { title: "Resources, fencing, children, programs", lines: resourceLines },
];
