/**
 * The frame of the two probe programs: a steady beat of probes, a report to the demonstration ten times a second, and
 * answers to its questions.
 *
 * A timer of Node cannot beat exactly once a millisecond, so each wake-up sends every probe that has become due since the
 * last, and each carries its true time of sending. Lines in: `measure FROM TO`. Lines out: one JSON value each, a `Report`.
 */
import { createInterface } from "node:readline";
import { type Measurement, monotonic, Samples } from "./samples.ts";

export type Report =
  | {
      readonly is: "live" /** Who answered last. */;
      readonly by: string /** Milliseconds since then. */;
      readonly silent: number;
    }
  | { readonly is: "measured"; readonly measurement: Measurement };

export interface Probe {
  /** Sends probe `number`. */
  send(number: number): void;
}

/** One minute of probes is remembered: longer than any step of the story. */
const memory = 60_000;
/** After a long sleep of the machine we do not send thousands of probes at once. */
const catchUpMax = 50;
const reportEvery = 100;

export function probe(period: number, make: (answered: (number: number, by: string) => void) => Probe): void {
  const samples = new Samples(memory / period, period);
  let lastBy = "";
  let lastAt = monotonic();
  const { send } = make((number, by) => {
    lastBy = by;
    lastAt = monotonic();
    samples.answered(number, lastAt, by);
  });

  let due = monotonic();
  setInterval(() => {
    due = Math.max(due, monotonic() - catchUpMax * period);
    for (; due <= monotonic(); due += period) send(samples.sent(monotonic()));
  }, period);
  setInterval(() => tell({ is: "live", by: lastBy, silent: monotonic() - lastAt }), reportEvery);

  const lines = createInterface({ input: process.stdin });
  lines.on("line", (line) => {
    const [, from, to] = line.split(" ");
    tell({ is: "measured", measurement: samples.measure(Number(from), Number(to)) });
  });
  lines.on("close", () => process.exit(0));
}

const tell = (report: Report): void => console.log(JSON.stringify(report));
