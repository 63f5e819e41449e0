/** The manual page of ha.cf, and its form in Markdown, both from the table of directives. */
import { directives } from "../config/directives/index.ts";

type Each = typeof directives extends Iterable<infer D> ? D : never;

const repeats: Readonly<Record<Each["repeat"], string>> = {
  last: "the last value wins",
  once: "once only",
  adds: "every line counts",
};

/** docs/directives.md. */
export function directivesMarkdown(): string {
  const sections = [...directives].map((each) => {
    const { name, form, summary, details, legal, example, repeat, recorded } = each;
    return [
      `## ${name}`,
      "",
      `    ${name} ${form}`,
      "",
      [summary, details].filter((text) => text !== "").join(" "),
      "",
      `- Legal: ${legal}`,
      `- Default: ${each.default ?? each.derived ?? "none"}`,
      `- Example: \`${example}\``,
      `- Repeated: ${repeats[repeat]}`,
      ...(recorded ? [`- Scripts find it as \`HA_${name}\``] : []),
      "",
    ].join("\n");
  });
  return [
    "# Directives of ha.cf",
    "",
    "Generated from the table that the parser works with: `heartbeat explain --markdown`. One directive in a line, `#` begins a comment,",
    "there is no quoting. Times are seconds (`2`, `1.5`), `500ms` or `500000us`. Switches are `on` or `off`.",
    "",
    ...sections,
  ]
    .join("\n")
    .trimEnd()
    .concat("\n");
}

/** ha.cf(5), for man(1). */
export function manualPage(): string {
  const entries = [...directives].flatMap((each) => {
    const { name, form, summary, details, legal } = each;
    return [
      ".TP",
      `.B ${name} ${escaped(form)}`,
      ...[summary, details].filter((text) => text !== "").map(escaped),
      ".br",
      escaped(`Legal: ${legal}. Default: ${each.default ?? each.derived ?? "none"}.`),
    ];
  });
  return [
    '.TH HA.CF 5 "" "Heartbeat" "File formats"',
    ".SH NAME",
    "ha.cf \\- the main configuration file of Heartbeat",
    ".SH DESCRIPTION",
    "One directive in a line. A # begins a comment anywhere. There is no quoting and no continuation of lines.",
    "Times are seconds (2, 1.5), 500ms or 500000us. Switches are on or off.",
    ".SH DIRECTIVES",
    ...entries,
    ".SH SEE ALSO",
    ".BR heartbeat (8),",
    ".BR ha4.cf (5),",
    ".BR authkeys (5),",
    ".BR haresources (5)",
    "",
  ].join("\n");
}

/** Text that troff must not take for its own: backslashes, hyphens, a dot or quote at the start of a line. */
export const escaped = (text: string): string =>
  text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
