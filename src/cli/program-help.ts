/**
 * Every program with its help, as the program itself gives it: what manual pages and completion are made of, so that neither can know
 * less than `--help` does.
 */
import { heartbeat, subPrograms } from "./heartbeat.ts";
import { programs } from "./index.ts";
import type { Program } from "./program.ts";

export interface ProgramHelp {
  /** As it is typed: `heartbeat check`. */
  readonly command: string;
  readonly summary: string;
  readonly usage: string;
  readonly help: string;
  /** Long options with their hyphens, in the order of the help. */
  readonly options: readonly string[];
}

/** The daemon itself: its options, and the list of its programs. */
export const daemonHelp = async (): Promise<ProgramHelp> => await helpOf(heartbeat.name, heartbeat);

/** `heartbeat check` and its sisters. */
export async function subProgramHelps(): Promise<ProgramHelp[]> {
  return await Promise.all(
    [...subPrograms].map(async ({ name, summary, load }) => {
      const command = `heartbeat ${name}`;
      return await helpOf(command, { ...(await load()), name, summary, usage: `${command} [OPTION...]` });
    }),
  );
}

/** Programs of their own: cl_status, the hb_ programs ... */
export async function programHelps(): Promise<ProgramHelp[]> {
  return await Promise.all([...programs].filter((each) => each !== heartbeat).map((each) => helpOf(each.name, each)));
}

async function helpOf(command: string, { summary, usage, run }: Program): Promise<ProgramHelp> {
  const asked = async (option: string): Promise<string> => {
    let said = "";
    const out = (text: string): void => {
      said += text;
    };
    await run([option], { out, err: () => {}, terminal: false, calledAs: command });
    return said;
  };
  // Programs with the original's own options know the letter only.
  const help = (await asked("--help")) || (await asked("-h"));
  const options = [...help.matchAll(/^ {2}(?:-\w, | {4})(--[\w.-]+)/gm)].map(([, option = ""]) => option);
  return { command, summary, usage, help, options };
}
