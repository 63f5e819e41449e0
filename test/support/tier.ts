/** Which tier of the tests runs: the one that is always green, or every row of every matrix. Set by scripts/test.mjs. */
export const full = process.env["HEARTBEAT_TEST_FULL"] === "1";

/** The rows of a matrix to run: all of them in the full tier, else those that are usual. */
export const rows = <T>(all: readonly T[], usual: (row: T) => boolean): readonly T[] =>
  full ? all : all.filter(usual);
