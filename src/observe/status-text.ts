/**
 * A node's picture as lines of text, for people: nodes and links, groups with the reason for their state, the last events.
 *
 * What is wrong must catch the eye: a tone goes with every word, and the caller says whether the place where the lines end up
 * shows colours. Columns are as wide as what stands in them.
 */
import type { ConflictView, EventView, GroupView, NodeView, View } from "../core/view.ts";

export interface StatusTextOptions {
  readonly colour: boolean;
  /** A point in time, given in seconds since 1970, as people want to read it. */
  readonly time: (seconds: number) => string;
  /** The newest so many events are shown. */
  readonly events: number;
}

type Tone = "good" | "warn" | "bad" | "dim" | "plain";
interface Cell {
  readonly text: string;
  readonly tone: Tone;
}

const escapes: Readonly<Record<Tone, string>> = {
  good: "\x1b[32m",
  warn: "\x1b[33m",
  bad: "\x1b[31m",
  dim: "\x1b[2m",
  plain: "",
};

const toneOf: Readonly<Record<string, Tone>> = {
  active: "good",
  ping: "good",
  up: "good",
  running: "good",
  init: "warn",
  starting: "warn",
  stopping: "warn",
  dead: "bad",
  failed: "bad",
  "stop-failed": "bad",
  stopped: "dim",
};

export function statusText(view: View, options: StatusTextOptions): string[] {
  const paint = ({ text, tone }: Cell): string =>
    options.colour && tone !== "plain" ? `${escapes[tone]}${text}\x1b[0m` : text;
  const section = (head: readonly string[], rows: readonly (readonly Cell[])[]): string[] =>
    rows.length === 0 ? [] : ["", ...table([head.map(dim), ...rows], paint)];
  const holds = view.managesResources ? `holds ${paint(holding(view))}` : "manages no resources (-M)";
  return [
    `${view.node}: ${paint(word(view.status))}, ${holds}${view.stopping ? ", stopping" : ""}`,
    paint(
      dim(
        `heartbeat ${view.version}, generation ${view.generation}, keepalive ${length(view.keepalive)}, deadtime ${length(view.deadtime)}`,
      ),
    ),
    ...(view.unfit === undefined ? [] : [paint({ text: `not fit to hold resources: ${view.unfit}`, tone: "bad" })]),
    ...(view.maintenance ? [paint({ text: "maintenance: nothing is started, stopped or moved", tone: "warn" })] : []),
    ...section(
      ["node", "status", "holds", "heard", "version", "links"],
      view.nodes.map((node) => nodeRow(node, view)),
    ),
    ...section(
      ["node", "configuration differs"],
      view.nodes.flatMap(({ name, differs = [] }) =>
        differs.map((text) => [plain(name), { text, tone: "bad" } as const]),
      ),
    ),
    ...section(["group", "owner", "holder", "here", "because", "resources"], view.groups.map(groupRow)),
    ...section(
      ["watched", "every", "last answer", "took", "ago", "failures", "next"],
      view.groups.flatMap(monitorRows),
    ),
    ...section(["address", "also claimed by", "on", "claims"], view.conflicts.map(conflictRow)),
    ...section(
      ["time", "event"],
      view.events.slice(-options.events).map((event) => eventRow(event, options)),
    ),
    ...section(
      ["thrown away", "messages"],
      Object.entries(view.counters)
        .filter(([, count]) => count > 0)
        .map(counterRow),
    ),
  ];
}

const plain = (text: string): Cell => ({ text, tone: "plain" });
const dim = (text: string): Cell => ({ text, tone: "dim" });
/** A status word in the tone that it deserves. */
const word = (text: string): Cell => ({ text, tone: toneOf[text] ?? "plain" });

const holding = (view: View): Cell =>
  view.resourceStatus === "transition" ? { text: "transition", tone: "warn" } : plain(view.resourceStatus);

function nodeRow(node: NodeView, view: View): Cell[] {
  const self = node.name === view.node;
  return [
    plain(self ? `${node.name} (this)` : node.name),
    word(node.status),
    holdsCell(node),
    self ? dim("-") : heard(node),
    dim(node.version ?? (isOriginal(node) ? "original" : "-")),
    links(node),
  ];
}

function holdsCell({ type, stable, unfit, holds }: NodeView): Cell {
  if (type === "ping") return dim("-");
  const text = `${holds}${stable ? "" : "..."}${unfit ? ", unfit" : ""}`;
  return { text, tone: unfit ? "bad" : stable ? "plain" : "warn" };
}

/** A version is known only of a successor that is there. */
const isOriginal = ({ type, status, heardAgo }: NodeView): boolean =>
  type === "normal" && status !== "dead" && heardAgo !== undefined;

function heard({ heardAgo, deadtime }: NodeView): Cell {
  if (heardAgo === undefined) return { text: "never", tone: "warn" };
  const late = heardAgo > deadtime ? "bad" : heardAgo > deadtime / 2 ? "warn" : "plain";
  return { text: `${length(heardAgo)} ago`, tone: late };
}

/** All links in one cell; one dead link gives it its tone. */
function links(node: NodeView): Cell {
  const text = node.links.map(({ medium, status }) => `${medium} ${status}`).join(", ");
  return { text, tone: node.links.some(({ status }) => status === "dead") ? "bad" : "plain" };
}

function groupRow(group: GroupView): Cell[] {
  return [
    plain(group.key),
    plain(group.owner),
    group.holder === undefined ? { text: "nobody", tone: "bad" } : plain(group.holder),
    word(group.state),
    plain(reasons(group)),
    dim(group.resources.map(({ text, state }) => `${text} ${state}`).join(", ")),
  ];
}

function monitorRows({ resources }: GroupView): Cell[][] {
  return resources.flatMap(({ text, monitor }): Cell[][] => {
    if (monitor === undefined) return [];
    const { interval, failures, last, next } = monitor;
    const answer: Cell =
      last === undefined
        ? dim("none yet")
        : last.ok
          ? { text: last.says || "well", tone: "good" }
          : { text: last.says, tone: "bad" };
    return [
      [
        plain(text),
        dim(length(interval)),
        answer,
        dim(last === undefined ? "-" : length(last.latency)),
        dim(last === undefined ? "-" : length(last.ago)),
        failures === 0 ? dim("0") : { text: String(failures), tone: "warn" },
        dim(next === undefined ? "-" : length(next)),
      ],
    ];
  });
}

const conflictRow = ({ ip, mac, device, claims }: ConflictView): Cell[] => [
  plain(ip),
  { text: mac, tone: "bad" },
  plain(device),
  { text: String(claims), tone: "warn" },
];

/** Why, and what stands in its way. */
function reasons({ key, because, failedOn, holder, movingTo }: GroupView): string {
  const failed = failedOn === undefined ? [] : [`did not start on ${failedOn.join(", ")} (heartbeat cleanup ${key})`];
  const moving = movingTo === undefined || movingTo === holder ? [] : [`moves to ${movingTo}`];
  return [...(because === "" ? [] : [because]), ...moving, ...failed].join("; ");
}

function eventRow({ at, text, because }: EventView, { time }: StatusTextOptions): Cell[] {
  return [dim(time(at)), plain(because === undefined ? text : `${text} (because ${because})`)];
}

const counterRow = ([name, count]: [string, number]): Cell[] => [plain(name), { text: String(count), tone: "warn" }];

/** Milliseconds as people say them. */
const length = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${Number((ms / 1000).toFixed(1))} s`);

function table(rows: readonly (readonly Cell[])[], paint: (cell: Cell) => string): string[] {
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, i) => Math.max(...rows.map((row) => row[i]?.text.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, i) => paint(cell) + " ".repeat(i < row.length - 1 ? (widths[i] ?? 0) - cell.text.length + 2 : 0))
      .join(""),
  );
}
