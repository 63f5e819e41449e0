import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { ipv4Text, parseHostAddress } from "./addresses.ts";
import type { MediumDescription } from "./description.ts";

/** Several hosts that count as one ping node: it is alive while any of them answers. */
export const pingGroup: MediumDescription = {
  name: "ping_group",
  takes: "line",
  form: "NAME HOST...",
  summary: "Watches several hosts as one: the group answers while any of them does.",
  details: "NAME is the pseudo member's name. Hosts are separated by blanks.",
  legal: "a name, then IPv4 addresses or host names",
  example: "ping_group routers 10.0.0.253 10.0.0.254",
  ping: true,
  read([name, ...words], { facts, report, at }) {
    if (name === undefined || words.length === 0) {
      report.add(
        "HB0404",
        at,
        `ping_group ${name ? `[${shown(name.text)}] without hosts` : "without name and hosts"}`,
        "write: ping_group routers 10.0.0.253 10.0.0.254",
      );
      return undefined;
    }
    const hosts: string[] = [];
    for (const word of words) {
      const numeric = parseHostAddress(word.text);
      const address = numeric === undefined ? facts.resolveHost(word.text) : ipv4Text(numeric);
      if (address !== undefined) hosts.push(address);
      else
        report.add(
          "HB0418",
          word,
          `unknown host: ${shown(word.text)}: it is never pinged`,
          word.text.includes(",") ? "separate hosts by blanks, not commas" : "write its IPv4 address",
        );
    }
    if (hosts.length === 0)
      report.add("HB0419", name, `no host of ping_group [${shown(name.text)}] can be pinged: it is always dead`);
    return { kind: "ping_group", name: mediumName(name.text), hosts };
  },
};
