import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { ipv4Text, parseHostAddress, parseIpv4 } from "./addresses.ts";
import { interfaceHelp, type MediumDescription } from "./description.ts";

/** UDP to one peer. */
export const ucast: MediumDescription = {
  name: "ucast",
  takes: "line",
  form: "INTERFACE HOST",
  summary: "Sends heartbeats by UDP to one peer.",
  details:
    "One line per peer. A line with the node's own address does no harm, so that all nodes may have the same file. A host name is " +
    "looked up once, when the file is read. The port is udpport's at the first ucast line.",
  legal: "an interface, and an IPv4 address or host name",
  example: "ucast eth0 10.0.0.2",
  ping: false,
  read([device, host, ...ignored], { facts, report, port, at }) {
    if (device === undefined) {
      report.add("HB0404", at, "ucast: missing device and target IP address/hostname", "write: ucast eth0 10.0.0.2");
      return undefined;
    }
    if (host === undefined) {
      report.add(
        "HB0404",
        at,
        `ucast: [${shown(device.text)}] missing target IP address/hostname`,
        `write: ucast ${shown(device.text)} and the peer's address`,
      );
      return undefined;
    }
    const known = facts.interfaces.some((each) => each.name === device.text);
    if (!known)
      report.add("HB0405", device, `ucast: interface [${shown(device.text)}] does not exist`, () =>
        interfaceHelp(device.text, facts),
      );
    const quad = parseIpv4(host.text);
    const short = quad ?? parseHostAddress(host.text);
    if (quad === undefined && short !== undefined)
      report.add("HB0406", host, `[${shown(host.text)}] is read as ${ipv4Text(short)}`, `write ${ipv4Text(short)}`);
    const address = short === undefined ? facts.resolveHost(host.text) : ipv4Text(short);
    if (address === undefined)
      report.add(
        "HB0407",
        host,
        `ucast: cannot resolve hostname [${shown(host.text)}]`,
        "write the peer's IPv4 address, or enter the name in /etc/hosts",
      );
    const extra = ignored[0];
    if (extra !== undefined)
      report.add(
        "HB0408",
        extra,
        `[${shown(extra.text)}] and what follows is ignored`,
        "ucast takes an interface and a host; the port comes from udpport",
      );
    if (!known || address === undefined) return undefined;
    return { kind: "ucast", name: mediumName(device.text), device: device.text, address, port };
  },
};
