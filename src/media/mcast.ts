import { mediumName } from "../base/units.ts";
import { atoi } from "../syntax/args.ts";
import type { Report } from "../syntax/diagnostic.ts";
import type { Word } from "../syntax/lexer.ts";
import { shown } from "../syntax/text.ts";
import { parseInetAton, parseIpv4 } from "./addresses.ts";
import { interfaceHelp, type MediumDescription } from "./description.ts";

/** UDP multicast. The original reads the numbers with `atoi` and cuts them to 16 and 8 bits (section 6 of the reference). */
export const mcast: MediumDescription = {
  name: "mcast",
  takes: "line",
  form: "INTERFACE GROUP PORT TTL LOOP",
  summary: "Sends heartbeats to a UDP multicast group.",
  details:
    "TTL is how many routers the datagrams may cross, plus one; LOOP is 0 unless both nodes run on one host. Any node of the " +
    "cluster must use the same group and port.",
  legal: "an interface with an IPv4 address, 224.0.0.0 to 239.255.255.255, a port, 0 to 4, 0 or 1",
  example: "mcast eth0 225.0.0.1 694 1 0",
  ping: false,
  read(words, { facts, report, at }) {
    const [device, group, portWord, ttlWord, loopWord] = words;
    if (device === undefined) {
      report.add("HB0404", at, "mcast: missing device", "write: mcast eth0 225.0.0.1 694 1 0");
      return undefined;
    }
    const name = shown(device.text);
    const before = report.errors;
    const found = facts.interfaces.find((each) => each.name === device.text);
    if (found === undefined || found.ipv4.length === 0)
      report.add(
        found === undefined ? "HB0402" : "HB0403",
        device,
        `mcast device [${name}] is invalid or not set up properly: ` +
          (found === undefined ? "No such device" : "it has no IPv4 address"),
        found === undefined ? interfaceHelp(device.text, facts) : `give ${name} an IPv4 address first`,
      );
    if (group === undefined || portWord === undefined || ttlWord === undefined || loopWord === undefined) {
      const missing = ["mcast address", "port", "ttl", "loop"][words.length - 1] ?? "loop";
      report.add(
        "HB0404",
        at,
        `mcast [${name}] missing ${missing}`,
        "write: mcast INTERFACE GROUP PORT TTL LOOP, for example mcast eth0 225.0.0.1 694 1 0",
      );
      return undefined;
    }
    checkGroup(name, group, report);
    const port = cut(portWord, 16, report);
    if (port === 0)
      report.add(
        "HB0410",
        portWord,
        `mcast [${name}] bad port [${port}]: ${shown(portWord.text)}`,
        "write a port: 1 to 65535",
      );
    const ttl = cut(ttlWord, 8, report);
    if (ttl > 4)
      report.add(
        "HB0411",
        ttlWord,
        `mcast [${name}] bad ttl [${ttl}]: ${shown(ttlWord.text)}`,
        "write 1 to 4; 1 stays on the network segment",
      );
    if (ttl === 0) report.add("HB0412", ttlWord, "with ttl 0 no datagram leaves this host", "write 1");
    const loop = cut(loopWord, 8, report);
    if (loop > 1)
      report.add(
        "HB0413",
        loopWord,
        `mcast [${name}] bad loop [${loop}]: ${shown(loopWord.text)}`,
        "write 0, or 1 when the nodes share one host",
      );
    if (report.errors > before) return undefined;
    return {
      kind: "mcast",
      name: mediumName(device.text),
      device: device.text,
      group: group.text,
      port,
      ttl,
      loop: loop === 1,
    };
  },
};

function checkGroup(name: string, group: Word, report: Report): void {
  const quad = parseIpv4(group.text);
  const first = (quad ?? parseInetAton(group.text))?.[0] ?? 0;
  if (first < 224 || first > 239)
    report.add(
      "HB0409",
      group,
      `mcast [${name}] bad addr [${shown(group.text)}]`,
      "write a multicast address: 224.0.0.0 to 239.255.255.255, for example 225.0.0.1",
    );
  else if (quad === undefined)
    report.add(
      "HB0409",
      group,
      `Error creating mcast_private(${name}, ${shown(group.text)}): the address is abbreviated`,
      "write all four parts of the address",
    );
}

/** The number as the original keeps it, with a warning where that is not what was written. */
export function cut(word: Word, bits: 8 | 16, report: Report): number {
  const value = ((atoi(word.text) % 2 ** bits) + 2 ** bits) % 2 ** bits;
  if (word.text !== String(value))
    report.add(
      "HB0414",
      word,
      `[${shown(word.text)}] is read as ${value}`,
      `write the number meant: 0 to ${2 ** bits - 1}`,
    );
  return value;
}
