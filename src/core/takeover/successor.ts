/**
 * The `hb4` field: what successors tell each other in every status message, and originals ignore.
 *
 * The original announces intentions: a hold word goes out before the scripts run, and is reduced before the release. Two of
 * ours exchange the truth instead: which groups may be active, which are starting, wanted, given away or failed, and whose wish is
 * granted. It is a state, not an event, so that a lost message costs a keepalive and nothing else.
 *
 * Form: `1 VERSION ready=1 leave=0 hold=ITEM:TERM,... start=ITEM:TERM,... claim=ITEM:TERM,... grant=NODE/ITEM:TERM,...
 * give=NODE/ITEM,... want=NODE/ITEM:TERM,... fail=ITEM:TERM,... clean=ITEM:TERM,... maint=COUNT:ON stall=1 pings=COUNT dead=NODE,...
 * unfit=1`. An ITEM
 * is `OWNER`, all groups that prefer that node, or `OWNER/DIGEST+DIGEST...`, some of them. Unknown words are ignored, missing
 * ones are empty.
 */
import { type NodeName, nodeName } from "../../base/units.ts";
import { agreementWordMax, successorTextMax } from "../limits.ts";
import { ownerOf, type UnitId, type UnitTable, unitId } from "./units.ts";

/** A unit in the light of another node: whose claim is granted, to whom it is wanted to move. */
export interface Directed {
  readonly to: NodeName;
  readonly unit: UnitId;
  readonly term: number;
}

/** Whoever counted highest is right; so that an order reaches everybody and outlives every single node. */
export interface Maintenance {
  readonly count: number;
  readonly on: boolean;
}

export interface SuccessorState {
  readonly version: string;
  /** Communication is up: it takes part in decisions. */
  readonly ready: boolean;
  /** It is shutting down: it takes nothing any more. */
  readonly leaving: boolean;
  /** Units of which anything may be active there, with the term of each acquisition. */
  readonly holds: ReadonlyMap<UnitId, number>;
  /** Those of them that are not up yet. */
  readonly starting: ReadonlySet<UnitId>;
  /** Units that it wants to start. */
  readonly claims: ReadonlyMap<UnitId, number>;
  /** Claims of others that it agrees to. */
  readonly grants: readonly Directed[];
  /** What it gives away, and to whom. */
  readonly gives: ReadonlyMap<UnitId, NodeName>;
  /** What an operator there wants moved; `term` is the acquisition that it is to leave. */
  readonly wants: readonly Directed[];
  /** Units that did not start there, with the term of the attempt. */
  readonly failed: ReadonlyMap<UnitId, number>;
  /** Failures up to this term are forgiven. */
  readonly cleaned: ReadonlyMap<UnitId, number>;
  readonly maintenance: Maintenance;
  /** It woke after its dead time and is giving up what it held. */
  readonly stalled: boolean;
  /** Ping nodes that answer it; undefined: it does not say. */
  readonly pings: number | undefined;
  /** Nodes that it holds dead. */
  readonly dead: ReadonlySet<NodeName>;
  /** Nothing is to run there: it is cut off from its clients, or its disk takes no write. */
  readonly unfit?: boolean;
}

const extensionVersion = "1";

/** Too long a text names whole shares and nothing but what is held: more than is true, so nobody takes what may be active. */
export function encodeSuccessor(state: SuccessorState, table: UnitTable): string {
  const text = write(state, table);
  return text.length + agreementWordMax <= successorTextMax ? text : write(coarse(state, table), table);
}

function write(state: SuccessorState, table: UnitTable): string {
  const words = [extensionVersion, state.version, `ready=${state.ready ? 1 : 0}`, `leave=${state.leaving ? 1 : 0}`];
  const list = (name: string, entries: Iterable<Entry>): void => {
    const items = folded(entries, table);
    if (items !== "") words.push(`${name}=${items}`);
  };
  const numbered = (map: ReadonlyMap<UnitId, number>): Entry[] => [...map].map(([unit, term]) => ({ unit, term }));
  const held = numbered(state.holds);
  list(
    "hold",
    held.filter(({ unit }) => !state.starting.has(unit)),
  );
  list(
    "start",
    held.filter(({ unit }) => state.starting.has(unit)),
  );
  list("claim", numbered(state.claims));
  list("grant", state.grants);
  list(
    "give",
    [...state.gives].map(([unit, to]) => ({ unit, to })),
  );
  list("want", state.wants);
  list("fail", numbered(state.failed));
  list("clean", numbered(state.cleaned));
  const { count, on } = state.maintenance;
  if (count > 0) words.push(`maint=${count}:${on ? 1 : 0}`);
  if (state.stalled) words.push("stall=1");
  if (state.pings !== undefined) words.push(`pings=${state.pings}`);
  if (state.dead.size > 0) words.push(`dead=${[...state.dead].join(",")}`);
  if (state.unfit === true) words.push("unfit=1");
  return words.join(" ");
}

function coarse(state: SuccessorState, table: UnitTable): SuccessorState {
  const termOf = new Map<NodeName, number>();
  for (const [unit, term] of state.holds) termOf.set(ownerOf(unit), Math.max(term, termOf.get(ownerOf(unit)) ?? 0));
  const holds = new Map([...termOf].flatMap(([owner, term]) => table.of(owner).map((unit) => [unit, term] as const)));
  const none = { starting: new Set<UnitId>(), claims: new Map(), grants: [], gives: new Map(), wants: [] };
  return { ...state, ...none, holds, failed: new Map(), cleaned: new Map() };
}

/** Undefined when the text is none of ours: its sender then counts as an original. */
export function parseSuccessor(text: string, table: UnitTable): SuccessorState | undefined {
  if (text.length > successorTextMax) return undefined;
  const [extension, version, ...words] = text.split(" ");
  if (extension !== extensionVersion || version === undefined) return undefined;
  const values = new Map(words.map((word) => [word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)]));
  const items = (name: string): string[] => (values.get(name) ?? "").split(",").filter((item) => item !== "");
  const numbered = (name: string): [UnitId, number][] => items(name).flatMap((item) => readItem(item, table));
  const directed = (name: string): Directed[] =>
    items(name).flatMap((item) => {
      const [to, rest] = split(item);
      return readItem(rest, table).map(([unit, term]) => ({ to, unit, term }));
    });
  const starting = numbered("start");
  const [count = "", on] = (values.get("maint") ?? "").split(":");
  return {
    version,
    ready: values.get("ready") === "1",
    leaving: values.get("leave") === "1",
    holds: new Map([...numbered("hold"), ...starting]),
    starting: new Set(starting.map(([unit]) => unit)),
    claims: new Map(numbered("claim")),
    grants: directed("grant"),
    gives: new Map(
      items("give").flatMap((item) => {
        const [to, rest] = split(item);
        return readItem(`${rest}:0`, table).map(([unit]) => [unit, to] as const);
      }),
    ),
    wants: directed("want"),
    failed: new Map(numbered("fail")),
    cleaned: new Map(numbered("clean")),
    maintenance: /^\d{1,9}$/.test(count) ? { count: Number(count), on: on === "1" } : { count: 0, on: false },
    stalled: values.get("stall") === "1",
    pings: /^\d{1,3}$/.test(values.get("pings") ?? "") ? Number(values.get("pings")) : undefined,
    dead: new Set(items("dead").map(nodeName)),
    ...(values.get("unfit") === "1" ? { unfit: true } : {}),
  };
}

interface Entry {
  readonly unit: UnitId;
  readonly to?: NodeName;
  readonly term?: number;
}

/** One item for all units of a share about which the same is said. */
function folded(entries: Iterable<Entry>, table: UnitTable): string {
  const alike = new Map<string, { readonly entry: Entry; readonly units: UnitId[] }>();
  for (const entry of entries) {
    const key = `${entry.to ?? ""} ${ownerOf(entry.unit)} ${entry.term ?? ""}`;
    const others = alike.get(key);
    if (others === undefined) alike.set(key, { entry, units: [entry.unit] });
    else others.units.push(entry.unit);
  }
  const items = [...alike.values()].map(({ entry: { unit, to, term }, units }) => {
    const owner = ownerOf(unit);
    const digests = units.map((each) => each.slice(owner.length + 1)).filter((each) => each !== "");
    const known = table.of(owner);
    const said = new Set(units);
    const whole = digests.length === 0 || (known.length > 0 && known.every((each) => said.has(each)));
    return `${to === undefined ? "" : `${to}/`}${owner}${whole ? "" : `/${digests.join("+")}`}${term === undefined ? "" : `:${term}`}`;
  });
  return items.join(",");
}

/** `OWNER[/DIGEST+...]:TERM`; an owner alone stands for all of its units that we know. */
function readItem(item: string, table: UnitTable): [UnitId, number][] {
  const match = /^([^/]+)(?:\/(.+))?:(\d{1,15})$/.exec(item);
  const [, name, digests, term] = match ?? [];
  if (name === undefined || term === undefined) return [];
  const owner = nodeName(name);
  const known = table.of(owner);
  const units =
    digests === undefined
      ? known.length === 0
        ? [unitId(owner)]
        : known
      : digests.split("+").map((each) => unitId(`${owner}/${each}`));
  return units.map((unit) => [unit, Number(term)]);
}

function split(item: string): [NodeName, string] {
  const slash = item.indexOf("/");
  return [nodeName(item.slice(0, Math.max(0, slash))), item.slice(slash + 1)];
}
