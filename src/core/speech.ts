/** Between the machines' words and the wire's: messages of decisions, notices for local programs, texts of refusals. */
import { unreachable } from "../base/exhaustive.ts";
import type { MediumName, NodeName } from "../base/units.ts";
import * as compose from "../wire/compose.ts";
import type { OpenFault } from "../wire/framing.ts";
import { type Message, stringOf, text } from "../wire/message.ts";
import type { Now } from "./input.ts";
import type { TakeoverMessage } from "./takeover/language.ts";
import type { HoldWord, NodeStatus } from "./view.ts";

/** A word that no node would use counts as news of nothing. */
export function nodeStatus(word: string | undefined, before: NodeStatus): NodeStatus {
  return word === "init" || word === "up" || word === "active" ? word : before;
}

/** `failback` is what the other side holds of ours: our own share (quirk 1). */
export function takeoverSet(word: string | undefined): HoldWord {
  if (word === "failback") return "local";
  return word === "none" || word === "local" || word === "foreign" ? word : "all";
}

/** The set that a request for stand-by of our own names; undefined: it is some other message. */
export function standbySet(body: Message): HoldWord | undefined {
  if (stringOf(body, "t")?.toLowerCase() !== "ask_resources" || stringOf(body, "info") !== "me") return undefined;
  const set = stringOf(body, "rsc_hold");
  return set === "none" || set === "local" || set === "foreign" ? set : "all";
}

export function spoken(message: TakeoverMessage): Message {
  switch (message.say) {
    case "starting":
      return compose.starting();
    case "resource":
      return compose.resource(message);
    case "ask-resources":
      return compose.askResources(message.set, message.info);
    case "release-request":
      return compose.releaseRequest(message.group);
    case "release-reply":
      return compose.releaseReply(message.to, message.group, message.owned);
    case "shutdown-done":
      return compose.shutdownDone();
    case "stonith":
      return compose.fencingResult(message.node, message.result);
    default:
      return unreachable(message);
  }
}

export function rejectText(fault: OpenFault, medium: MediumName): string {
  const key = fault.key === undefined ? "" : ` [${fault.key}]`;
  switch (fault.code) {
    case "unknown-key":
      return `Invalid authentication${key} in message! (no such entry in authkeys, ${medium})`;
    case "bad-signature":
      return `authtoken does not match (key${key}, ${medium}): do all nodes have the same authkeys?`;
    default:
      return `datagram on ${medium} dropped: ${fault.code}${key}`;
  }
}

/** What local programs are told of a death; never on the network (wire-protocol.md, section 7.2). */
export const deathNotice = (node: NodeName, now: Now, type: "normal" | "ping" = "normal"): Message => [
  text("t", "status"),
  text("seq", "1"),
  text("ts", now.wallSeconds.toString(16)),
  text("src", node),
  text("st", "dead"),
  ...(type === "ping" ? [text("info", "ping")] : []),
];

export const linkNotice = (node: NodeName, medium: MediumName, status: string): Message => [
  text("t", "ifstat"),
  text("node", node),
  text("ifname", medium),
  text("st", status),
];
