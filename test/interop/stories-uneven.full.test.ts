/**
 * The recorded stories in which the two nodes differ or something does not work: other failback rules, scripts that fail or take long, a start while the network
 * is cut. Lived through as those of stories.test.ts.
 */
import { describe, test } from "node:test";
import { columns, live } from "../support/lab/story.ts";
import { unevenStories } from "../support/recorded/uneven.ts";
import { rows } from "../support/tier.ts";

const matrix = unevenStories.flatMap((story) => columns.map((column) => ({ story, column })));

describe("recorded stories of nodes that differ", { concurrency: 5 }, () => {
  for (const { story, column } of rows(matrix, () => false))
    test(`${story.number} | ${story.title} | ${column.name}`, async (t) =>
      t.diagnostic(`${story.number} | ${column.name} | ${await live(story, column)}`));
});
