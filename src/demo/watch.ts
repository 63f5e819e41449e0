/**
 * Follows what a node says of itself: asks its daemon for the View several times a second, through the daemon's own
 * control socket. A node that does not answer has no view; that is a fact to show, not an error.
 */
import { createConnection } from "node:net";
import type { View } from "../core/view.ts";

const pollEvery = 100;
const patience = 500;
const viewMax = 4 * 1024 * 1024;

export class Watch {
  readonly #path: string;
  readonly #timer: NodeJS.Timeout;
  #view: View | undefined;
  #asking = false;

  /** `path`: the control socket, as seen from here. */
  constructor(path: string) {
    this.#path = path;
    this.#timer = setInterval(() => void this.#ask(), pollEvery);
  }

  get view(): View | undefined {
    return this.#view;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#view = undefined;
  }

  async #ask(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    this.#view = await askForView(this.#path);
    this.#asking = false;
  }
}

/** One question, one line of JSON; undefined when the daemon does not answer in half a second. */
function askForView(path: string): Promise<View | undefined> {
  return new Promise((resolve) => {
    const socket = createConnection(path);
    let text = "";
    const end = (view: View | undefined) => {
      socket.destroy();
      resolve(view);
    };
    socket.setTimeout(patience, () => end(undefined));
    socket.on("error", () => end(undefined));
    socket.on("end", () => end(undefined));
    socket.on("connect", () => socket.write("view\n"));
    socket.on("data", (piece: Buffer) => {
      text += piece.toString();
      const line = text.indexOf("\n");
      if (line >= 0) end(decodeView(text.slice(0, line)));
      else if (text.length > viewMax) end(undefined);
    });
  });
}

function decodeView(line: string): View | undefined {
  try {
    return JSON.parse(line) as View; // our own daemon's word
  } catch {
    return undefined;
  }
}
