/**
 * Which messages the scripts of /etc/ha.d/rc.d are told of, and in what words.
 *
 * A type is notified when a file of exactly its name was there at the start. The daemon never waits for such a script and decides nothing by
 * it; so the types that it handles itself are not notified at all, lest a script of 3.0.6 that is still there did the same a second
 * time (quirk 52).
 *
 * Source: docs/reference/resources.md, sections 5 and 6.
 * Deviations: HA_OSTATUS is the status that the sender had before (quirk 53).
 */
import { osText } from "../syntax/text.ts";
import type { Message } from "../wire/message.ts";
import { stringOf } from "../wire/message.ts";
import type { Effect } from "./effect.ts";

/** The original's own limit for names of types. */
const typeMax = 31;
/** One variable of an environment may have 128 KiB on Linux, characters beyond ASCII two bytes each. */
const valueMax = 32 * 1024;

export class Notices {
  readonly #types: ReadonlySet<string>;
  readonly #nice: boolean;

  /** `types`: names of the files in rc.d. */
  constructor(types: ReadonlySet<string>, legacy: boolean) {
    this.#types = types;
    this.#nice = !legacy;
  }

  /** The order to tell of a message, if anybody wants to know. `before`: the status its sender had until then. */
  of(message: Message, before: string | undefined): Effect[] {
    const type = stringOf(message, "t");
    if (type === undefined || type.length > typeMax || !this.#types.has(type)) return [];
    const fields: Record<string, string> = {};
    for (const field of message) {
      if (field.type !== "string" || !/^[A-Za-z0-9_]+$/.test(field.name)) continue;
      if (field.value.length > valueMax || field.value.includes("\0")) continue;
      fields[`HA_${field.name}`] ??= osText(field.value); // of two fields with one name the first counts
    }
    const environment = {
      ...(before === undefined ? {} : { HA_OSTATUS: before }),
      ...(this.#nice ? { HA_NICEFAILBACK: "yes" } : {}),
    };
    return [{ do: "notify", type: type.toLowerCase(), fields, environment }];
  }
}
