/** apiauth: which users and groups may connect as which client program. */
import { nearest } from "../../base/registry.ts";
import { lineDirective } from "../../syntax/directive.ts";
import type { Word } from "../../syntax/lexer.ts";
import { shown } from "../../syntax/text.ts";
import type { ApiAuth } from "../cluster-config.ts";
import type { Scope } from "../draft.ts";
import type { HostFacts } from "../host-facts.ts";

const clientMax = 31;
const synopsis = "write: apiauth CLIENT [uid=USER,...] [gid=GROUP,...], without blanks in the lists";

/** Authorisations for names the file does not mention (reference, section 5.30). */
export const builtInAuths: readonly { readonly client: string; readonly uid?: string; readonly gid?: string }[] = [
  { client: "ipfail", uid: "hacluster" },
  { client: "ccm", uid: "hacluster" },
  { client: "ping", gid: "haclient" },
  { client: "lha-snmpagent", uid: "root" },
  { client: "anon", uid: "root", gid: "haclient" },
];

export const apiauth = lineDirective({
  name: "apiauth",
  form: "CLIENT [uid=USER,...] [gid=GROUP,...]",
  legal: "a client's name, and lists of users or groups by name or number",
  summary: "Which users and groups may connect as this client.",
  details:
    "A client is let in if its user is in the one list or its group in the other. CLIENT default is for clients without a line of their own, " +
    `anon for clients without a name. Built in: ${builtInAuths.map(({ client, uid, gid }) => `${client}${uid ? ` uid=${uid}` : ""}${gid ? ` gid=${gid}` : ""}`).join("; ")}.`,
  example: "apiauth ipfail uid=hacluster",
  apply({ draft, facts, report }: Scope, [client, ...lists], at) {
    const whole = shown(at.rest);
    const invalid = `Invalid apiauth directive [${whole}]`;
    const before = report.errors;
    if (client === undefined) {
      report.add("HB0617", at, invalid, synopsis);
      return false;
    }
    if (client.text.length > clientMax)
      report.add("HB0618", client, `client name [${whole}] too long; ${invalid}`, `at most ${clientMax} characters`);
    if (lists.length === 0) report.add("HB0617", at, `Missing uid or gid in apiauth; ${invalid}`, synopsis);
    const ids: { uid: number[] | undefined; gid: number[] | undefined } = { uid: undefined, gid: undefined };
    for (const word of lists) {
      const key = /^(uid|gid)=/.exec(word.text)?.[1];
      if (key !== "uid" && key !== "gid") {
        report.add("HB0617", word, `Missing uid or gid in apiauth; ${invalid}`, synopsis);
        continue;
      }
      if (ids[key] !== undefined)
        report.add("HB0619", word, `Duplicate ${key} list in apiauth; ${invalid}`, "join the lists with commas");
      else ids[key] = idList(key, word, facts, report, invalid);
    }
    if (draft.apiAuth.has(client.text))
      report.add(
        "HB0619",
        client,
        `Duplicate apiauth directive for API client ${shown(client.text)}: [${whole}]; ${invalid}`,
        "join the lines",
      );
    if (report.errors > before) return false;
    draft.apiAuth.set(client.text, { uids: ids.uid ?? [], gids: ids.gid ?? [] });
    draft.kept.push({ directive: "apiauth", text: [client, ...lists].map(({ text }) => text).join(" "), at });
    return true;
  },
});

function idList(key: "uid" | "gid", word: Word, facts: HostFacts, report: Scope["report"], invalid: string): number[] {
  const list = word.text.slice("uid=".length);
  const ids: number[] = [];
  if (list === "")
    report.add(
      "HB0620",
      word,
      `${key}= has an empty list: it lets nobody in`,
      `name ${key === "uid" ? "a user" : "a group"}, or remove it`,
    );
  let at = word.start + "uid=".length;
  for (const name of list.split(",")) {
    const place = { line: word.line, start: at, end: at + name.length };
    at += name.length + 1;
    // An empty name is an unknown one, except behind the last comma, where the original stops looking.
    if (name === "" && place.start >= word.end) continue;
    const id = /^\d/.test(name)
      ? Number.parseInt(name, 10)
      : key === "uid"
        ? facts.users.get(name)?.uid
        : facts.groups.get(name);
    if (id === undefined) {
      report.add(
        "HB0621",
        place,
        `${key === "uid" ? "Invalid user id name" : "Invalid group name"} [${shown(name)}]; Bad ${key} list [${shown(list)}]; ${invalid}`,
        () => nameHelp(key, name, facts),
      );
    } else if (/^\d/.test(name) && !exists(key, id, facts))
      report.add(
        "HB0622",
        place,
        `no ${key === "uid" ? "user" : "group"} of this host has the number ${id}`,
        "write the name",
      );
    if (id !== undefined) ids.push(id);
  }
  return ids;
}

const exists = (key: "uid" | "gid", id: number, { users, groups }: HostFacts): boolean =>
  key === "uid" ? [...users.values()].some(({ uid }) => uid === id) : [...groups.values()].includes(id);

function nameHelp(key: "uid" | "gid", name: string, { users, groups }: HostFacts): string {
  if (name === "") return "a comma stands too much";
  if (key === "gid" && users.has(name))
    return `${shown(name)} is a user, not a group${groups.has("haclient") ? "; the group of cluster programs is haclient: write gid=haclient" : `: write uid=${shown(name)}`}`;
  if (key === "uid" && groups.has(name)) return `${shown(name)} is a group, not a user: write gid=${shown(name)}`;
  const near = name.length > 32 ? undefined : nearest(name, [...(key === "uid" ? users : groups).keys()]);
  return near === undefined ? `no such ${key === "uid" ? "user" : "group"} on this host` : `did you mean ${near}?`;
}

/** The built-in authorisations that the file leaves standing. Names this host does not know let nobody in. */
export function withBuiltIns(
  configured: ReadonlyMap<string, ApiAuth>,
  { users, groups }: HostFacts,
): Map<string, ApiAuth> {
  const all = new Map(configured);
  for (const { client, uid, gid } of builtInAuths) {
    if (all.has(client)) continue;
    const uids = uid === undefined ? undefined : users.get(uid)?.uid;
    const gids = gid === undefined ? undefined : groups.get(gid);
    all.set(client, { uids: uids === undefined ? [] : [uids], gids: gids === undefined ? [] : [gids] });
  }
  return all;
}
