/** The four small orders about nodes: add, delete, weigh, place. */
import { failed, ok } from "../base/result.ts";
import { type FifoProgram, fifoProgram } from "./fifo-program.ts";

function listProgram(name: "hb_addnode" | "hb_delnode", type: string, summary: string): FifoProgram {
  const usage = `${name} <node> <node> ...`;
  return fifoProgram({
    name,
    summary,
    usage,
    order(argv) {
      if (argv.length === 0 || argv[0] === "--help") return failed({ out: `usage: ${usage}\n` });
      return ok({
        fields: [
          ["t", type],
          ["nodelist", argv.join(" ")],
        ],
      });
    },
  });
}

function valueProgram(name: "hb_setweight" | "hb_setsite", field: "weight" | "site", summary: string): FifoProgram {
  const usage = `${name} <node> <${field}>`;
  return fifoProgram({
    name,
    summary,
    usage,
    order(argv) {
      const [node, value] = argv;
      if (argv.length !== 2 || node === undefined || value === undefined || node === "--help")
        return failed({ out: `usage: ${usage}\n` });
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

export const hbAddnode = listProgram("hb_addnode", "addnode", "Add nodes to the running cluster.");
export const hbDelnode = listProgram("hb_delnode", "delnode", "Delete dead nodes from the running cluster.");
export const hbSetweight = valueProgram("hb_setweight", "weight", "Set the weight of a node.");
export const hbSetsite = valueProgram("hb_setsite", "site", "Set the site of a node.");
