/**
 * The `hb4` field: what successors tell each other in every status message, and originals ignore.
 *
 * The original announces intentions: a hold word goes out before the scripts run, and is reduced before the release. Two of
 * ours exchange the truth instead: which shares may have anything active, which are wanted, and whose wish is granted. It is
 * a state, not an event, so that a lost message costs a keepalive and nothing else.
 *
 * Form: `1 VERSION ready=1 leave=0 hold=OWNER:TERM,... claim=OWNER:TERM,... grant=NODE/OWNER:TERM,... yield=OWNER,...
 * stall=1 pings=COUNT`; unknown words are ignored, missing ones are empty.
 */
import { type NodeName, nodeName } from "../../base/units.ts";
import { successorTextMax } from "../limits.ts";

export interface Grant {
  readonly to: NodeName;
  readonly share: NodeName;
  readonly term: number;
}

export interface SuccessorState {
  readonly version: string;
  /** Communication is up: it takes part in decisions. */
  readonly ready: boolean;
  /** It is shutting down: it takes nothing any more. */
  readonly leaving: boolean;
  /** Shares of which anything may be active there, with the term of each acquisition. */
  readonly holds: ReadonlyMap<NodeName, number>;
  /** Shares that it wants to start. */
  readonly claims: ReadonlyMap<NodeName, number>;
  /** Claims of others that it agrees to. */
  readonly grants: readonly Grant[];
  /** Shares that it gave away and does not want back by itself. */
  readonly yields: ReadonlySet<NodeName>;
  /** It woke after its dead time and is giving up what it held. */
  readonly stalled: boolean;
  /** Ping nodes that answer it; undefined: it does not say. */
  readonly pings: number | undefined;
}

const extensionVersion = "1";

export function encodeSuccessor(state: SuccessorState): string {
  const words = [extensionVersion, state.version, `ready=${state.ready ? 1 : 0}`, `leave=${state.leaving ? 1 : 0}`];
  if (state.holds.size > 0) words.push(`hold=${terms(state.holds)}`);
  if (state.claims.size > 0) words.push(`claim=${terms(state.claims)}`);
  if (state.grants.length > 0) words.push(`grant=${state.grants.map((g) => `${g.to}/${g.share}:${g.term}`).join(",")}`);
  if (state.yields.size > 0) words.push(`yield=${[...state.yields].join(",")}`);
  if (state.stalled) words.push("stall=1");
  if (state.pings !== undefined) words.push(`pings=${state.pings}`);
  return words.join(" ");
}

/** Undefined when the text is none of ours: its sender then counts as an original. */
export function parseSuccessor(text: string): SuccessorState | undefined {
  if (text.length > successorTextMax) return undefined;
  const [extension, version, ...words] = text.split(" ");
  if (extension !== extensionVersion || version === undefined) return undefined;
  const values = new Map(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
  const items = (name: string): string[] => (values.get(name) ?? "").split(",").filter((item) => item !== "");
  const grants = items("grant").flatMap((item): Grant[] => {
    const slash = item.indexOf("/");
    const [entry] = slash < 0 ? [] : parseTerms([item.slice(slash + 1)]);
    return entry === undefined ? [] : [{ to: nodeName(item.slice(0, slash)), share: entry[0], term: entry[1] }];
  });
  return {
    version,
    ready: values.get("ready") === "1",
    leaving: values.get("leave") === "1",
    holds: new Map(parseTerms(items("hold"))),
    claims: new Map(parseTerms(items("claim"))),
    grants,
    yields: new Set(items("yield").map(nodeName)),
    stalled: values.get("stall") === "1",
    pings: /^\d{1,3}$/.test(values.get("pings") ?? "") ? Number(values.get("pings")) : undefined,
  };
}

const terms = (map: ReadonlyMap<NodeName, number>): string =>
  [...map].map(([owner, term]) => `${owner}:${term}`).join(",");

function parseTerms(items: readonly string[]): [NodeName, number][] {
  return items.flatMap((item): [NodeName, number][] => {
    const match = /^(.+):(\d{1,15})$/.exec(item);
    return match?.[1] === undefined ? [] : [[nodeName(match[1]), Number(match[2])]];
  });
}
