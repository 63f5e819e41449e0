/** What a signed-on program hears without asking, as typed events. */
import { type Message, stringOf } from "../wire/message.ts";

export type ClusterEvent =
  /** A node became `up`, `active`, `dead`, or a ping node answers (`ping`). */
  | { readonly event: "node"; readonly node: string; readonly status: string; readonly message: Message }
  | {
      readonly event: "link";
      readonly node: string;
      readonly link: string;
      readonly status: string;
      readonly message: Message;
    }
  /** A program of our own name joined or left on a node, or is said to be there (`online`, `offline`). */
  | {
      readonly event: "client";
      readonly node: string;
      readonly client: string;
      readonly status: string;
      readonly message: Message;
    }
  /** Everything else: messages of our namesakes, the resource protocol, types nobody has heard of. */
  | { readonly event: "message"; readonly type: string; readonly from: string; readonly message: Message };

/** Types are compared without regard to case, as the original's library does (client-api.md, section 6.5). */
export function readEvent(message: Message): ClusterEvent {
  const of = (name: string): string => stringOf(message, name) ?? "";
  const type = of("t");
  switch (type.toLowerCase()) {
    case "status":
    case "ns_st":
      return { event: "node", node: of("src"), status: of("st"), message };
    case "ifstat":
      return { event: "link", node: of("node"), link: of("ifname"), status: of("st"), message };
    case "hbapi-clstat":
      return { event: "client", node: of("src"), client: of("from_id"), status: of("st"), message };
    case "respond-cstatus":
      return { event: "client", node: of("src"), client: of("cn"), status: of("cs"), message };
    default:
      return { event: "message", type, from: of("src"), message };
  }
}
