/**
 * A fencing device as data: how it is asked, and what its answer means.
 *
 * A device is a program that switches another machine off and on. Its parameters hold passwords, so that they never go into an argument
 * list, where every user of the machine can read them: they stand in a file of the administrator, or go to the program's standard input.
 */
import type { Milliseconds, NodeName } from "../base/units.ts";

export type DeviceAction = "reset" | "status" | "list";

export type DeviceKind = "glue" | "agent";

export interface FencingDevice {
  /** What the log calls it; unique. */
  readonly name: string;
  readonly kind: DeviceKind;
  /** A type that `stonith -L` prints, or the program's name of a fence agent. */
  readonly type: string;
  readonly parameters: DeviceParameters;
  /** The nodes that it can switch off; undefined: any. */
  readonly victims: readonly NodeName[] | undefined;
  /** Of one attempt. */
  readonly timeLimit: Milliseconds;
}

export type DeviceParameters =
  /** A file in the device's own form. */
  | { readonly in: "file"; readonly file: string }
  /** The same as text. */
  | { readonly in: "text"; readonly text: string }
  /** By name; `plugs` says what the device calls each node. */
  | {
      readonly in: "options";
      readonly options: ReadonlyMap<string, string>;
      readonly plugs: ReadonlyMap<NodeName, string>;
    };

export interface DeviceCommand {
  /** Paths, of which the first that is there is run. */
  readonly program: readonly string[];
  readonly argv: readonly string[];
  /** What stands on its standard input. */
  readonly input: string;
}

/** What the program said with its exit code. */
export type DeviceAnswer = "done" | "bad-host" | "failed";

export interface DeviceType {
  readonly kind: DeviceKind;
  command(device: FencingDevice, action: DeviceAction, victim: NodeName | undefined): DeviceCommand;
  judge(code: number): DeviceAnswer;
}

/** The words of a device's parameters, none of which may be shown; names of nodes are no secrets. */
export function secretsOf({ parameters }: FencingDevice, nodes: readonly NodeName[]): string[] {
  const isOpen = (word: string): boolean =>
    word.split(",").every((part) => nodes.some((node) => node === part.toLowerCase()));
  if (parameters.in === "file") return [];
  const values = parameters.in === "text" ? [parameters.text] : [...parameters.options.values()];
  const words = values.flatMap((value) => [value, ...value.split(/\s+/)]);
  return [...new Set(words)]
    .filter((word) => word !== "" && !meansNothing.test(word) && !isOpen(word))
    .sort((a, b) => b.length - a.length);
}

/** Values that say nothing about anybody, and would make holes into every message. */
const meansNothing = /^(?:on|off|yes|no|\d{1,2})$/i;

/** From so many characters on a secret is one wherever it stands, also glued to an option: `-Psecret`. */
const wordMin = 4;

/** The text with each secret replaced; a very short one only where it stands as a word of its own. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return secrets.reduce((shown, secret) => {
    const literal = secret.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
    const pattern = secret.length < wordMin ? `(?<![A-Za-z0-9])${literal}(?![A-Za-z0-9])` : literal;
    return shown.replaceAll(new RegExp(pattern, "g"), "***");
  }, text);
}
