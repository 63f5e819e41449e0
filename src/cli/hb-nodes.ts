/** The four small orders about nodes: add, delete, weigh, place. */
import { failed, ok } from "../base/result.ts";
import type { Complaint } from "./fifo-program.ts";
import { type FifoProgram, fifoProgram } from "./fifo-program.ts";
import { asksForHelp } from "./options.ts";

const after = "Exit code 0 means that the daemon was told, not that it is done: heartbeat status shows it.";

/** What to say to somebody who asks for help, or gives an option: there are none, and none is the name of a node. */
function complaint(name: string, usage: string, explains: string, argv: readonly string[]): Complaint | undefined {
  if (asksForHelp(argv)) return { out: `usage: ${usage}\n\n${explains}\n${after}\n` };
  const option = argv[0]?.startsWith("-") ? argv[0] : undefined;
  return option === undefined ? undefined : { err: `${name}: unknown option ${option}; see ${name} --help\n` };
}

function listProgram(name: "hb_addnode" | "hb_delnode", type: string, summary: string, explains: string): FifoProgram {
  const usage = `${name} <node> <node> ...`;
  return fifoProgram({
    name,
    summary,
    usage,
    order(argv) {
      const wrong = complaint(name, usage, `${summary} ${explains}`, argv);
      if (wrong !== undefined) return failed(wrong);
      if (argv.length === 0) return failed({ out: `usage: ${usage}\n` });
      return ok({
        fields: [
          ["t", type],
          ["nodelist", argv.join(" ")],
        ],
      });
    },
  });
}

interface Value {
  readonly field: "weight" | "site";
  readonly legal: RegExp;
  readonly explains: string;
}

function valueProgram(name: "hb_setweight" | "hb_setsite", { field, legal, explains }: Value): FifoProgram {
  const usage = `${name} <node> <${field}>`;
  const summary = `Set the ${field} of a node.`;
  return fifoProgram({
    name,
    summary,
    usage,
    order(argv) {
      const wrong = complaint(name, usage, `${summary} ${explains}`, argv);
      if (wrong !== undefined) return failed(wrong);
      const [node, value] = argv;
      // quirk 228
      if (argv.length !== 2 || node === undefined || value === undefined) return failed({ out: `usage: ${usage}\n` });
      if (!legal.test(value))
        return failed({
          out: `usage: ${usage}\n`,
          err: `${name}: ${JSON.stringify(value)} is no ${field}: ${explains}\n`,
        });
      return ok({
        fields: [
          ["t", `set${field}`],
          ["node", node],
          [field, value],
        ],
      });
    },
  });
}

export const hbAddnode = listProgram(
  "hb_addnode",
  "addnode",
  "Add nodes to the running cluster.",
  "Only where heartbeat was started with -M: with haresources the nodes are those of ha.cf.",
);
export const hbDelnode = listProgram(
  "hb_delnode",
  "delnode",
  "Delete dead nodes from the running cluster.",
  "Only where heartbeat was started with -M, and only when all other nodes are there. A deleted node that speaks again comes back with autojoin.",
);
export const hbSetweight = valueProgram("hb_setweight", {
  field: "weight",
  legal: /^[+-]?\d+$/,
  explains:
    "A weight is a whole number, 100 if nobody sets it; it lasts until the daemons end, with -M over their restart.",
});
export const hbSetsite = valueProgram("hb_setsite", {
  field: "site",
  legal: /^/,
  explains: "A site is any word; it lasts until the daemons end, with -M over their restart.",
});
