import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { ipv4Text, parseHostAddress } from "./addresses.ts";
import type { MediumDescription } from "./description.ts";

/** A host outside the cluster whose answers tell whether our own connection works. */
export const ping: MediumDescription = {
  name: "ping",
  takes: "values",
  form: "HOST...",
  summary: "Watches hosts outside the cluster, such as the router, by ICMP.",
  details: "Each is a pseudo member of the cluster. ipfail compares how many of them either node reaches.",
  legal: "IPv4 addresses or host names",
  example: "ping 10.0.0.254",
  ping: true,
  read([word], { facts, report }) {
    if (word === undefined) return undefined;
    const numeric = parseHostAddress(word.text);
    const address = numeric === undefined ? facts.resolveHost(word.text) : ipv4Text(numeric);
    if (address === undefined) {
      report.add(
        "HB0407",
        word,
        `unknown host: ${shown(word.text)}; Illegal ping [ping membership] in config file [${shown(word.text)}]`,
        "write the host's IPv4 address, or enter the name in /etc/hosts",
      );
      return undefined;
    }
    return { kind: "ping", name: mediumName(word.text), host: address };
  },
};
