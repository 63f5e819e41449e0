import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import { parseIpv6 } from "./addresses.ts";
import { interfaceHelp, type MediumDescription } from "./description.ts";
import { cut } from "./mcast.ts";

/** Scopes the original takes: link-local, admin-local, site-local, organisation-local. */
const scopes = [2, 4, 5, 8];

/** UDP over IPv6 multicast. */
export const mcast6: MediumDescription = {
  name: "mcast6",
  takes: "line",
  form: "INTERFACE GROUP PORT HOPS LOOP",
  summary: "Sends heartbeats to an IPv6 multicast group.",
  details: "As mcast, over IPv6. The group is a transient or well-known one of scope 2, 4, 5 or 8.",
  legal: "an interface, ff02... ff12... (scope 2, 4, 5 or 8), a port, 0 to 4, 0 or 1",
  example: "mcast6 eth0 ff12::1:2:3:4 694 1 0",
  ping: false,
  read(words, { facts, report, at }) {
    const [device, group, portWord, hopsWord, loopWord] = words;
    if (device === undefined) {
      report.add("HB0404", at, "mcast6 statement without device", "write: mcast6 eth0 ff12::1:2:3:4 694 1 0");
      return undefined;
    }
    const name = shown(device.text);
    const before = report.errors;
    if (!facts.interfaces.some((each) => each.name === device.text))
      report.add("HB0402", device, `mcast6 device [${name}] is invalid or not set up properly`, () =>
        interfaceHelp(device.text, facts),
      );
    if (group === undefined || portWord === undefined || hopsWord === undefined || loopWord === undefined) {
      const missing = ["mcast6 address", "port", "hops", "loop"][words.length - 1] ?? "loop";
      report.add("HB0404", at, `mcast6 [${name}] missing ${missing}`, "write: mcast6 INTERFACE GROUP PORT HOPS LOOP");
      return undefined;
    }
    if (!isGroup(parseIpv6(group.text)))
      report.add(
        "HB0409",
        group,
        `mcast6 [${name}] bad addr [${shown(group.text)}]`,
        "write a multicast address of scope 2, 4, 5 or 8, for example ff12::1:2:3:4",
      );
    // The system resolves this port, so a name will do; mcast reads digits only.
    const port = facts.services.get(portWord.text) ?? cut(portWord, 16, report);
    if (port === 0)
      report.add(
        "HB0410",
        portWord,
        `mcast6 [${name}] bad port [${port}]: ${shown(portWord.text)}`,
        "write a port: 1 to 65535",
      );
    const hops = cut(hopsWord, 8, report);
    if (hops > 4)
      report.add("HB0411", hopsWord, `mcast6 [${name}] bad hops [${hops}]: ${shown(hopsWord.text)}`, "write 1 to 4");
    const loop = cut(loopWord, 8, report);
    if (loop > 1)
      report.add("HB0413", loopWord, `mcast6 [${name}] bad loop [${loop}]: ${shown(loopWord.text)}`, "write 0 or 1");
    if (report.errors > before) return undefined;
    return {
      kind: "mcast6",
      name: mediumName(device.text),
      device: device.text,
      group: group.text,
      port,
      hops,
      loop: loop === 1,
    };
  },
};

function isGroup(bytes: readonly number[] | undefined): boolean {
  if (bytes === undefined || bytes[0] !== 0xff) return false;
  const second = bytes[1] ?? 0;
  return (second & 0xe0) === 0 && scopes.includes(second & 0x0f) && bytes.slice(2).some((byte) => byte !== 0);
}
