/** Gives resources to the other node: the planned move away from this one. */
import { ok } from "../base/result.ts";
import { fifoProgram } from "./fifo-program.ts";
import { holdArgument, nothingMoves } from "./hold-argument.ts";

export const hbStandby = fifoProgram({
  name: "hb_standby",
  summary: "Give resources to the other node.",
  inVain: nothingMoves,
  usage: "hb_standby [all|foreign|local|failback]",
  order(argv, { calledAs }) {
    const word = holdArgument(argv, calledAs, "This node gives up", "the same as foreign");
    if (!word.ok) return word;
    const hold = word.value === "failback" ? "foreign" : word.value;
    return ok({
      fields: [
        ["t", "ask_resources"],
        ["rsc_hold", hold],
        ["info", "me"],
      ],
      announcement: `Going standby [${hold}].`,
    });
  },
});
