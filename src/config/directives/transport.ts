/** udpport, baud, hopfudge, msgfmt, max_rexmit_delay: how messages travel. */
import { integer, oneOf } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { shown } from "../../syntax/text.ts";
import type { Scope } from "../draft.ts";

const int32Max = 2 ** 31 - 1;

export const udpport = scalar({
  name: "udpport",
  arg: integer(1, int32Max),
  legal: "1 to 65535",
  derived: "the service ha-cluster/udp of /etc/services, else 694",
  summary: "The UDP port of bcast, ucast and ucast6.",
  details: "Must stand before the first of these lines. mcast and mcast6 name their own port.",
  example: "udpport 694",
  phrase: (text) => `invalid port [${shown(text)}] specified.`,
  set({ draft, facts, report }: Scope, value, word) {
    const port = value % 65536;
    if (port === 0) {
      report.add(
        "HB0420",
        word,
        `invalid port [${shown(word.text)}] specified: it is 0 in 16 bits`,
        "write a port: 1 to 65535",
      );
      return false;
    }
    if (port !== value)
      report.add(
        "HB0421",
        word,
        `[${shown(word.text)}] is no port: it is used as ${port}`,
        `write ${port}, or the port meant`,
      );
    for (const [name, known] of facts.services)
      if (known === port && name !== "ha-cluster") {
        report.add(
          "HB0422",
          word,
          `udp port ${port} reserved for service "${name}".`,
          "choose another port, the same on all nodes",
        );
        break;
      }
    const deaf = [...draft.portOf].filter(([, used]) => used !== port).map(([kind]) => kind);
    if (deaf.length > 0)
      report.add(
        "HB0423",
        word,
        `udpport setting must precede media statements: the ${deaf.join(" and ")} lines above keep port ${draft.portOf.get(deaf[0] ?? "bcast")}`,
        "move this line up",
      );
    draft.port = port;
    return true;
  },
});

const rates = [9600, 19200, 38400, 57600, 115200, 230400, 460800];

export const baud = scalar({
  name: "baud",
  arg: integer(-int32Max, int32Max),
  legal: rates.join(", "),
  default: "19200",
  repeat: "once",
  summary: "The speed of serial lines.",
  details: "Must stand before the serial lines.",
  example: "baud 19200",
  set({ draft, report }: Scope, value, word) {
    if (!rates.includes(value)) {
      report.add("HB0424", word, `invalid baudrate [${shown(word.text)}] specified.`, `legal: ${rates.join(", ")}`);
      return false;
    }
    const late = draft.media.find(({ config }) => config.kind === "serial" && config.baud !== value);
    if (late)
      report.add(
        "HB0425",
        word,
        "baudrate setting must precede media statements: the serial lines above keep their speed",
        "move this line up",
      );
    draft.baud = value;
    return true;
  },
});

export const hopfudge = scalar({
  name: "hopfudge",
  arg: integer(0, 255),
  default: "1",
  summary: "How many hops above the number of nodes a message may make.",
  details: "Matters in rings of serial lines only.",
  example: "hopfudge 1",
  set({ draft }: Scope, value) {
    draft.hopfudge = value;
    return true;
  },
});

export const msgfmt = scalar({
  name: "msgfmt",
  arg: oneOf(["classic", "netstring"]),
  default: "classic",
  summary: "The format in which this node sends.",
  details: "Both are understood at any time, so nodes may differ.",
  example: "msgfmt classic",
  set({ draft }: Scope, value) {
    draft.messageFormat = value;
    return true;
  },
});

export const maxRexmitDelay = scalar({
  name: "max_rexmit_delay",
  arg: integer(1, int32Max, "milliseconds"),
  default: "250",
  summary: "The longest random delay before a lost message is asked for again, in milliseconds.",
  details: "The delay keeps nodes from asking all at once.",
  example: "max_rexmit_delay 250",
  phrase: (text) => `Invalid max_rexmit_delay time(${shown(text)})`,
  set({ draft }: Scope, value) {
    draft.maxRetransmitDelay = value;
    return true;
  },
});
