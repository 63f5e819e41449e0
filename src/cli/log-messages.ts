/** The table of log lines for people: one line explained, and the whole as docs/log-messages.md. */
import { logLines, logSections } from "../base/log-lines/index.ts";
import type { LogLine } from "../base/log-lines/line.ts";

/** The explanation of a line by its id; undefined if there is no such id. */
export function explainLine(id: string): string | undefined {
  const found: LogLine | undefined = new Map<string, LogLine>(Object.entries(logLines)).get(id);
  if (found === undefined) return undefined;
  const { says, cause, remedy } = found;
  const remedyLine = remedy === undefined ? "" : `Remedy: ${remedy}\n`;
  return `${id}: a line of the log\n\n${wordings(says)
    .map((each) => `    ${each}\n`)
    .join("")}\nCause:  ${cause}\n${remedyLine}`;
}

/** The wordings of a line that has several. */
export const wordings = (says: string): string[] => says.split(" / ");

export const logMessagesMarkdown = (): string =>
  [
    "# Lines of the log",
    "",
    "Made from the program's own tables by `npm run docs`. Words in capitals stand for what differs from case to case; the reason of a decision follows its line in",
    "brackets. Lines that 3.0.6 writes, too, have its words. The id is stable: programs of `/etc/ha.d/events.d` are called with it, journald has it as the field `HB_ID`",
    "(`journalctl HB_ID=node-dead`), `heartbeat explain ID` prints the row. Findings about configuration files are logged under their codes",
    "([diagnostics.md](diagnostics.md)).",
    "",
    ...logSections.flatMap(({ title, lines }) => [
      `## ${title}`,
      "",
      "| id | line | cause | remedy |",
      "|---|---|---|---|",
      ...Object.entries(lines).map(([id, { says, cause, remedy }]) =>
        ["", `\`${id}\``, wordings(says).map(code).join("<br>"), cell(cause), cell(remedy ?? "-"), ""]
          .join(" | ")
          .trim(),
      ),
      "",
    ]),
  ].join("\n");

const cell = (text: string): string => text.replaceAll("|", "\\|");
const code = (text: string): string => `\`${cell(text)}\``;
