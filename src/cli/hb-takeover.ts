/** Asks for resources: the other node is told to go standby. */
import { ok } from "../base/result.ts";
import { fifoProgram } from "./fifo-program.ts";
import { holdArgument, nothingMoves } from "./hold-argument.ts";

export const hbTakeover = fifoProgram({
  name: "hb_takeover",
  summary: "Take resources over from the other node.",
  inVain: nothingMoves,
  usage: "hb_takeover [all|foreign|local|failback]",
  order(argv, { calledAs }) {
    const word = holdArgument(argv, calledAs, "This node takes over", "the same as all");
    if (!word.ok) return word;
    return ok({
      fields: [
        ["t", "hb_takeover"],
        ["rsc_hold", word.value],
      ],
    });
  },
});
