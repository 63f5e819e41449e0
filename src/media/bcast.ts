import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { interfaceHelp, type MediumDescription } from "./description.ts";

/** UDP broadcast on one or more interfaces. */
export const bcast: MediumDescription = {
  name: "bcast",
  takes: "values",
  form: "INTERFACE...",
  summary: "Sends heartbeats as UDP broadcasts on these interfaces.",
  details:
    "Every node on the network segment hears them. The port is udpport's at the first bcast line. The interface must have an IPv4 address.",
  legal: "names of interfaces with an IPv4 address",
  example: "bcast eth0",
  ping: false,
  read([word], { facts, report, port }) {
    if (word === undefined) return undefined;
    const found = facts.interfaces.find((each) => each.name === word.text);
    if (found === undefined || found.ipv4.length === 0) {
      const name = shown(word.text);
      const illegal = `Illegal bcast [UDP/IP broadcast] in config file [${name}]`;
      if (found === undefined)
        report.add(
          "HB0402",
          word,
          `Get broadcast for interface ${name} failed: No such device; IP interface [${name}] does not exist; ${illegal}`,
          () => interfaceHelp(word.text, facts),
        );
      else
        report.add(
          "HB0403",
          word,
          `Get broadcast for interface ${name} failed: Cannot assign requested address: it has no IPv4 address; ${illegal}`,
          `give ${name} an IPv4 address, or name another interface`,
        );
      return undefined;
    }
    return { kind: "bcast", name: mediumName(word.text), device: word.text, port };
  },
};
