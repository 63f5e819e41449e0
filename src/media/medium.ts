/**
 * The media a node can speak over, as data. Drivers open what is described here; nothing in the core knows more of a
 * medium than its name.
 *
 * Source: docs/reference/wire-protocol.md, section 11.
 */
import type { MediumName } from "../base/units.ts";

interface Common {
  /** What links are named after: the device, tty path or ping host. */
  readonly name: MediumName;
}

export type MediumConfig = Common &
  (
    | { readonly kind: "bcast"; readonly device: string; readonly port: number }
    | { readonly kind: "ucast"; readonly device: string; readonly address: string; readonly port: number }
    | {
        readonly kind: "mcast";
        readonly device: string;
        readonly group: string;
        readonly port: number;
        /** 0 to 4. */
        readonly ttl: number;
        readonly loop: boolean;
      }
    | { readonly kind: "ucast6"; readonly device: string; readonly address: string; readonly port: number }
    | {
        readonly kind: "mcast6";
        readonly device: string;
        readonly group: string;
        readonly port: number;
        readonly hops: number;
        readonly loop: boolean;
      }
    | { readonly kind: "serial"; readonly device: string; readonly baud: number }
    | { readonly kind: "ping"; readonly host: string }
    | { readonly kind: "ping6"; readonly host: string }
    | { readonly kind: "ping_group"; readonly hosts: readonly string[] }
  );

export type MediumKind = MediumConfig["kind"];
