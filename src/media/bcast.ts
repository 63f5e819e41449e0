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
      const why = found === undefined ? "No such device" : "Cannot assign requested address";
      report.add(
        found === undefined ? "HB0402" : "HB0403",
        word,
        `Get broadcast for interface ${shown(word.text)} failed: ${why}; ` +
          `IP interface [${shown(word.text)}] ${found === undefined ? "does not exist" : "does not exist for broadcasts: it has no IPv4 address"}; ` +
          `Illegal bcast [UDP/IP broadcast] in config file [${shown(word.text)}]`,
        found === undefined
          ? interfaceHelp(word.text, facts)
          : `give ${shown(word.text)} an IPv4 address, or name another interface`,
      );
      return undefined;
    }
    return { kind: "bcast", name: mediumName(word.text), device: word.text, port };
  },
};
