/** The argument that hb_standby and hb_takeover share: which half of the resources is meant. */
import { failed, ok, type Result } from "../base/result.ts";
import type { Complaint } from "./fifo-program.ts";

const words = ["all", "foreign", "local", "failback"] as const;
type HoldArgument = (typeof words)[number];

/** `all` without an argument. Complaints go where the original's scripts send them: two lines out, one to standard error. */
export function holdArgument(argv: readonly string[], calledAs: string): Result<HoldArgument, Complaint> {
  const complain = (says: string) =>
    failed({ out: `${says}usage:\n`, err: `${calledAs} [all|foreign|local|failback]\n` });
  const [word = "all"] = argv;
  if (word === "--help") return complain("");
  if (argv.length > 1) return complain(`${calledAs}: too many arguments\n`);
  const known = words.find((each) => each === word);
  return known === undefined ? complain(`${calledAs}: wrong resources(${word}).\n`) : ok(known);
}
