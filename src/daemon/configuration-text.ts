/**
 * A checked configuration as text: how the process that reads the files tells the core what they say.
 *
 * The core must not wait for a disk or a name server, so after SIGHUP a process of its own reads and checks everything
 * (`read-main.ts`). Both are of one version, or the core does not believe a word: the files may have been upgraded meanwhile.
 */
import type { CheckedConfiguration } from "./configuration.ts";
import { version } from "./version.ts";

export type ReadConfiguration = Omit<CheckedConfiguration, "loaded"> &
  (
    | Omit<Extract<CheckedConfiguration, { readonly ok: true }>, "loaded">
    | Omit<Extract<CheckedConfiguration, { readonly ok: false }>, "loaded">
  );

export function configurationText(checked: CheckedConfiguration): string {
  const { loaded: _loaded, ...rest } = checked;
  return JSON.stringify({ version, checked: rest }, (_, value: unknown) =>
    value instanceof Map ? { [mapMark]: [...value] } : value,
  );
}

/** Undefined: not from this version, or cut off. */
export function readConfigurationText(text: string): ReadConfiguration | undefined {
  try {
    const said = JSON.parse(text, (_, value: unknown) =>
      isRecord(value) && Array.isArray(value[mapMark]) ? new Map(value[mapMark]) : value,
    );
    return isRecord(said) && said["version"] === version && isRecord(said["checked"])
      ? (said["checked"] as unknown as ReadConfiguration)
      : undefined;
  } catch {
    return undefined;
  }
}

/** No object of a configuration has a field of this name. */
const mapMark = "(map)";

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;
