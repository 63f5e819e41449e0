/**
 * The log writer: a process of its own, because the core never waits for a disk.
 *
 * It gets records as lines of JSON on descriptor 3; the first line says where to write. When the core ends, for whatever reason, it
 * writes what has arrived and ends, too. Signals meant for the daemon do not end it before that.
 */
import { Socket } from "node:net";
import { Lines } from "../drivers/lines.ts";
import { isLogLevel, type LogRecord, type LogTarget } from "../drivers/log-format.ts";
import { LogSinks } from "../drivers/log-sinks.ts";
import { adjustOutOfMemoryScore, processName } from "../drivers/priority.ts";

for (const signal of ["SIGTERM", "SIGINT", "SIGHUP", "SIGUSR1", "SIGUSR2"] as const) process.on(signal, () => {});
processName("hb-log"); // whoever knows the process by its name finds it ready for signals
adjustOutOfMemoryScore(0); // the core's protection is not for those it starts

let sinks: LogSinks | undefined;
const lines = new Lines();
const core = new Socket({ fd: 3, readable: true, writable: false });
core.on("data", (bytes) => {
  for (const line of lines.push(bytes)) take(line);
});
core.on("error", () => {});
core.on("close", () => {
  sinks?.close();
  process.exit(0);
});

/** The writer's only peer is the core of the same version: what it says is taken at its word, but for its form. */
function take(line: string): void {
  const said = parse(line);
  if (sinks === undefined) sinks = new LogSinks(said as LogTarget);
  else if (isRecord(said)) sinks.write(said);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isRecord(said: unknown): said is LogRecord {
  return (
    typeof said === "object" &&
    said !== null &&
    "id" in said &&
    typeof said.id === "string" &&
    "level" in said &&
    typeof said.level === "string" &&
    isLogLevel(said.level) &&
    "text" in said &&
    typeof said.text === "string" &&
    "at" in said &&
    typeof said.at === "number"
  );
}
