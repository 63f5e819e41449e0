/**
 * Asks a database for its `SELECT 1`: opens the connection, plays the conversation of its protocol, closes.
 *
 * The password is read anew each time from a file that nobody but root may read, and stands nowhere else: not in the configuration, not on a
 * command line, not in what is said of a failure.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { open } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import type { Probe } from "../agents/probes/probe.ts";
import { failed, ok, type Result } from "../base/result.ts";
import type { Conversation, Login } from "../wire/databases/conversation.ts";
import { MysqlConversation } from "../wire/databases/mysql.ts";
import { PostgresConversation } from "../wire/databases/postgres.ts";

import { silenceOf } from "./path-probe.ts";

type DatabaseProbe = Extract<Probe, { readonly kind: "mysql" | "postgres" }>;

/** Two short lines. */
const credentialsMax = 4096;

/** What is wrong; undefined: nothing. */
export async function askDatabase(probe: DatabaseProbe, signal: AbortSignal): Promise<string | undefined> {
  const files = [probe.credentials, "path" in probe.at ? probe.at.path : undefined];
  for (const file of files) {
    const wrong = file === undefined ? undefined : await silenceOf(file, signal);
    if (wrong !== undefined) return wrong;
  }
  const secret: Result<Credentials, string> =
    probe.credentials === undefined ? ok({}) : await readCredentials(probe.credentials);
  if (!secret.ok) return secret.error;
  if (signal.aborted) return "given up";
  const { user = probe.user, password = "" } = secret.value;
  const local = "path" in probe.at;
  const login: Login = { user, password, database: probe.database ?? "", local };
  const conversation =
    probe.kind === "mysql"
      ? new MysqlConversation(login)
      : new PostgresConversation(login, randomBytes(18).toString("base64"));
  return await play(conversation, connect(probe.at), signal);
}

const play = (conversation: Conversation, socket: Socket, signal: AbortSignal): Promise<string | undefined> =>
  new Promise((resolve) => {
    const end = (says: string | undefined): void => {
      socket.destroy();
      resolve(says);
    };
    socket.once("connect", () => socket.write(conversation.open()));
    socket.on("data", (bytes) => {
      const turn = conversation.hear(bytes);
      if (turn.is === "wrong") end(turn.says);
      else if (turn.is === "well") end(undefined);
      else if (turn.send.length > 0) socket.write(turn.send);
    });
    socket.on("error", (error) => end(error.message));
    socket.on("close", () => end("it hung up"));
    signal.addEventListener("abort", () => end("given up"));
  });

interface Credentials {
  readonly user?: string;
  readonly password?: string;
}

/** Lines `user NAME` and `password WORD`. On failure: what is wrong with the file, never what stands in it. */
export async function readCredentials(path: string): Promise<Result<Credentials, string>> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: Error) => error);
  if (file instanceof Error) return failed(`credentials: ${file.message}`);
  try {
    const { mode, uid, size } = await file.stat();
    if ((mode & constants.S_IFMT) !== constants.S_IFREG || size > credentialsMax)
      return failed(`credentials: ${path} is no short file`);
    if ((mode & 0o077) !== 0 || (uid !== 0 && uid !== process.getuid?.()))
      return failed(`credentials: ${path} must be root's and for nobody else: chown root ${path}; chmod 600 ${path}`);
    const read: { user?: string; password?: string } = {};
    for (const line of (await file.readFile("utf8")).split("\n")) {
      const [, name, value] = /^(user|password)[ \t]+(.+?)\r?$/.exec(line) ?? [];
      if (name === "user" || name === "password") read[name] = value ?? "";
      else if (line.trim() !== "" && !line.startsWith("#"))
        return failed(`credentials: ${path} may hold lines [user NAME] and [password WORD], and nothing else`);
    }
    return ok(read);
  } finally {
    await file.close();
  }
}
