/**
 * A checked configuration as text: how the process that reads the files tells the core what they say.
 *
 * The core must not wait for a disk or a name server, so after SIGHUP a process of its own reads and checks everything
 * (`read-main.ts`). If that is of another version, because the program was upgraded meanwhile, the core believes no more than the head of
 * what it says: which version that is, and whether it could take over.
 */
import { runnerProtocol } from "../drivers/runner-protocol.ts";
import type { CheckedConfiguration } from "./configuration.ts";
import { version } from "./version.ts";

export type ReadConfiguration = Omit<CheckedConfiguration, "loaded"> &
  (
    | Omit<Extract<CheckedConfiguration, { readonly ok: true }>, "loaded">
    | Omit<Extract<CheckedConfiguration, { readonly ok: false }>, "loaded">
  );

export function configurationText(checked: CheckedConfiguration): string {
  const { loaded: _loaded, ...rest } = checked;
  const says = checked.ok ? [] : checked.messages.filter(({ level }) => level === "error").map(({ text }) => text);
  return JSON.stringify({ version, runnerProtocol, ok: checked.ok, says, checked: rest }, (_, value: unknown) =>
    value instanceof Map ? { [mapMark]: [...value] } : value,
  );
}

/** What a program of another version finds, of which we are sure to understand it. */
export interface OtherVersion {
  readonly otherVersion: string;
  readonly runnerProtocol: number;
  /** The configuration is without errors. */
  readonly ok: boolean;
  readonly says: readonly string[];
}

/** Undefined: cut off, or by nobody we know. */
export function readConfigurationText(text: string): ReadConfiguration | OtherVersion | undefined {
  try {
    const said = JSON.parse(text, (_, value: unknown) =>
      isRecord(value) && Array.isArray(value[mapMark]) ? new Map(value[mapMark]) : value,
    );
    if (!isRecord(said)) return undefined;
    if (said["version"] !== version) return otherVersion(said);
    return isRecord(said["checked"]) ? (said["checked"] as unknown as ReadConfiguration) : undefined;
  } catch {
    return undefined;
  }
}

function otherVersion(said: Record<string, unknown>): OtherVersion | undefined {
  const { version: name, runnerProtocol: protocol, ok, says } = said;
  if (typeof name !== "string" || typeof protocol !== "number" || typeof ok !== "boolean") return undefined;
  const texts = Array.isArray(says) ? says.filter((each) => typeof each === "string") : [];
  return { otherVersion: name, runnerProtocol: protocol, ok, says: texts };
}

/** No object of a configuration has a field of this name. */
const mapMark = "(map)";

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
