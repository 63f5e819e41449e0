/** Two and three of ours over each UDP medium, with each digest, in each format. */
import { mediumRows, runRows } from "../support/lab/medium-rows.ts";

const casts = [
  { fox: "ours", owl: "ours" },
  { fox: "ours", owl: "ours", elk: "ours" },
] as const;

runRows("ours alone", mediumRows(casts, 0));
