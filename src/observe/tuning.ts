/**
 * From measured silences to advice: how long may a healthy node be silent here, and what keepalive, warntime and deadtime follow from it.
 *
 * The rule: a heartbeat that is later than anything that was seen must not even be warned about, and a node that is as late as three times
 * the worst must not be killed. One lost message costs a keepalive on top.
 */

/** All times in milliseconds. */
export interface Observed {
  readonly keepalive: number;
  readonly deadtime: number;
  /** The longest silence of each node that was watched. */
  readonly silences: readonly { readonly node: string; readonly longest: number; readonly messages: number }[];
  /** How long was watched. */
  readonly watched: number;
}

export interface Advice {
  readonly directive: "keepalive" | "warntime" | "deadtime" | "initdead";
  readonly now?: number;
  readonly advised: number;
  readonly because: string;
}

/** Below it scheduling and the network decide more than any setting does. */
const deadtimeMin = 250;
const initdeadMin = 10_000;

export function advise({ keepalive, deadtime, silences }: Observed): Advice[] {
  const worst = silences.reduce((most, { longest }) => Math.max(most, longest), 0);
  const who = silences.find(({ longest }) => longest === worst)?.node ?? "nobody";
  const late = Math.max(0, Math.round(worst - keepalive));
  const warntime = roundUp(2 * keepalive + 2 * late);
  const advised = Math.max(deadtimeMin, roundUp(3 * keepalive + 3 * late), 2 * warntime);
  return [
    {
      directive: "keepalive",
      now: keepalive,
      advised: keepalive,
      because:
        late > keepalive
          ? `${who} was late by ${late} ms, more than a keepalive: a shorter one would only count the same delays more often`
          : `${who} was late by ${late} ms at most; a shorter one finds a dead node sooner, if deadtime is lowered with it`,
    },
    {
      directive: "warntime",
      advised: warntime,
      because: `two keepalives and twice the worst delay (${late} ms): what is said to be late then is worth a look`,
    },
    {
      directive: "deadtime",
      now: deadtime,
      advised,
      because: `room for two lost messages and three times the worst delay (${late} ms), and for a warning at half of it`,
    },
    {
      directive: "initdead",
      advised: Math.max(initdeadMin, 2 * advised),
      because: "at boot networks come up late: at least 10 s, and twice deadtime",
    },
  ];
}

/** To two digits, so that nobody takes it for exact. */
function roundUp(milliseconds: number): number {
  const step = 10 ** Math.max(1, Math.floor(Math.log10(Math.max(1, milliseconds))) - 1);
  return Math.ceil(milliseconds / step) * step;
}

/** As ha.cf wants it: `500ms`, `2`. */
export const inHaCf = (milliseconds: number): string =>
  milliseconds % 1000 === 0 ? String(milliseconds / 1000) : `${milliseconds}ms`;
