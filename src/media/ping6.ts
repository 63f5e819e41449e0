import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { parseIpv6 } from "./addresses.ts";
import type { MediumDescription } from "./description.ts";

/** As ping, over IPv6. */
export const ping6: MediumDescription = {
  name: "ping6",
  takes: "values",
  form: "ADDRESS...",
  summary: "Watches hosts outside the cluster by ICMPv6.",
  details: "As ping; the address must be a literal one.",
  legal: "IPv6 addresses",
  example: "ping6 fd00::fe",
  ping: true,
  read([word], { report }) {
    if (word === undefined) return undefined;
    if (parseIpv6(word.text) === undefined) {
      report.add(
        "HB0409",
        word,
        `Illegal ping6 [ping6 membership] in config file [${shown(word.text)}]`,
        "write an IPv6 address; for IPv4 addresses and names there is ping",
      );
      return undefined;
    }
    return { kind: "ping6", name: mediumName(word.text), host: word.text };
  },
};
