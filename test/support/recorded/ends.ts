/** Where the recorded stories end, in words. */
import { type Column, columns, type Places, type Story } from "../lab/story.ts";

export type RecordedStory = Story;
export { columns };

/** The places after the last step: `svcA fox, svcC owl`. */
export function endOf({ steps }: Story, column: Column): string {
  const last = steps.at(-1)?.places ?? {};
  const places: Places = typeof last === "function" ? last(column) : last;
  return Object.entries(places)
    .map(([group, node]) => `${group} ${node}`)
    .join(", ");
}
