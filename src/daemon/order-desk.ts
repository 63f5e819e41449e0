/**
 * Orders that somebody typed (`heartbeat move` and the like): from the control socket into the loop, and the core's answer back.
 *
 * The core answers in the step in which it is asked; only a loop that is already turning, or one that has ended, leaves an order without.
 */
import type { ConfirmOrder, Input } from "../core/input.ts";
import type { OperatorAnswer, OperatorOrder } from "../core/takeover/language.ts";

export class OrderDesk {
  readonly #feed: (input: Input) => void;
  readonly #answers = new Map<number, OperatorAnswer>();
  #tickets = 0;

  constructor(feed: (input: Input) => void) {
    this.#feed = feed;
  }

  obey(order: OperatorOrder | ConfirmOrder): OperatorAnswer {
    const ticket = ++this.#tickets;
    this.#feed({ on: "order", ticket, order });
    const answer = this.#answers.get(ticket) ?? { ok: false, says: "heartbeat is stopping" };
    this.#answers.clear();
    return answer;
  }

  answered(ticket: number, answer: OperatorAnswer): void {
    this.#answers.set(ticket, answer);
  }
}

/** An order as one line of JSON, the form in which programs send it; undefined: it is none. */
export function readOrder(text: string): OperatorOrder | ConfirmOrder | undefined {
  const value = parsed(text);
  if (typeof value !== "object" || value === null) return undefined;
  const [what, group, to, on, node] = ["do", "group", "to", "on", "node"].map((name): unknown =>
    Reflect.get(value, name),
  );
  if (what === "cleanup" && (group === undefined || typeof group === "string")) return { do: what, group };
  if (what === "move" && typeof group === "string" && (to === undefined || typeof to === "string"))
    return { do: what, group, to };
  if (what === "fence-confirm" && typeof node === "string") return { do: what, node };
  if (what === "maintenance" && typeof on === "boolean") return { do: what, on };
  return undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
