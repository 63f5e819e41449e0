/** Exit codes of `disk-use-main.ts`; any other: it did not come to its end. */
export const answers = { done: 0, busy: 16, cannot: 17 } as const;
