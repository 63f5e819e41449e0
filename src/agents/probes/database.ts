/** The words behind `probe mysql` and `probe postgres`. A password never stands among them: ha4.cf may be read by anybody. */
import { failed, ok, type Result } from "../../base/result.ts";
import type { Probe } from "./probe.ts";
import { hostAndPort } from "./target.ts";

type DatabaseProbe = Extract<Probe, { readonly kind: "mysql" | "postgres" }>;

const names = { user: "user", credentials: "credentials", database: "database" } as const;

export function databaseWords(
  kind: DatabaseProbe["kind"],
  [target = "", ...settings]: readonly string[],
): Result<DatabaseProbe, string> {
  const at = target.startsWith("/") ? { path: target } : hostAndPort(target);
  if (at === undefined) return failed("HOST:PORT or the full path of a local socket is needed first");
  let probe: DatabaseProbe = {
    kind,
    at,
    user: "heartbeat",
    ...(kind === "postgres" ? { database: "postgres" } : {}),
  };
  for (const setting of settings) {
    const [, name = "", value = ""] = /^([a-z]+)=(.{1,200})$/.exec(setting) ?? [];
    if (name === "password") return failed("a password belongs into a file for root alone: credentials=FILE");
    if (!(name in names))
      return failed("behind the target only user=NAME, credentials=FILE and database=NAME may follow");
    if (name === names.credentials && !value.startsWith("/"))
      return failed("the full path of the credentials is needed");
    probe = { ...probe, [name]: value };
  }
  return ok(probe);
}
