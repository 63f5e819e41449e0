/** A reporter for node:test: one line of JSON per event, for our own runner to read. */
import { inspect } from "node:util";

const interesting = new Set(["test:start", "test:pass", "test:fail", "test:diagnostic"]);

export default async function* report(source) {
  for await (const { type, data } of source) {
    if (!interesting.has(type)) continue;
    const { name, nesting, skip, todo, message, details } = data;
    yield `${JSON.stringify({
      type,
      name,
      nesting,
      skip,
      todo,
      message,
      suite: details?.type === "suite",
      ms: details?.duration_ms,
      error: details?.error === undefined ? undefined : textOf(details.error),
    })}\n`;
  }
}

/** The error the test threw, not the wrapper that node:test puts around it. */
function textOf(error) {
  const cause = error.cause ?? error;
  return cause instanceof Error || typeof cause === "object" ? inspect(cause, { depth: 4 }) : String(cause);
}
