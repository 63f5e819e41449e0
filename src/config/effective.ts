/** The effective configuration in two forms: as the original's `-v` and the test cases list it, and as files that say the same. */
import type { MediumConfig } from "../media/medium.ts";
import { withUdpport } from "./directives/media.ts";
import type { Draft, Origin } from "./draft.ts";

export interface Effective {
  /** The node table: cluster nodes and ping nodes, in file order. */
  readonly nodes: readonly string[];
  /** `bcast eth0`: directive and name. */
  readonly media: readonly string[];
  readonly params: Readonly<Record<string, string>>;
}

export const effectiveOf = ({ members, media, parameters }: Draft): Effective => ({
  nodes: members.map(({ name }) => name),
  media: media.map(({ config }) => `${config.kind} ${config.name}`),
  params: Object.fromEntries([...parameters].map(([name, { text }]) => [name, text])),
});

const portOf = (config: MediumConfig): number | undefined =>
  withUdpport.includes(config.kind) && "port" in config ? config.port : undefined;

/** Lines of an ha.cf with the same meaning, each with its origin behind it. Parsing them again gives the same configuration. */
export function printHaCf({ members, media, parameters, kept }: Draft, file: string): string[] {
  const lines: string[] = [];
  const add = (text: string, origin: Origin): void =>
    void lines.push(`${text.padEnd(40)} # ${originText(origin, file)}`.trimEnd());
  const inPlace = (line: number): Origin => ({ from: "file", place: { line, start: 0, end: 0 } });
  for (const [name, { text, origin }] of parameters) if (name !== "udpport") add(`${name} ${text}`, origin);
  // Nodes and media in file order: ping media are members too, and their place in the node table is part of the result.
  const nodes = members
    .filter(({ ping }) => !ping)
    .map(({ name, at }) => ({ line: at.line, text: `node ${name}`, port: undefined }));
  const paths = media.map(({ config, text, at }) => ({
    line: at.line,
    text: `${config.kind} ${text}`,
    port: portOf(config),
  }));
  let port: number | undefined;
  for (const entry of [...nodes, ...paths].sort((a, b) => a.line - b.line)) {
    if (entry.port !== undefined && entry.port !== port) add(`udpport ${entry.port}`, inPlace(entry.line));
    port = entry.port ?? port;
    add(entry.text, inPlace(entry.line));
  }
  const udpport = parameters.get("udpport");
  if (udpport !== undefined && udpport.text !== String(port)) add(`udpport ${udpport.text}`, udpport.origin);
  for (const { directive, text, at } of kept) add(`${directive} ${text}`, inPlace(at.line));
  return lines;
}

export function originText(origin: Origin, file: string): string {
  switch (origin.from) {
    case "file":
      return `${file}:${origin.place.line}`;
    case "default":
      return "default";
    case "derived":
      return `from ${origin.by}`;
  }
}
