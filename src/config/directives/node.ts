/** node, autojoin, cluster, quorum_server: who belongs to the cluster. */
import { anyText, oneOf } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { foldAscii, shown } from "../../syntax/text.ts";
import { nodesMax } from "../../wire/limits.ts";
import type { Scope } from "../draft.ts";

/** Bytes of a name; the original stores 100 with the terminator. */
const nameMax = 99;

export const node = scalar({
  name: "node",
  arg: anyText("NAME...", `names as printed by uname -n, up to ${nameMax} bytes; at most ${nodesMax} nodes`),
  recorded: false,
  repeat: "adds",
  summary: "The cluster's nodes, each by the name that uname -n prints there.",
  details: "All nodes of the cluster in one or several lines, the same on every node. Case does not matter.",
  example: "node alice bob",
  set({ draft, report }: Scope, name, word) {
    if (name.length > nameMax) {
      report.add("HB0302", word, `node name [${shown(name)}] is longer than ${nameMax} bytes`);
      return false;
    }
    if (draft.members.length >= nodesMax) {
      report.add(
        "HB0303",
        word,
        `too many nodes: [${shown(name)}] is number ${nodesMax + 1}`,
        `at most ${nodesMax} nodes and ping nodes`,
      );
      return false;
    }
    const folded = foldAscii(name);
    if (draft.members.some((member) => member.name === folded && !member.ping))
      report.add("HB0304", word, `node [${shown(folded)}] is declared twice`, "remove one of them");
    if (/^["']|["']$/.test(name))
      report.add("HB0107", word, `the quotes are part of the name [${shown(name)}]`, "write the name without quotes");
    if (name === "\\")
      report.add(
        "HB0107",
        word,
        "the backslash is taken as a name",
        "a line of ha.cf cannot be continued: write a second node line",
      );
    draft.members.push({ name: folded, ping: false, at: word });
    return true;
  },
});

export const autojoin = scalar({
  name: "autojoin",
  arg: oneOf(["none", "other", "any"], true),
  default: "none",
  summary: "Whether nodes may join without being declared.",
  details:
    "none: the nodes are those of the node lines. other: a node that is heard and has the right key belongs to the cluster. any: likewise, and this node need not be declared either. With haresources, that is without heartbeat -M, only none is possible.",
  example: "autojoin none",
  phrase: (text) => `Invalid autojoin directive [${shown(text)}]`,
  set({ draft }: Scope, value) {
    draft.autojoin = value;
    return true;
  },
});

export const cluster = scalar({
  name: "cluster",
  arg: anyText("NAME", "one word"),
  default: "linux-ha",
  summary: "The cluster's name.",
  details: "Given to scripts as HA_cluster; nothing else uses it.",
  example: "cluster shop",
  set: () => true,
});

export const quorumServer = scalar({
  name: "quorum_server",
  arg: anyText("HOST", "one word"),
  summary: "The quorum server of the original's membership service.",
  details: "Kept and given to scripts as HA_quorum_server; a haresources cluster does not ask it.",
  example: "quorum_server arbiter",
  set: () => true,
});
