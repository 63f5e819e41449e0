/** What hb_standby and hb_takeover share: the argument, which half of the resources is meant, and when nothing comes of it. */
import { failed, ok, type Result } from "../base/result.ts";
import type { View } from "../core/view.ts";
import type { Complaint } from "./fifo-program.ts";

const words = ["all", "foreign", "local", "failback"] as const;
type HoldArgument = (typeof words)[number];

/** `all` without an argument. Complaints go where the original's scripts send them: two lines out, one to standard error. */
export function holdArgument(
  argv: readonly string[],
  calledAs: string,
  deed: string,
  failback: string,
): Result<HoldArgument, Complaint> {
  const complain = (says: string, more = "") =>
    failed({ out: `${says}usage:\n`, err: `${calledAs} [all|foreign|local|failback]\n${more}` });
  const [word = "all"] = argv;
  if (word === "--help" || word === "-h") return complain("", meaning(deed, failback));
  if (argv.length > 1) return complain(`${calledAs}: too many arguments\n`);
  const known = words.find((each) => each === word);
  return known === undefined ? complain(`${calledAs}: wrong resources(${word}).\n`) : ok(known);
}

const meaning = (deed: string, failback: string): string => `
${deed} resources:
  all       all of them; without a word, too
  local     those that prefer this node in haresources
  foreign   those that prefer the other node
  failback  ${failback}

Exit code 0 means that the daemon was told, not that it is done: heartbeat status shows it.
`;

/** A move needs two active nodes. */
export function nothingMoves({ node, status, nodes }: View): string | undefined {
  if (status !== "active") return `this node is not active yet, but ${status}`;
  const others = nodes.filter(({ name, type }) => name !== node && type === "normal");
  return others.some((other) => other.status === "active") ? undefined : "no other node is active";
}
