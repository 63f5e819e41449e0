/**
 * Reads ha4.cf, the optional file for what 3.0.6 would refuse in its own three: options for groups and resources, by name.
 *
 *     defaults
 *       stop-timeout 60
 *     group 10.0.0.10/24
 *       start-timeout 30
 *       stop-failure hold
 *     resource mysql
 *       start-timeout 5000ms
 *
 * A line with `defaults`, `group KEY` or `resource TEXT` opens a section; options follow until the next one. Words and comments are
 * those of ha.cf. An option of a resource wins over its group's, that over the defaults.
 */
import type { ResourceGroup } from "../agents/resource.ts";
import { nearest, registry } from "../base/registry.ts";
import { type Milliseconds, milliseconds } from "../base/units.ts";
import { time } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import { type Line, type Word, withoutComment, wordsOf } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";

export interface ResourceOptions {
  startTimeout?: Milliseconds;
  stopTimeout?: Milliseconds;
  statusTimeout?: Milliseconds;
  stopFailure?: StopFailure;
}

/** What becomes of a machine on which something would not stop. `reboot` is the original's answer. */
export type StopFailure = "reboot" | "hold";

/** Options by section; names are the texts of haresources. */
export interface Extension {
  readonly defaults: ResourceOptions;
  readonly groups: ReadonlyMap<string, ResourceOptions>;
  readonly resources: ReadonlyMap<string, ResourceOptions>;
}

/** The options in force for one resource of a group. */
export const optionsFor = (
  { defaults, groups, resources }: Extension,
  group: string,
  resource: string,
  script: string,
): ResourceOptions => ({
  ...defaults,
  ...groups.get(group),
  ...(resources.get(resource) ?? resources.get(script)),
});

export const ha4Options = registry([
  {
    name: "start-timeout",
    key: "startTimeout",
    form: "TIME",
    summary: "How long starting a resource may take before it counts as failed.",
  },
  {
    name: "status-timeout",
    key: "statusTimeout",
    form: "TIME",
    summary: "How long asking a resource for its state may take.",
  },
  {
    name: "stop-failure",
    key: "stopFailure",
    form: "reboot|hold",
    summary: "When it would not stop: restart this machine (default), or keep its share here until somebody helps.",
  },
  {
    name: "stop-timeout",
    key: "stopTimeout",
    form: "TIME",
    summary: "How long stopping a resource may take before it counts as failed.",
  },
] as const);

const sections = ["defaults", "group", "resource"];
const timeLimit = time(1);
const stopFailures: readonly StopFailure[] = ["reboot", "hold"];

export function readHa4Cf(lines: readonly Line[], groups: readonly ResourceGroup[], report: Report): Extension {
  const extension = {
    defaults: {},
    groups: new Map<string, ResourceOptions>(),
    resources: new Map<string, ResourceOptions>(),
  };
  let section: ResourceOptions | undefined;
  for (const line of lines) {
    const words = wordsOf(withoutComment(line.text), line.number);
    const [first, second] = words;
    if (first === undefined) continue;
    if (sections.includes(first.text)) section = openSection(first, second, extension, groups, report);
    else readOption(words, section, report);
  }
  return extension;
}

function openSection(
  kind: Word,
  name: Word | undefined,
  extension: {
    defaults: ResourceOptions;
    groups: Map<string, ResourceOptions>;
    resources: Map<string, ResourceOptions>;
  },
  groups: readonly ResourceGroup[],
  report: Report,
): ResourceOptions {
  if (kind.text === "defaults") return extension.defaults;
  if (name === undefined) {
    report.add("HB1103", kind, `${kind.text} without a name`, `write: ${kind.text} and the text of haresources`);
    return {};
  }
  const table = kind.text === "group" ? extension.groups : extension.resources;
  const names =
    kind.text === "group"
      ? groups.map(({ key }) => key)
      : groups.flatMap(({ resources }) =>
          resources.flatMap((each) => (each.kind !== "address" ? [each.text, each.script] : [each.text])),
        );
  if (!names.includes(name.text)) {
    const near = report.full || name.text.length > 64 ? undefined : nearest(name.text, names);
    report.add(
      "HB1104",
      name,
      `haresources has no ${kind.text} [${shown(name.text)}]: the section does nothing`,
      near === undefined
        ? `names: ${[...new Set(names)].slice(0, 10).map(shown).join(", ") || "none"}`
        : `did you mean ${shown(near)}?`,
    );
  }
  const options = table.get(name.text) ?? {};
  table.set(name.text, options);
  return options;
}

function readOption([name, value, extra]: readonly Word[], section: ResourceOptions | undefined, report: Report): void {
  if (name === undefined) return;
  const option = ha4Options.get(name.text);
  if (option === undefined) {
    const near =
      report.full || name.text.length > 40 ? undefined : nearest(name.text, [...ha4Options.names(), ...sections]);
    report.add(
      "HB1101",
      name,
      `Illegal directive [${shown(name.text)}] in ${report.file}`,
      near === undefined
        ? `sections: ${sections.join(", ")}; options: ${ha4Options.names().join(", ")}`
        : `did you mean ${near}?`,
    );
    return;
  }
  if (section === undefined) {
    report.add(
      "HB1102",
      name,
      `${option.name} stands outside of a section`,
      "open one first: defaults, group KEY or resource TEXT",
    );
    return;
  }
  if (value === undefined || extra !== undefined) {
    const example = option.key === "stopFailure" ? "reboot" : "30";
    report.add("HB1103", extra ?? name, `${option.name} takes one value`, `write: ${option.name} ${example}`);
    return;
  }
  if (option.key === "stopFailure") {
    const found = stopFailures.find((each) => each === value.text);
    if (found !== undefined) section.stopFailure = found;
    else
      report.add(
        "HB1103",
        value,
        `${option.name} is ${stopFailures.join(" or ")}, not ${shown(value.text)}`,
        "write: stop-failure reboot",
      );
    return;
  }
  const limit = timeLimit.read(value, report);
  if (limit !== undefined) section[option.key] = milliseconds(limit);
}
