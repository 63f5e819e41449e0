/**
 * Fencing devices of ha4.cf: any fence agent, which 3.0.6 does not know.
 *
 *     fence-device power-of-fox
 *       agent fence_ipmilan
 *       nodes fox
 *       option ip=10.0.0.11
 *       option username=admin
 *       option password=secret # this too
 *       plug fox=1
 *       timeout 30
 *
 * Everything behind the equals sign is an option's value. Without `nodes` the device is used for every node; `plug` says what it calls one.
 */
import { type Milliseconds, milliseconds, type NodeName, nodeName, seconds } from "../base/units.ts";
import type { FencingDevice } from "../stonith/device.ts";
import { time } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Line, Word } from "../syntax/lexer.ts";
import { foldAscii, osText, shown } from "../syntax/text.ts";

export const fenceSection = "fence-device";

/** Controllers of servers take their time. */
export const fencingTimeLimit: Milliseconds = seconds(60);

export const fenceOptions = [
  { name: "agent", form: "fence_NAME", summary: "The program, as of the package fence-agents." },
  { name: "nodes", form: "NODE...", summary: "The nodes that it can switch off; without this line: all." },
  { name: "option", form: "NAME=VALUE", summary: "An option of the agent, which reads it from its standard input." },
  { name: "plug", form: "NODE=PLUG", summary: "What the device calls a node." },
  { name: "timeout", form: "TIME", summary: "How long one attempt may take (60)." },
] as const;

/** What an agent may be told to do in place of a reset. */
const switching: readonly string[] = ["reboot", "off", "cycle"];

const agentName = /^fence_[A-Za-z0-9_.-]+$/;
const limit = time(1);

interface DeviceDraft {
  readonly at: Word;
  readonly name: string;
  agent: string | undefined;
  victims: NodeName[] | undefined;
  timeLimit: Milliseconds;
  readonly options: Map<string, string>;
  readonly plugs: Map<NodeName, string>;
}

export class FenceSections {
  readonly #nodes: readonly string[];
  readonly #report: Report;
  readonly #drafts: DeviceDraft[] = [];

  constructor(nodes: readonly string[], report: Report) {
    this.#nodes = nodes;
    this.#report = report;
  }

  open(kind: Word, name: Word | undefined): void {
    if (name === undefined) this.#bad(kind, "fence-device without a name", "write: fence-device NAME");
    else if (this.#drafts.some((draft) => draft.name === name.text))
      this.#bad(name, `fence-device [${shown(name.text)}] stands here twice`, "give each device a name of its own");
    this.#drafts.push({
      at: kind,
      name: osText(name?.text ?? ""),
      agent: undefined,
      victims: undefined,
      timeLimit: fencingTimeLimit,
      options: new Map(),
      plugs: new Map(),
    });
  }

  /** A line below the last `fence-device`. */
  read({ text }: Line, [name, value, ...more]: readonly Word[]): void {
    const draft = this.#drafts.at(-1);
    if (draft === undefined || name === undefined) return;
    const option = fenceOptions.find((each) => each.name === name.text);
    if (option === undefined) {
      const known = fenceOptions.map((each) => each.name).join(", ");
      return this.#bad(name, `fence-device has no option [${shown(name.text)}]`, `options: ${known}`);
    }
    if (value === undefined || (more.length > 0 && option.name !== "nodes" && option.name !== "option"))
      return this.#bad(more[0] ?? name, `${option.name} takes one value`, `write: ${option.name} ${option.form}`);
    switch (option.name) {
      case "agent":
        if (agentName.test(value.text)) draft.agent = value.text;
        else this.#bad(value, `[${shown(value.text)}] is no fence agent`, "write: agent fence_ipmilan");
        return;
      case "nodes":
        draft.victims = [...(draft.victims ?? []), ...[value, ...more].flatMap((word) => this.#node(word, word.text))];
        return;
      case "option": {
        const [key, rest] = halves(text.slice(value.start).trimEnd());
        if (rest === undefined || !/^[A-Za-z0-9_-]+$/.test(key))
          return this.#bad(
            value,
            "option is NAME=VALUE, without blanks around the equals sign",
            "write: option ip=10.0.0.11",
          );
        if (key === "action" && !switching.includes(rest))
          return this.#bad(
            value,
            `action=${shown(rest)} switches nobody off: its success would be taken for a reset`,
            `write one of ${switching.join(", ")}, or leave the line out`,
          );
        draft.options.set(key, osText(rest));
        return;
      }
      case "plug": {
        const [node, plug] = halves(value.text);
        if (plug === undefined || plug === "") return this.#bad(value, "plug is NODE=PLUG", "write: plug fox=1");
        for (const known of this.#node(value, node)) draft.plugs.set(known, osText(plug));
        return;
      }
      case "timeout": {
        const read = limit.read(value, this.#report);
        if (read !== undefined) draft.timeLimit = milliseconds(read);
        return;
      }
    }
  }

  /** Those that are complete. */
  devices(): FencingDevice[] {
    return this.#drafts.flatMap(({ at, name, agent, victims, timeLimit, options, plugs }): FencingDevice[] => {
      if (agent === undefined) {
        this.#bad(at, `fence-device [${shown(name)}] names no agent`, "write below it: agent fence_NAME");
        return [];
      }
      return [{ name, kind: "agent", type: agent, parameters: { in: "options", options, plugs }, victims, timeLimit }];
    });
  }

  #node(at: Word, text: string): NodeName[] {
    const name = foldAscii(text);
    if (this.#nodes.includes(name)) return [nodeName(name)];
    this.#bad(at, `[${shown(name)}] is no node of ha.cf`, `nodes: ${this.#nodes.map(shown).join(", ")}`);
    return [];
  }

  /** None of these texts holds the value of an option: it may be a password. */
  #bad(at: Word, says: string, help: string): void {
    this.#report.add("HB1105", at, says, help);
  }
}

/** At the first equals sign; the second is undefined when there is none. */
function halves(text: string): [string, string | undefined] {
  const equals = text.indexOf("=");
  return equals < 0 ? [text, undefined] : [text.slice(0, equals), text.slice(equals + 1)];
}
