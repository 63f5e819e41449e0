/**
 * Sends a short mail by the program that this machine has for it: `sendmail`, else `mail`.
 *
 * The text goes to its standard input, recipients are arguments; nothing is read by a shell.
 *
 * Source: RFC 5322, RFC 2047; sendmail(8), mail(1).
 */
import type { AgentOutcome } from "../core/input.ts";
import { isExecutable, runScript, type ScriptCall } from "./script.ts";

export interface Mail {
  readonly recipients: readonly string[];
  readonly subject: string;
  readonly text: string;
}

export type MailSurroundings = Pick<ScriptCall, "environment" | "workingDirectory"> & {
  /** In memory: the mail lies here without a name until it is read. */
  readonly directory: string;
};

const mailers = {
  sendmail: ["/usr/sbin/sendmail", "/usr/lib/sendmail"],
  mail: ["/usr/bin/mail", "/bin/mail", "/usr/bin/mailx"],
} as const;
/** Milliseconds. */
const timeLimit = 60_000;

/** What went wrong; undefined: a program of this machine has taken it. `find` tells which of the paths is there. */
export async function sendMail(
  mail: Mail,
  { directory, ...surroundings }: MailSurroundings,
  find: (paths: readonly string[]) => string | undefined = (paths) => paths.find(isExecutable),
): Promise<string | undefined> {
  const sendmail = find(mailers.sendmail);
  const path = sendmail ?? find(mailers.mail);
  if (path === undefined) return `there is neither ${mailers.sendmail[0]} nor ${mailers.mail[0]}`;
  const { recipients, subject, text } = mail;
  // No recipient begins with a hyphen (`built-in.ts`), and not every `mail` ends its options at two of them.
  const argv = sendmail === undefined ? ["-s", subject, ...recipients] : ["-i", "--", ...recipients];
  const input = { text: sendmail === undefined ? text : messageOf(mail), directory };
  const call = { path, argv, listen: true, ...surroundings, timeLimit, debugLog: undefined, input };
  const outcome = await new Promise<AgentOutcome>((resolve) => runScript(call, resolve));
  if (outcome.result === "exited" && outcome.code === 0) return undefined;
  const how =
    outcome.result === "exited"
      ? `ended with code ${outcome.code}`
      : outcome.result === "killed"
        ? `was killed by ${outcome.signal}`
        : "was not done in time";
  const [line = ""] = outcome.result === "exited" ? outcome.output.split("\n") : [];
  return `${path} ${how}${line === "" ? "" : `: ${line}`}`;
}

/** Exported for its test. */
export const messageOf = ({ recipients, subject, text }: Mail): string =>
  [
    `To: ${recipients.join(", ")}`,
    `Subject: ${headerText(subject)}`,
    "Auto-Submitted: auto-generated",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=UTF-8",
    "",
    text,
    "",
  ].join("\n");

/** Letters beyond ASCII, in pieces of whole letters that fit into a line. */
function headerText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const pieces = text.match(/.{1,10}/gsu) ?? [];
  return pieces.map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString("base64")}?=`).join("\n ");
}
