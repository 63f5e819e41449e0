import { mediumName } from "../base/units.ts";
import { shown } from "../syntax/text.ts";
import type { MediumDescription } from "./description.ts";

/** A serial line between two nodes, or a ring of them. */
export const serial: MediumDescription = {
  name: "serial",
  takes: "values",
  form: "TTY...",
  summary: "Sends heartbeats over serial lines.",
  details:
    "A null-modem cable between the nodes. The speed is that of baud, which must stand before. With a cable to each of two neighbours more than two nodes form a ring and pass messages on, unless an original is among them.",
  legal: "full paths of tty devices",
  example: "serial /dev/ttyS0",
  ping: false,
  read([word], { facts, report, baud }) {
    if (word === undefined) return undefined;
    const path = shown(word.text);
    const illegal = `Illegal serial [serial ring] in config file [${path}]`;
    if (!word.text.startsWith("/")) {
      report.add(
        "HB0416",
        word,
        `Serial port not full pathname [${path}] in config file; ${illegal}`,
        `write /dev/${path}`,
      );
      return undefined;
    }
    switch (facts.fileKind(word.text)) {
      case "tty":
        return { kind: "serial", name: mediumName(word.text), device: word.text, baud };
      case "missing":
        report.add(
          "HB0416",
          word,
          `Nonexistent serial port [${path}] in config file; ${illegal}`,
          "look for the device: ls /dev/ttyS* /dev/ttyUSB*",
        );
        return undefined;
      case "char-device":
        report.add(
          "HB0417",
          word,
          `Serial port [${path}] is not a tty; ${illegal}`,
          "name a serial line, such as /dev/ttyS0",
        );
        return undefined;
      default:
        report.add(
          "HB0416",
          word,
          `Serial port [${path}] not a char device in config file; ${illegal}`,
          "name a serial line, such as /dev/ttyS0",
        );
        return undefined;
    }
  },
};
