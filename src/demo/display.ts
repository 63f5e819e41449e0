/**
 * Shows the story: on a terminal its lines scroll and below them the cluster is redrawn in place; elsewhere every line,
 * also each event of the nodes, is simply printed.
 */
import { eventText, newEvents, picture, type Told } from "./picture.ts";
import { monotonic } from "./samples.ts";
import type { Scene } from "./scene.ts";
import type { Teller } from "./story.ts";

const drawEvery = 100;
const eventsShown = 6;

export class Display implements Teller {
  readonly #out: NodeJS.WriteStream;
  readonly #began = monotonic();
  readonly #events: Told[] = [];
  readonly #known = new Map<string, readonly Told[]>();
  #scene: Scene | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  /** From now on the cluster is shown as well. */
  show(scene: Scene): void {
    this.#scene = scene;
    this.#timer = setInterval(() => this.#look(), drawEvery);
  }

  /** A line that stays. */
  print(line = ""): void {
    this.#erase();
    this.#out.write(`${line}\n`);
    this.#draw();
  }

  say(text: string): void {
    this.print(`${((monotonic() - this.#began) / 1000).toFixed(3).padStart(7)} s  ${text}`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#erase();
    this.#scene = undefined;
  }

  #look(): void {
    for (const { name, view } of this.#scene === undefined ? [] : [this.#scene.owner, this.#scene.standby]) {
      if (view === undefined) continue;
      const events = view.events.map((event) => ({ ...event, node: name }));
      const fresh = newEvents(this.#known.get(name) ?? [], events).map((event) => ({ ...event, node: name }));
      this.#known.set(name, events);
      this.#events.push(...fresh);
      if (!this.#out.isTTY) for (const event of fresh) this.say(`  ${eventText(event)}`);
    }
    this.#events.sort((a, b) => a.at - b.at); // two nodes, two reports
    this.#events.splice(0, this.#events.length - eventsShown);
    this.#erase();
    this.#draw();
  }

  #draw(): void {
    if (!this.#out.isTTY || this.#scene === undefined) return;
    const { owner, standby, address, service } = this.#scene;
    const client = { address: address?.answeredBy, service: service.answeredBy };
    const lines = picture([owner, standby], client, this.#events).slice(0, Math.max(0, this.#out.rows - 1));
    this.#out.write(lines.map((line) => `${line.slice(0, this.#out.columns - 1)}\n`).join(""));
    this.#drawn = lines.length;
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}
