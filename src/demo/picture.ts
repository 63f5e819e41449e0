/**
 * The cluster as a few lines of text: nodes, links, who holds what, what the client gets, and the last events with their
 * reasons. Pure: the screen draws it several times a second.
 */
import type { EventView, NodeView, View } from "../core/view.ts";

export interface Shown {
  readonly name: string;
  readonly on: boolean;
  readonly view: View | undefined;
}

export interface ClientShown {
  /** Who answers on the service address; undefined: there is no address to ask. */
  readonly address: string | undefined;
  readonly service: string;
}

export interface Told extends EventView {
  readonly node: string;
}

export function picture(machines: readonly Shown[], client: ClientShown, events: readonly Told[]): readonly string[] {
  return [
    "",
    ...machines.flatMap(machineLines),
    clientLine(client),
    "",
    ...(events.length === 0 ? [] : ["last events"]),
    ...events.map((event) => `  ${clock(event.at)}  ${eventText(event)}`),
  ];
}

/** What `after` reports and `before` did not: both are the last events of one node, oldest first. */
export function newEvents(before: readonly EventView[], after: readonly EventView[]): readonly EventView[] {
  const last = before.at(-1);
  if (last === undefined) return after;
  const known = after.findLastIndex((event) => event.at === last.at && event.text === last.text);
  return after.slice(known + 1);
}

/** An event in one line. */
export const eventText = ({ node, text, because }: Told): string =>
  `${node}: ${because === undefined ? text : text.replace(/\.$/, "")}${reason(because)}`;

function machineLines({ name, on, view }: Shown): readonly string[] {
  if (view === undefined) return [`${name}  ${on ? "heartbeat does not answer" : "no power"}`];
  const others = view.nodes.filter((node) => node.name !== view.node).map(otherText);
  const groups = view.groups.map(
    ({ key, state, because, resources }) =>
      `  ${key}  ${state}${reason(because)}: ${resources.map((each) => `${each.text} ${each.state}`).join(", ")}`,
  );
  return [`${name}  ${view.status}, holds ${view.resourceStatus}; sees ${others.join(", ")}`, ...groups];
}

const otherText = ({ name, status, links }: NodeView): string =>
  `${name} ${status} (${links.map((link) => `${link.medium} ${link.status}`).join(", ")})`;

const clientLine = ({ address, service }: ClientShown): string =>
  `client ${address === undefined ? "" : `address answered by ${address || "nobody"}, `}page served by ${service || "nobody"}`;

const reason = (because: string | undefined): string =>
  because === undefined || because === "" ? "" : ` because ${because}`;

const clock = (at: number): string => new Date(at * 1000).toTimeString().slice(0, 8);
