/**
 * The requests that a client may make, one entry each: what it asks, what is answered.
 *
 * Each entry is a pure function of the request and of the node's view. A request changes nothing but the asking client's own
 * preferences; the whole API is read-only towards the cluster.
 *
 * Source: docs/reference/client-api.md, section 4; names and texts are the original's. Answers name only the fields between
 * `reqtype` and `result`.
 */
import { type Registry, registry } from "../../base/registry.ts";
import { binary, binaryOf, type Message, stringOf, text } from "../../wire/message.ts";
import type { NodeView } from "../view.ts";
import type { ClientHost } from "./host.ts";
import { filterBits, type Member, type Preferences, queueLimitMax } from "./session.ts";

export interface Asking {
  readonly host: ClientHost;
  readonly member: Member;
  /** Whether a client of that name is signed on here. */
  readonly online: (id: string) => boolean;
}

export type Outcome =
  /** One answer per item: all but the last are marked `ok/more`. */
  | { readonly is: "answer"; readonly items: readonly Message[]; readonly prefer?: Partial<Preferences> }
  | { readonly is: "refuse"; readonly info?: string }
  /** Another node's business: its answer goes to the client as it comes. */
  | { readonly is: "ask-peer"; readonly query: Message }
  /** A request that is never answered. */
  | {
      readonly is: "silent";
      readonly level: "info" | "error";
      readonly says: string;
      readonly prefer?: Partial<Preferences>;
    }
  | { readonly is: "sign-off" };

interface Request {
  readonly name: string;
  readonly answer: (request: Message, asking: Asking) => Outcome;
}

const answer = (...fields: Message): Outcome => ({ is: "answer", items: [fields] });
const refuse = (info: string): Outcome => ({ is: "refuse", info });
const invalid = refuse("EINVAL");
/** The original's words for `-M`, too. */
const unmanaged = "Resource is managed by crm. Use crm tool to query resource";
const noUuid = new Uint8Array(16);

/** Names are looked up without regard to case. */
function findNode(host: ClientHost, name: string | undefined): NodeView | undefined {
  const wanted = name?.toLowerCase();
  return wanted === undefined ? undefined : host.view().nodes.find((node) => node.name.toLowerCase() === wanted);
}

/** A request about one node, named in the field `node`. */
function aboutNode(name: string, reply: (node: NodeView, request: Message, asking: Asking) => Outcome): Request {
  return {
    name,
    answer(request, asking) {
      const node = findNode(asking.host, stringOf(request, "node"));
      return node === undefined ? invalid : reply(node, request, asking);
    },
  };
}

const uuidOf = (host: ClientHost, node: NodeView): Uint8Array => host.uuidOf(node.name) ?? noUuid;
const equalBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export const requests: Registry<Request> = registry<Request>([
  aboutNode("clientstatus", (node, request, { host, member, online }) => {
    const id = stringOf(request, "cn");
    if (id === undefined) return invalid;
    const here = node.name === host.config.localNode;
    if (!here && node.status === "active")
      return {
        is: "ask-peer",
        query: [text("t", "query-cstatus"), text("dest", node.name), text("cn", id), text("from_id", member.id)],
      };
    return answer(text("subt", "respond-cstatus"), text("cs", here && online(id) ? "online" : "offline"));
  }),
  {
    name: "getnodename",
    answer(request, { host }) {
      const uuid = binaryOf(request, "queryuuid");
      if (uuid === undefined) return refuse("no query node name found");
      const known = uuid.some((byte) => byte !== 0);
      const node = known ? host.view().nodes.find((each) => equalBytes(uuidOf(host, each), uuid)) : undefined;
      return node === undefined ? answer() : answer(text("queryname", node.name));
    },
  },
  {
    name: "getparm",
    answer(request, { host }) {
      const name = stringOf(request, "pname");
      if (name === undefined) return invalid;
      const value = parameter(host, name);
      return value === undefined ? answer() : answer(text("pvalue", value));
    },
  },
  {
    name: "getrsc",
    answer: (_, { host }) =>
      host.config.managesResources ? answer(text("rsc_hold", host.view().resourceStatus)) : refuse(unmanaged),
  },
  {
    name: "getuuid",
    answer(request, { host }) {
      const name = stringOf(request, "queryname");
      if (name === undefined) return refuse("no query node name found");
      const node = findNode(host, name);
      return node === undefined ? answer() : answer(binary("queryuuid", uuidOf(host, node)));
    },
  },
  aboutNode("iflist", (node) => {
    // An empty list cannot be said: every list ends with its last item (section 4).
    if (node.links.length === 0) return node.type === "ping" ? refuse("UhOh") : { is: "refuse" };
    return {
      is: "answer",
      items: node.links.map((link) => [text("ifname", link.medium), text("st", link.status)]),
    };
  }),
  aboutNode("ifstatus", (node, request) => {
    const link = node.links.find((each) => each.medium === stringOf(request, "ifname"));
    return link === undefined ? invalid : answer(text("st", link.status));
  }),
  {
    name: "nodelist",
    answer: (_, { host }) => ({
      is: "answer",
      items: host
        .view()
        .nodes.map((node) => [text("node", node.name), text("nodetype", node.type), text("st", node.status)]),
    }),
  },
  aboutNode("nodesite", (node) => answer(text("site", node.site ?? ""))),
  aboutNode("nodestatus", (node) => answer(text("st", node.status))),
  aboutNode("nodetype", (node) => answer(text("nodetype", node.type))),
  aboutNode("nodeweight", (node) => answer(text("weight", String(node.weight ?? 100)))),
  {
    name: "numnodes",
    answer: (_, { host }) =>
      answer(text("numnodes", String(host.view().nodes.filter((node) => node.type === "normal").length))),
  },
  {
    name: "set_sendqlen",
    answer(request, { member }) {
      const wanted = decimal(stringOf(request, "sendqlen")) ?? 0;
      if (wanted <= 0)
        return {
          is: "silent",
          level: "error",
          says: `client ${member.id} asked for a send queue of no length: ignored`,
        };
      const queueLimit = Math.min(wanted, queueLimitMax);
      return {
        is: "silent",
        level: "info",
        says: `the send queue length from heartbeat to client ${member.id} is set to ${queueLimit}`,
        prefer: { queueLimit },
      };
    },
  },
  {
    name: "setfilter",
    answer(request, { member }) {
      const mask = hexadecimal(stringOf(request, "fmask"));
      if (mask === undefined || (mask & 0x3f) === 0) return invalid;
      // Everything beside normal traffic is for debugging: root's business (the daemon runs as root).
      if ((mask & 0x3f & ~filterBits.keep) !== 0 && member.uid !== 0) return refuse("EPERM");
      return { is: "answer", items: [[]], prefer: { mask } };
    },
  },
  {
    name: "setsignal",
    answer(request) {
      const value = stringOf(request, "signal");
      if (value === undefined) return { is: "refuse" };
      const signal = decimal(value);
      // SIGKILL and SIGSTOP could not be caught; real-time signals are not offered.
      if (signal === undefined || signal === 9 || signal === 19 || signal >= 32) return invalid;
      return { is: "answer", items: [[]], prefer: { signal } };
    },
  },
  { name: "signoff", answer: () => ({ is: "sign-off" }) },
]);

/** A recorded parameter as it stands in ha.cf; `crm` is another name of `pacemaker`. */
function parameter(host: ClientHost, name: string): string | undefined {
  const recorded = host.config.parameters.get(name === "crm" ? "pacemaker" : name);
  if (recorded !== undefined) return recorded;
  if (name === "hbversion") return host.view().version.split(" ")[0];
  return undefined;
}

const decimal = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : undefined;
const hexadecimal = (value: string | undefined): number | undefined =>
  value !== undefined && /^[0-9a-f]{1,8}$/i.test(value) ? Number.parseInt(value, 16) : undefined;
