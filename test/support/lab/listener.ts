/** Somebody on another node who notes how late a node's heartbeats are (`support/lateness.ts`), in real time where that is allowed. */
import { fileURLToPath } from "node:url";
import type { Lab } from "../lab.ts";

// Compiled, the program is dist/test/support/lateness.js.
const program = fileURLToPath(new URL("../lateness.js", import.meta.url));
/** In seconds. */
const longest = 200;

export interface Lateness {
  readonly heartbeats: number;
  /** In milliseconds. */
  readonly worst: number;
}

export interface Listener {
  /** False: it may be late itself. */
  readonly realTime: boolean;
  /** Ends it, and tells what it heard. */
  readonly heard: () => Promise<Lateness>;
}

/** Starts to listen. `keepalive` in milliseconds. */
export async function listen(
  lab: Lab,
  { on, to, keepalive }: { readonly on: string; readonly to: string; readonly keepalive: number },
): Promise<Listener> {
  const realTime = (await lab.exec(on, ["chrt", "-r", "1", "true"])).code === 0;
  const listener = ["node", program, to, `${keepalive}`];
  const listening = lab.exec(on, realTime ? ["chrt", "-r", "2", ...listener] : listener, longest);
  return {
    realTime,
    heard: async () => {
      await lab.machine(on).write("/tmp/lateness-end", "");
      return JSON.parse((await listening).stdout);
    },
  };
}
