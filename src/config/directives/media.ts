/** Each kind of medium is a directive: the descriptions of src/media, put to work on a draft. */
import { bcast } from "../../media/bcast.ts";
import type { MediumDescription } from "../../media/description.ts";
import { media } from "../../media/index.ts";
import type { MediumKind } from "../../media/medium.ts";
import type { Directive, Statement } from "../../syntax/directive.ts";
import type { Word } from "../../syntax/lexer.ts";
import { foldAscii, shown } from "../../syntax/text.ts";
import { nodesMax } from "../../wire/limits.ts";
import type { Scope } from "../draft.ts";

/** One limit for all kinds; the original checks list media only and overruns its table with the others. */
const mediaMax = 64;

/** Kinds whose port is udpport's when the first of the kind is read. */
export const withUdpport: readonly MediumKind[] = ["bcast", "ucast", "ucast6"];

export const defaultPort = ({ draft, facts }: Pick<Scope, "draft" | "facts">): number =>
  draft.port ?? facts.services.get("ha-cluster") ?? 694;

function apply(description: MediumDescription, scope: Scope, words: readonly Word[], statement: Statement): boolean {
  const { draft, facts, report } = scope;
  if (draft.media.length >= mediaMax) {
    report.add(
      "HB0426",
      words[0] ?? statement,
      `Too many media specified (> ${mediaMax}): ${description.name} ${shown(statement.rest)}`,
      `at most ${mediaMax} media`,
    );
    return false;
  }
  const port = draft.portOf.get(description.name) ?? defaultPort(scope);
  const config = description.read(words, { facts, report, port, baud: draft.baud, at: statement });
  if (config === undefined) return false;
  if (withUdpport.includes(description.name)) draft.portOf.set(description.name, port);
  if (description.ping && !addPingMember(scope, config.name, words[0] ?? statement)) return false;
  const text = words.map((word) => word.text).join(" ");
  const twin = draft.media.find((each) => each.config.kind === config.kind && each.text === text);
  if (twin)
    report.add(
      "HB0427",
      words[0] ?? statement,
      `${description.name} ${shown(text)} stands in line ${twin.at.line} already`,
      "remove one of them: a second path needs a second network",
    );
  draft.media.push({ config, text, at: statement });
  return true;
}

function addPingMember({ draft, report }: Scope, name: string, at: Word | Statement): boolean {
  if (draft.members.length >= nodesMax) {
    report.add(
      "HB0303",
      at,
      `too many nodes: [${shown(name)}] is number ${nodesMax + 1}`,
      `at most ${nodesMax} nodes and ping nodes`,
    );
    return false;
  }
  draft.members.push({ name: foldAscii(name), ping: true, at });
  return true;
}

const directiveOf = (description: MediumDescription): Directive<Scope> => ({
  name: description.name,
  takes: description.takes,
  form: description.form,
  summary: description.summary,
  details: description.details,
  legal: description.legal,
  example: description.example,
  words: [],
  recorded: false,
  repeat: "adds",
  apply: (scope, words, statement) => apply(description, scope, words, statement),
});

export const mediaDirectives: readonly Directive<Scope>[] = [...media].map(directiveOf);

/** The alias of versions before 1.2. */
export const udp: Directive<Scope> = {
  ...directiveOf(bcast),
  name: "udp",
  summary: "The old name of bcast.",
  details: "Write bcast.",
  example: "udp eth0",
};
