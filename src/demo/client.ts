/**
 * The client of the demonstration: two probe programs in a network namespace of their own, beside the cluster as a
 * customer's machine is.
 */
import { fileURLToPath } from "node:url";
import { echoPort, httpPort, serviceAddress } from "./cluster-files.ts";
import { Companion } from "./command.ts";
import type { Report } from "./probe-program.ts";
import type { Measurement } from "./samples.ts";

/** What a prober saw last: who answered, and how many milliseconds ago. */
export interface Live {
  readonly by: string;
  readonly silent: number;
}

export class Prober {
  readonly #companion: Companion;
  readonly #asked: ((measurement: Measurement) => void)[] = [];
  #live: Live = { by: "", silent: 0 };

  constructor(argv: readonly string[]) {
    this.#companion = new Companion(argv);
    this.#companion.listen((line) => {
      const report = JSON.parse(line) as Report; // our own program's word
      if (report.is === "live") this.#live = report;
      else this.#asked.shift()?.(report.measurement);
    });
  }

  get live(): Live {
    return this.#live;
  }

  /** The name of whoever answers now; empty when nobody does. */
  get answeredBy(): string {
    return this.#live.silent < 50 ? this.#live.by : "";
  }

  measure(from: number, to: number): Promise<Measurement> {
    this.#companion.say(`measure ${from} ${to}`);
    return new Promise((resolve) => this.#asked.push(resolve));
  }

  end(): Promise<void> {
    return this.#companion.end();
  }
}

export const addressProbe = [program("probe-udp"), serviceAddress, String(echoPort)];
export const serviceProbe = [program("probe-http"), serviceAddress, String(httpPort)];

/** The absolute path of one of our small programs. */
export function program(name: string): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url));
}

/** The absolute path of one of the product's programs; this file is dist/src/demo/client.js in the checkout. */
export function command(name: string): string {
  return fileURLToPath(new URL(`../../../bin/${name}`, import.meta.url));
}
