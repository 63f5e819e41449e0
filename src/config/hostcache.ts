/**
 * The files hostcache and delhostcache: which nodes there are, and which were deleted, where nodes may come and go.
 *
 * A line is `name TAB uuid TAB weight TAB site`; older files have the first two columns. Nobody but heartbeat writes them, so one bad line
 * means that the file is not what it was: it counts as a whole or not at all, as with the original.
 *
 * Source: docs/reference/wire-protocol.md, section 10.3; configuration.md, section 11.3.
 */
import { failed, ok, type Result } from "../base/result.ts";
import { type NodeName, nodeName } from "../base/units.ts";
import { foldAscii } from "../syntax/text.ts";
import { nodeNameMax, nodesMax } from "../wire/limits.ts";
import { uuidFromText, uuidText } from "../wire/uuid.ts";

export interface HostEntry {
  readonly name: NodeName;
  /** 16 bytes; all zero: not known. */
  readonly uuid: Uint8Array;
  readonly weight: number;
  readonly site: string;
}

export const defaultWeight = 100;
/** Longer sites are cut: everybody who holds a key could send some. */
export const siteMax = 255;

/** What a name that comes over the network must be, to be a node and a line of these files. */
export const isPlainNodeName = (name: string): boolean => name.length <= nodeNameMax && /^[!-~\x80-\xff]+$/.test(name);

export const hostcacheText = (entries: readonly HostEntry[]): string =>
  entries.map(({ name, uuid, weight, site }) => `${name}\t${uuidText(uuid)}\t${weight}\t${plain(site)}\n`).join("");

/** A site may be any words, but neither a column nor a line of its own. */
const plain = (site: string): string => site.replace(/[\t\r\n\0]/g, " ").slice(0, siteMax);

/** The entries, or the line that is none. */
export function readHostcache(text: string): Result<HostEntry[], string> {
  const entries: HostEntry[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const entry = entryOf(line);
    if (entry === undefined || entries.length === nodesMax) return failed(line.slice(0, 200));
    entries.push(entry);
  }
  return ok(entries);
}

function entryOf(line: string): HostEntry | undefined {
  const [name = "", id = "", weight, site = "", ...rest] = line.split("\t");
  const uuid = uuidFromText(id.trim());
  if (!isPlainNodeName(name) || uuid === undefined || rest.length > 0) return undefined;
  if (weight !== undefined && !/^[+-]?\d{1,9}$/.test(weight)) return undefined;
  return { name: nodeName(foldAscii(name)), uuid, weight: Number(weight ?? defaultWeight), site };
}
