/** Tells processes that they are to end, and then ends them: each is told once by each signal, and the log says whom it hit. */
import { type Mount, type MountUser, mappersOf, usersOf } from "./mounts.ts";
import { program, type Ran } from "./program.ts";

export interface EndingHands {
  /** Runs the first of these programs that is there. */
  run(programs: readonly string[], argv: readonly string[]): Promise<Ran>;
  /** For the log. */
  remark(text: string): void;
  /** Processes that are not ended, whatever they use; as it is now. */
  readonly spared: readonly number[];
}

/** Users are told to end for so many milliseconds, then they are ended for as long. */
export const endPatience = 3000;
/** Named in one line of the log. */
const namedMax = 10;
/** Between two attempts. */
export const lookEvery = 100;

export class EndingUsers {
  readonly #hands: EndingHands;
  readonly #told = new Set<string>();
  /** Since when users are told, or looked for. */
  #from = performance.now();

  constructor(hands: EndingHands) {
    this.#hands = hands;
  }

  /** No more is to be waited. */
  get isOver(): boolean {
    return performance.now() - this.#from > 2 * endPatience;
  }

  /** Who uses the mount, in whatever table of mounts it is. */
  async endUsers(mount: Mount): Promise<void> {
    const { run, spared } = this.#hands;
    const search = async (text: string, files: readonly string[]): Promise<readonly string[]> =>
      (await run(program("grep"), ["-l", "-s", "-F", "-e", text, "--", ...files])).says.split("\n");
    const open = await usersOf(mount, spared);
    this.end(open.length > 0 ? open : await mappersOf(mount, spared, search), `users of ${mount.place}`);
  }

  end(users: readonly MountUser[], called: string): void {
    const { spared } = this.#hands; // may have become more since they were looked for
    const unspared = users.filter(({ pid }) => !spared.includes(pid));
    // On a busy machine it may take long until the first is found.
    if (this.#told.size === 0 && unspared.length > 0) this.#from = performance.now();
    const signal = performance.now() - this.#from < endPatience ? "SIGTERM" : "SIGKILL";
    const untold = unspared.filter(({ pid }) => !this.#told.has(`${pid} ${signal}`));
    for (const { pid } of untold) {
      this.#told.add(`${pid} ${signal}`);
      try {
        process.kill(pid, signal);
      } catch {
        // It has just ended.
      }
    }
    if (untold.length > 0) this.#hands.remark(`${signal} to ${called}: ${namesOf(untold)}`);
  }
}

export const namesOf = (users: readonly MountUser[]): string =>
  firstOf(users.map(({ pid, name }) => `${name} (${pid})`));

/** For the log, of which a container with thousands of processes is to fill no page. */
export function firstOf(words: readonly string[], between = ", "): string {
  const more = words.length - namedMax;
  return [...words.slice(0, namedMax), ...(more > 0 ? [`and ${more} more`] : [])].join(between);
}
