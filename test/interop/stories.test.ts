/**
 * The recorded stories of two originals, lived through by pairs with one or two of ours: the same places after each step, the same calls
 * in the same order inside each group. What else differs is in docs/quirks.md; the table is docs/stories.md.
 */
import { describe, test } from "node:test";
import { columns, live } from "../support/lab/story.ts";
import { evenStories } from "../support/recorded/even.ts";
import { rows } from "../support/tier.ts";

const matrix = evenStories.flatMap((story) => columns.map((column) => ({ story, column })));
/** Half a dozen: the two longest in both mixed columns, two short ones among ours. */
const usual = matrix.filter(({ story, column }) =>
  column.fox === column.owl ? story.usual === "ours" : story.usual === "mixed",
);

describe("recorded stories", { concurrency: 5 }, () => {
  for (const { story, column } of rows(matrix, (row) => usual.includes(row)))
    test(`${story.number} | ${story.title} | ${column.name}`, async (t) =>
      t.diagnostic(`${story.number} | ${column.name} | ${await live(story, column)}`));
});
