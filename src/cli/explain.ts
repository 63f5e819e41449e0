/** Explains a directive or the code of a finding, from the tables that the parser itself works with. */
import { nearest } from "../base/registry.ts";
import { directives } from "../config/directives/index.ts";
import { ha4Options } from "../config/ha4-cf.ts";
import { logdDirectives } from "../config/logd-cf.ts";
import { pendingDirectives } from "../config/pending.ts";
import { codes, isCode } from "../syntax/codes.ts";
import type { Program } from "./program.ts";

/** The whole table in other forms. */
const generated: ReadonlyMap<string, "bashCompletion" | "manualPage" | "directivesMarkdown"> = new Map([
  ["--completion", "bashCompletion"],
  ["--man", "manualPage"],
  ["--markdown", "directivesMarkdown"],
] as const);

export const explain: Program = {
  name: "explain",
  summary: "Explain a directive of ha.cf, or the code of a finding.",
  usage: "heartbeat explain [DIRECTIVE|CODE|ha4.cf|logd.cf|--markdown|--man|--completion]",
  async run([topic, ...more], { out, err }) {
    if (topic === undefined) {
      out(overview());
      return 0;
    }
    const whole = generated.get(topic);
    if (whole !== undefined) {
      const manual = await import("./manual.ts");
      out(manual[whole]());
      return 0;
    }
    const text = more.length > 0 ? undefined : explained(topic);
    if (text !== undefined) {
      out(text);
      return 0;
    }
    const near = nearest(topic, [...directives.names(), ...Object.keys(codes), "ha4.cf", "logd.cf"]);
    err(`nothing is called ${JSON.stringify(topic)}${near === undefined ? "" : `; did you mean ${near}?`}\n`);
    return 2;
  },
};

/** The explanation of a directive, code or file; undefined if there is no such thing. */
export function explained(topic: string): string | undefined {
  const code = topic.toUpperCase();
  if (isCode(code)) return explainCode(code);
  if (topic === "ha4.cf") return explainHa4();
  if (topic === "logd.cf")
    return [...logdDirectives]
      .map(({ name, form, summary, default: text }) =>
        row(`${name} ${form}`, `${summary}${text === undefined ? "" : ` Default: ${text}.`}`),
      )
      .join("");
  return explainDirective(topic.toLowerCase());
}

const row = (name: string, text: string): string => `${name.padEnd(27)} ${text}\n`;

const overview = (): string => [...directives].map(({ name, summary }) => row(name, summary)).join("");

function explainCode(code: keyof typeof codes): string {
  const { severity, says, explains, original } = codes[code];
  const differs = { accepts: "3.0.6 accepts it.\n", refuses: "3.0.6 refuses it: it would not start.\n" };
  return `${code}: ${severity}: ${says}\n\n${explains}\n${original === undefined ? "" : differs[original]}`;
}

/** Why the directive has no effect yet. */
export function pendingReason(name: string): string | undefined {
  return pendingDirectives.find(({ directive }) => directive === name)?.says;
}

const repeats = {
  last: "If it is repeated, the last value wins.",
  once: "It may stand once only.",
  adds: "It may be repeated; every line counts.",
} as const;

function explainDirective(name: string): string | undefined {
  const directive = directives.get(name);
  if (directive === undefined) return undefined;
  const reason = pendingReason(name);
  const lines = [
    `${directive.name} ${directive.form}`,
    "",
    directive.summary,
    ...(directive.details === "" ? [] : [directive.details]),
    ...(reason === undefined ? [] : [`Not active yet: ${reason}.`]),
    "",
    `Legal:    ${directive.legal}`,
    ...(directive.default === undefined ? [] : [`Default:  ${directive.default}`]),
    ...(directive.derived === undefined ? [] : [`Default:  ${directive.derived}`]),
    `Example:  ${directive.example}`,
    `Repeated: ${repeats[directive.repeat]}`,
    ...(directive.recorded ? [`Scripts:  find it as HA_${directive.name}`] : []),
  ];
  return `${lines.join("\n")}\n`;
}

const explainHa4 = (): string =>
  [
    "The optional file ha4.cf holds what 3.0.6 would refuse in its own files.",
    "A section is opened by one of these lines, and options follow it:",
    "",
    "    defaults           for all resources",
    "    group KEY          for the group whose first resource is KEY",
    "    resource TEXT      for one resource, or all of one script",
    "",
    ...[...ha4Options].map(({ name, summary }) => row(`${name} TIME`, summary).trimEnd()),
    "",
  ].join("\n");
