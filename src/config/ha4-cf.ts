/**
 * Reads ha4.cf, the optional file for what 3.0.6 would refuse in its own three: options for groups and resources, by name.
 *
 *     defaults
 *       stop-timeout 60
 *     group 10.0.0.10/24
 *       start-timeout 30
 *       stop-failure hold
 *     kind ocf
 *       monitor 20
 *     resource mysql
 *       start-timeout 5000ms
 *       probe tcp 10.0.0.10:3306
 *
 * A line with `defaults`, `kind KIND`, `group KEY` or `resource TEXT` opens a section; options follow until the next one. Words and comments are
 * those of ha.cf. An option of a resource wins over its group's, that over its kind's, that over the defaults.
 * Some options stand for themselves (ha4-alone.ts). Sections `fence-device NAME` and `node-health` have forms of their own (ha4-fence.ts,
 * ha4-health.ts).
 */
import type { Resource, ResourceGroup } from "../agents/resource.ts";
import { nearest } from "../base/registry.ts";
import type { FencingDevice } from "../stonith/device.ts";
import type { Report } from "../syntax/diagnostic.ts";
import { type Line, type Word, withoutComment, wordsOf } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";
import { type AloneOptions, aloneOptions, readAlone } from "./ha4-alone.ts";
import { FenceSections, fenceSection } from "./ha4-fence.ts";
import { type HealthPlan, HealthSection, healthSection } from "./ha4-health.ts";
import { type ResourceOptions, resourceOptions } from "./ha4-options.ts";

/** Options by section; names are the texts of haresources. */
export interface Extension extends Readonly<AloneOptions> {
  readonly defaults: ResourceOptions;
  readonly kinds: ReadonlyMap<string, ResourceOptions>;
  readonly groups: ReadonlyMap<string, ResourceOptions>;
  readonly resources: ReadonlyMap<string, ResourceOptions>;
  /** Fencing devices, in file order; absent: none. */
  readonly fences?: readonly FencingDevice[];
  /** What makes this node unfit to hold anything; absent: nothing is looked at. */
  readonly health?: HealthPlan;
}

/** The options in force for one resource of a group. */
export const optionsFor = (
  { defaults, kinds, groups, resources }: Extension,
  group: string,
  resource: Resource,
): ResourceOptions => ({
  ...defaults,
  ...kinds.get(resource.kind),
  ...groups.get(group),
  ...(resources.get(resource.text) ?? resources.get(scriptOf(resource))),
});

/** What the resource would be called as a script: addresses may be written without. */
const scriptOf = (resource: Resource): string =>
  resource.kind === "address" ? (/^IP\w+(?=::)/.exec(resource.text)?.[0] ?? "IPaddr") : resource.script;

const sections = ["defaults", "kind", "group", "resource", fenceSection, healthSection];
const kinds: readonly Resource["kind"][] = ["address", "ocf", "script", "systemd"];

export function readHa4Cf(
  lines: readonly Line[],
  groups: readonly ResourceGroup[],
  nodes: readonly string[],
  report: Report,
): Extension {
  const fences = new FenceSections(nodes, report);
  const health = new HealthSection(report);
  const extension = {
    defaults: {},
    kinds: new Map<string, ResourceOptions>(),
    groups: new Map<string, ResourceOptions>(),
    resources: new Map<string, ResourceOptions>(),
  };
  const alone: AloneOptions = {};
  let section: ResourceOptions | "fence" | "health" | undefined;
  for (const line of lines) {
    const words = wordsOf(withoutComment(line.text), line.number);
    const [first, second] = words;
    if (first === undefined) continue;
    if (aloneOptions.get(first.text) !== undefined) readAlone(first, words.slice(1), alone, report);
    else if (first.text === fenceSection) {
      section = "fence";
      fences.open(first, second);
    } else if (first.text === healthSection) section = "health";
    else if (sections.includes(first.text)) section = openSection(first, second, extension, groups, report);
    else if (section === "fence") fences.read(line, words);
    else if (section === "health") health.read(words);
    else readOption(words, section, report);
  }
  const devices = fences.devices();
  const plan = health.plan();
  return {
    ...extension,
    ...(plan === undefined ? {} : { health: plan }),
    ...(devices.length === 0 ? {} : { fences: devices }),
    ...alone,
  };
}

function openSection(
  kind: Word,
  name: Word | undefined,
  extension: {
    defaults: ResourceOptions;
    kinds: Map<string, ResourceOptions>;
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
  const table = { kind: extension.kinds, group: extension.groups }[kind.text] ?? extension.resources;
  const names = namesOf(kind.text, groups);
  if (!names.includes(name.text)) {
    const near = report.full || name.text.length > 64 ? undefined : nearest(name.text, names);
    report.add(
      "HB1104",
      name,
      `${kind.text === "kind" ? "there is no" : "haresources has no"} ${kind.text} [${shown(name.text)}]: the section does nothing`,
      near === undefined
        ? `names: ${[...new Set(names)].slice(0, 10).map(shown).join(", ") || "none"}`
        : `did you mean ${shown(near)}?`,
    );
  }
  const options = table.get(name.text) ?? {};
  table.set(name.text, options);
  return options;
}

function namesOf(section: string, groups: readonly ResourceGroup[]): readonly string[] {
  if (section === "kind") return kinds;
  if (section === "group") return groups.map(({ key }) => key);
  return groups.flatMap(({ resources }) => resources.flatMap((each) => [each.text, scriptOf(each)]));
}

function readOption([name, ...words]: readonly Word[], section: ResourceOptions | undefined, report: Report): void {
  if (name === undefined) return;
  const option = resourceOptions.get(name.text);
  if (option === undefined) {
    const near =
      report.full || name.text.length > 40
        ? undefined
        : nearest(name.text, [...resourceOptions.names(), ...aloneOptions.names(), ...sections]);
    report.add(
      "HB1101",
      name,
      `Illegal directive [${shown(name.text)}] in ${report.file}`,
      near === undefined
        ? `sections: ${sections.join(", ")}; options: ${resourceOptions.names().join(", ")}`
        : `did you mean ${near}?`,
    );
    return;
  }
  if (section === undefined) {
    report.add(
      "HB1102",
      name,
      `${option.name} stands outside of a section`,
      "open one first: defaults, kind KIND, group KEY or resource TEXT",
    );
    return;
  }
  const [value, extra] = words;
  if (value === undefined || (extra !== undefined && option.many !== true)) {
    const says = option.many === true ? "needs a value" : "takes one value";
    report.add("HB1103", extra ?? name, `${option.name} ${says}`, `write: ${option.example}`);
    return;
  }
  option.read(words, section, report);
}
