/**
 * A kind of medium as data: its directive in ha.cf and what that describes. Whoever opens the medium knows only the
 * `MediumConfig` that comes out.
 *
 * Source: docs/reference/configuration.md, section 6.
 */
import { nearest } from "../base/registry.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Place, Word } from "../syntax/lexer.ts";
import type { MediumConfig, MediumKind } from "./medium.ts";

export interface InterfaceFacts {
  readonly name: string;
  readonly index: number;
  readonly ipv4: readonly { readonly address: string; readonly prefix: number; readonly broadcast?: string }[];
  readonly ipv6: readonly { readonly address: string; readonly prefix: number }[];
}

export type FileKind = "missing" | "file" | "executable" | "directory" | "char-device" | "tty";

/** What reading a medium's line needs to know of this host. */
export interface MediaFacts {
  readonly interfaces: readonly InterfaceFacts[];
  /** The IPv4 address of a host name. */
  readonly resolveHost: (name: string) => string | undefined;
  /** UDP services of /etc/services: name to port. */
  readonly services: ReadonlyMap<string, number>;
  readonly fileKind: (path: string) => FileKind;
}

export interface MediumScope {
  readonly facts: MediaFacts;
  readonly report: Report;
  /** The UDP port in force where the line stands: 1 to 65535. */
  readonly port: number;
  readonly baud: number;
  /** Where the directive itself stands, for what is missing. */
  readonly at: Place;
}

export interface MediumDescription {
  readonly name: MediumKind;
  /** "values": each word of the line is a medium of its own. */
  readonly takes: "values" | "line";
  readonly form: string;
  readonly summary: string;
  readonly details: string;
  readonly legal: string;
  readonly example: string;
  /** True for what answers pings instead of sending heartbeats: such a line makes a pseudo member of the cluster. */
  readonly ping: boolean;
  /** Undefined after a fault has been reported. `words` is one word where `takes` is "values". */
  readonly read: (words: readonly Word[], scope: MediumScope) => MediumConfig | undefined;
}

/** "did you mean eth0?", or which interfaces there are. */
export function interfaceHelp(name: string, { interfaces }: MediaFacts): string {
  const names = interfaces.map((each) => each.name);
  const near = name.length > 15 ? undefined : nearest(name, names);
  return `${near === undefined ? "" : `did you mean ${near}? `}this host has: ${names.join(", ") || "no interface"}`;
}
