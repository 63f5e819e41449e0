/**
 * Carries probes out: tries what a description says, within one time limit for all of them, and says in a few words what was wrong.
 *
 * A probe never throws and never outlives its limit by more than a moment; what it had open is closed then. A command is run as every script is, in a
 * process group of its own.
 */
import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import type { Probe } from "../agents/probes/probe.ts";
import type { AgentOutcome } from "../core/input.ts";
import { askDatabase } from "./database-probe.ts";
import { isMounted, writeBelow } from "./disk-probe.ts";
import { beginningOf, changedAt, silenceOf } from "./path-probe.ts";
import { eachProcess, stateOf } from "./processes.ts";
import { runScript } from "./script.ts";

export interface ProbeSurroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly workingDirectory: string;
}

/** Bytes of a web page that are searched for the expected text. */
const pageMax = 65_536;
/** Of what is said. */
const saysMax = 500;

/** Asked in order, until one fails; always ends, as a script's `status` would. `timeLimit` in milliseconds. */
export async function runProbes(
  probes: readonly Probe[],
  timeLimit: number,
  surroundings: ProbeSurroundings,
): Promise<AgentOutcome> {
  const aborter = new AbortController();
  const timer = setTimeout(() => aborter.abort(), timeLimit);
  const limit = new Promise<string>((resolve) =>
    aborter.signal.addEventListener("abort", () => resolve(`no answer within ${timeLimit} ms`)),
  );
  const seen: string[] = [];
  try {
    for (const probe of probes) {
      const name = nameOf(probe);
      const wrong = await Promise.race([limit, perform(probe, aborter.signal, surroundings).catch(errorText)]);
      if (wrong !== undefined) return answer(1, `${name}: ${wrong}`);
      seen.push(name);
    }
    return answer(0, seen.join(", "));
  } finally {
    clearTimeout(timer);
    aborter.abort(); // closes what is still open
  }
}

const answer = (code: number, says: string): AgentOutcome => ({
  result: "exited",
  code,
  output: says.slice(0, saysMax),
});

const errorText = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  return error.message === "" ? (code ?? error.name) : error.message;
};

function nameOf(probe: Probe): string {
  switch (probe.kind) {
    case "tcp":
      return `tcp ${placeOf(probe)}`;
    case "mysql":
    case "postgres":
      return `${probe.kind} ${"path" in probe.at ? probe.at.path : placeOf(probe.at)}`;
    case "http":
      return probe.url.replace(/\/\/[^/@]*@/, "//"); // a password has no place in a log
    case "process":
      return `process ${probe.pidFile ?? probe.name ?? ""}`;
    case "carrier":
      return `carrier ${probe.device}`;
    case "unix":
    case "command":
    case "disk":
    case "mount":
    case "file-newer-than":
      return `${probe.kind} ${probe.path}`;
  }
}

const placeOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `${host.includes(":") ? `[${host}]` : host}:${port}`;

/** What is wrong; undefined: nothing. */
async function perform(
  probe: Probe,
  signal: AbortSignal,
  surroundings: ProbeSurroundings,
): Promise<string | undefined> {
  switch (probe.kind) {
    case "tcp":
      return await reach(connect({ host: probe.host, port: probe.port }), signal);
    case "unix":
      return (await silenceOf(probe.path, signal)) ?? (await reach(connect({ path: probe.path }), signal));
    case "http":
      return await fetchPage(probe, signal);
    case "mysql":
    case "postgres":
      return await askDatabase(probe, signal);
    case "process":
      return probe.pidFile === undefined
        ? await findProcess(probe.name ?? "")
        : await lookAtPidFile(probe.pidFile, signal);
    case "file-newer-than": {
      const changed = await changedAt(probe.path, signal);
      if (!changed.ok) return changed.error;
      const age = Date.now() / 1000 - changed.value;
      return age <= probe.seconds ? undefined : `last changed ${Math.round(age)} s ago`;
    }
    case "command":
      return await runCommand(probe, signal, surroundings);
    case "disk":
      return await writeBelow(probe.path, signal);
    case "mount":
      return (await isMounted(probe.path)) ? await writeBelow(probe.path, signal) : "nothing is mounted there";
    case "carrier":
      return await lookAtCarrier(probe.device);
  }
}

const reach = (socket: Socket, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve) => {
    const end = (says: string | undefined): void => {
      socket.destroy();
      resolve(says);
    };
    socket.once("connect", () => end(undefined));
    socket.on("error", (error) => end(errorText(error)));
    signal.addEventListener("abort", () => end("given up"));
  });

const fetchPage = (
  { url, status, text }: Extract<Probe, { kind: "http" }>,
  signal: AbortSignal,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    // The certificate names the service, and we often ask by address; whether it is valid is for its users to check.
    const options = { signal, agent: false, rejectUnauthorized: false, headers: { "user-agent": "heartbeat" } };
    const request = (url.startsWith("https:") ? httpsRequest : httpRequest)(url, options, (response) => {
      const code = response.statusCode ?? 0;
      const expected = status === undefined ? code >= 200 && code < 400 : code === status;
      const end = (says: string | undefined): void => {
        response.destroy();
        resolve(says);
      };
      if (!expected) return end(`status ${code}${status === undefined ? "" : `, not ${status}`}`);
      let page = "";
      response.setEncoding("utf8");
      response.on("data", (piece: string) => {
        page += piece;
        if (text !== undefined && page.includes(text)) end(undefined);
        else if (page.length > pageMax) end(text === undefined ? undefined : `[${text}] does not stand in the answer`);
      });
      response.on("end", () =>
        end(text === undefined || page.includes(text) ? undefined : `[${text}] does not stand in the answer`),
      );
      response.on("error", (error) => end(errorText(error)));
    });
    request.on("error", (error) => resolve(errorText(error)));
    request.end();
  });

const notAtWork = (state: string): string | undefined =>
  state === "Z" || state === "X" ? "has ended" : state === "T" || state === "t" ? "is stopped" : undefined;

async function lookAtPidFile(path: string, signal: AbortSignal): Promise<string | undefined> {
  const read = await beginningOf(path, signal);
  if (!read.ok) return read.error;
  const pid = read.value;
  if (!/^[1-9]\d{0,9}$/.test(pid)) return "there is no process number in it";
  const process = stateOf(pid);
  if (process === undefined) return `there is no process ${pid}`;
  const wrong = notAtWork(process.state);
  return wrong === undefined ? undefined : `process ${pid} (${process.name}) ${wrong}`;
}

async function findProcess(name: string): Promise<string | undefined> {
  let wrong = "there is none";
  let found = false;
  await eachProcess((pid) => {
    const process = found ? undefined : stateOf(pid);
    if (process?.name !== name) return;
    const problem = notAtWork(process.state);
    if (problem === undefined) found = true;
    else wrong = `process ${pid} ${problem}`;
  });
  return found ? undefined : wrong;
}

/** Becomes the command. One whose disk does not answer keeps who starts it waiting: that must not be us. */
const starter = "/usr/bin/nice";

const runCommand = (
  { path, args }: Extract<Probe, { kind: "command" }>,
  signal: AbortSignal,
  { environment, workingDirectory }: ProbeSurroundings,
): Promise<string | undefined> =>
  new Promise((resolve) => {
    const call = {
      path: starter,
      argv: ["-n", "0", "--", path, ...args],
      listen: true,
      environment,
      workingDirectory,
      timeLimit: longerThanAnyProbe,
      debugLog: undefined,
    };
    const running = runScript(call, (outcome) => {
      if (outcome.result !== "exited")
        return resolve(outcome.result === "killed" ? `killed by ${outcome.signal}` : outcome.result);
      const [line = ""] = outcome.output.split("\n");
      resolve(outcome.code === 0 ? undefined : `return code ${outcome.code}${line === "" ? "" : ` (${line})`}`);
    });
    signal.addEventListener("abort", () => running.kill(0)); // nothing, once it has ended
  });

/** The limit that counts is that of all probes together. */
const longerThanAnyProbe = 2 ** 31 - 1;

/** The kernel's own files: an interface that is down refuses to tell of its carrier. */
async function lookAtCarrier(device: string): Promise<string | undefined> {
  const read = async (name: string) => (await readFile(`/sys/class/net/${device}/${name}`, "latin1")).trim();
  const state = await read("operstate").catch(() => undefined);
  if (state === undefined) return "there is no such interface";
  const carrier = await read("carrier").catch(() => "down");
  return carrier === "1" ? undefined : carrier === "down" ? "is down" : "has no carrier";
}
