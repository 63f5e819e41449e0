/**
 * Who may sign on, and under which name.
 *
 * A client names itself; the kernel says who it really is. A name that is the process number makes a *casual* client, which
 * may only ask; any other name is a *named* client, of which one may exist per node, and which may speak to its namesakes on
 * the other nodes. Only user and primary group count, and root has no special right.
 *
 * Source: docs/reference/client-api.md, section 3.
 * Deviations: whether a process exists is not asked, because the kernel's credentials name the one process that may sign on
 * over this connection: a number of no process is answered `pid mismatch` instead of `bad pid` (quirk 41); no number at all is
 * refused, too (quirk 40); a name that is cut cannot become one that others are to have (quirk 58).
 */
import type { ApiAuth, ClusterConfig } from "../../config/cluster-config.ts";
import { type Message, stringOf } from "../../wire/message.ts";
import type { PeerCredentials } from "../input.ts";

/** Longer names are cut, as the original does. */
const nameMax = 31;

export type SignOn =
  | { readonly ok: true; readonly id: string; readonly pid: number; readonly casual: boolean }
  | {
      readonly ok: false;
      /** The reason in the original's words. */
      readonly info: string;
      /** Empty while the name does not count: a bad process number, a name in use. */
      readonly id: string;
      readonly pid: number;
      readonly casual: boolean;
    };

/** Whether `message` can be a sign-on at all; anything else from a stranger gets no answer. */
export const asksToSignOn = (message: Message): boolean =>
  stringOf(message, "t") === "hbapi-req" &&
  stringOf(message, "reqtype") === "signon" &&
  (stringOf(message, "from_id") ?? stringOf(message, "pid")) !== undefined;

/** The checks in the original's order; the first that fails names the reason. */
export function judgeSignOn(
  request: Message,
  peer: PeerCredentials,
  authorization: ClusterConfig["apiAuth"],
  inUse: (id: string) => boolean,
): SignOn {
  const pid = leadingInteger(stringOf(request, "pid"));
  const name = stringOf(request, "from_id") ?? String(pid);
  const id = name.slice(0, nameMax);
  const casual = leadingInteger(id) === pid;
  const refuse = (info: string): SignOn => ({ ok: false, info, id, pid, casual });
  const refuseNameless = (info: string): SignOn => ({ ok: false, info, id: "", pid, casual: false });

  if (pid <= 0) return refuseNameless("bad pid");
  if (inUse(id)) return refuseNameless("duplicate add request");
  const uid = decimal(stringOf(request, "uid"));
  const gid = decimal(stringOf(request, "gid"));
  if (uid === undefined || gid === undefined) return refuse("invalid id info");
  if (uid !== peer.uid || gid !== peer.gid) return refuse("incorrect/false credentials");
  // A name too long for a line of its own has the permission of the default; what is left of it may be somebody's (quirk 58).
  const allowed = authorization.get(casual ? "anon" : name) ?? (casual ? undefined : authorization.get("default"));
  if (allowed === undefined) return refuse(casual ? "apiauth anon missing" : "no default client auth");
  const also = casual ? allowed : (authorization.get(id) ?? allowed);
  if (!permits(allowed, peer) || !permits(also, peer)) return refuse("client failed authorization");
  if (peer.pid !== pid) return refuse("pid mismatch");
  return { ok: true, id, pid, casual };
}

const permits = (entry: ApiAuth, peer: PeerCredentials): boolean =>
  entry.uids.includes(peer.uid) || entry.gids.includes(peer.gid);

/** The number that a text begins with, 0 without one: `1234x` is 1234. */
function leadingInteger(value: string | undefined): number {
  const number = Number.parseInt(value ?? "", 10);
  return Number.isSafeInteger(number) ? number : 0;
}

const decimal = (value: string | undefined): number | undefined =>
  value !== undefined && /^\d{1,10}$/.test(value) ? Number(value) : undefined;
