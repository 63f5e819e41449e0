import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { parseIpv6 } from "./addresses.ts";
import { interfaceHelp, type MediumDescription } from "./description.ts";

/** UDP over IPv6 to one peer. */
export const ucast6: MediumDescription = {
  name: "ucast6",
  takes: "line",
  form: "INTERFACE ADDRESS",
  summary: "Sends heartbeats by UDP over IPv6 to one peer.",
  details: "The address is a literal one; a link-local address needs no %INTERFACE, because the line names it.",
  legal: "an interface and a unicast IPv6 address",
  example: "ucast6 eth0 fd00::2",
  ping: false,
  read([device, address], { facts, report, port, at }) {
    if (device === undefined) {
      report.add("HB0404", at, "ucast6 statement without device", "write: ucast6 eth0 fd00::2");
      return undefined;
    }
    const name = shown(device.text);
    const before = report.errors;
    if (!facts.interfaces.some((each) => each.name === device.text))
      report.add("HB0402", device, `ucast6 device [${name}] is invalid or not set up properly`, () =>
        interfaceHelp(device.text, facts),
      );
    if (address === undefined) {
      report.add(
        "HB0404",
        at,
        `ucast6 [${name}] missing ucast6 address`,
        `write: ucast6 ${name} and the peer's IPv6 address`,
      );
      return undefined;
    }
    const [plain = "", scope] = address.text.split("%", 2);
    const bytes = parseIpv6(plain);
    const lastOnly = bytes?.slice(0, 15).every((byte) => byte === 0);
    if (bytes === undefined || bytes[0] === 0xff || (lastOnly && (bytes[15] ?? 0) <= 1)) {
      report.add(
        "HB0409",
        address,
        `ucast6 [${name}] bad addr [${shown(address.text)}]`,
        "write the peer's IPv6 address; neither a multicast address nor :: or ::1",
      );
      return undefined;
    }
    if (scope !== undefined && !isLinkLocal(bytes)) {
      report.add(
        "HB0409",
        address,
        `ucast6 [${name}] bad addr [${shown(address.text)}]: only a link-local address has a scope`,
        `write ${shown(plain)}`,
      );
      return undefined;
    }

    const index = facts.interfaces.find((each) => each.name === device.text)?.index;
    const scopeIndex = facts.interfaces.find((each) => each.name === scope)?.index ?? Number(scope);
    if (scope !== undefined && report.errors === before && scopeIndex !== index)
      report.add(
        "HB0415",
        address,
        `ucast6: index ${index} does not match scope id ${scopeIndex} for device ${name}: Error creating ucast6_private(${name}, ${shown(address.text)})`,
        `write ${shown(plain)}%${name}, or name the other interface`,
      );
    if (report.errors > before) return undefined;
    return {
      kind: "ucast6",
      name: mediumName(device.text),
      device: device.text,
      address: isLinkLocal(bytes) ? `${plain}%${device.text}` : plain,
      port,
    };
  },
};

const isLinkLocal = (bytes: readonly number[]): boolean => bytes[0] === 0xfe && ((bytes[1] ?? 0) & 0xc0) === 0x80;
