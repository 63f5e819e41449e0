/** respawn and failfast: programs that live and die with the daemon. */
import { nearest } from "../../base/registry.ts";
import { lineDirective } from "../../syntax/directive.ts";
import type { Place, Word } from "../../syntax/lexer.ts";
import { shown } from "../../syntax/text.ts";
import { builtInOf, shellCharacter } from "../children.ts";
import type { Scope } from "../draft.ts";

const userMax = 63;

function child(name: "respawn" | "failfast", summary: string, details: string) {
  return lineDirective({
    name,
    form: "USER PATH [ARGUMENT...]",
    legal: "the name of a user, and the full path of a program",
    summary,
    details,
    example: `${name} hacluster /usr/libexec/heartbeat/ipfail`,
    apply({ draft, facts, report }: Scope, words, at) {
      const [user, path] = words;
      if (user === undefined || user.text.length > userMax || !facts.users.has(user.text)) {
        report.add("HB0607", user ?? at, `Invalid uid [${shown(user?.text ?? "")}] specified for client child`, () =>
          userHelp(name, user, facts.users),
        );
        return false;
      }
      const command = at.rest.slice(user.text.length).trimStart();
      const where: Place = path ?? at;
      if (path === undefined || !path.text.startsWith("/")) {
        report.add(
          "HB0608",
          where,
          `Client child command [${shown(command)}] is not full pathname`,
          "write the program's full path",
        );
        return false;
      }
      const kind = facts.fileKind(path.text);
      if (kind === "missing" && name === "respawn" && builtInOf(path.text) !== undefined)
        report.add(
          "HB0641",
          where,
          `[${shown(path.text)}] is not there: the daemon does its work itself`,
          "nodes with 3.0.6 need the program",
        );
      else if (kind !== "executable" && kind !== "directory") {
        report.add("HB0609", where, `Client child command [${shown(path.text)}] is not executable`, () =>
          programHelp(path.text, facts),
        );
        return false;
      }
      if (kind === "directory")
        report.add(
          "HB0610",
          where,
          `[${shown(path.text)}] is a directory: nothing can be started`,
          "write the program's path",
        );
      const acted = shellCharacter(command);
      if (acted !== undefined)
        report.add(
          "HB0640",
          where,
          `[${shown(acted)}] has no effect: no shell reads this line`,
          "write a script that does it, and name that",
        );
      const text = `${user.text} ${command}`;
      const twin = draft.seen.get(text);
      if (twin)
        report.add(
          "HB0611",
          where,
          `the same program is started by line ${twin.line}: two copies will run`,
          "remove one of the lines",
        );
      else draft.seen.set(text, at);
      draft.kept.push({ directive: name, text, at });
      return true;
    },
  });
}

/** Where the original's own programs were, in one packaging or the other. */
const programFolders = ["/usr/libexec/heartbeat", "/usr/lib/heartbeat", "/usr/lib64/heartbeat"];

function programHelp(path: string, { fileKind }: Scope["facts"]): string {
  if (fileKind(path) !== "missing") return `chmod +x ${shown(path)}`;
  const moved = programFolders
    .map((folder) => `${folder}/${path.slice(path.lastIndexOf("/") + 1)}`)
    .find((each) => fileKind(each) === "executable");
  return moved === undefined ? "there is no such file" : `write ${shown(moved)}: it is there on this host`;
}

function userHelp(name: string, user: Word | undefined, users: Scope["facts"]["users"]): string {
  if (user === undefined) return `write: ${name} hacluster and the full path of a program`;
  if (/^\d+$/.test(user.text)) {
    const found = [...users].find(([, { uid }]) => uid === Number(user.text));
    return found === undefined ? "write the user's name, not its number" : `write the user's name: ${found[0]}`;
  }
  if (user.text.startsWith("/")) return `the user is missing: write ${name} root ${shown(user.text)}`;
  const near = nearest(user.text, [...users.keys()]);
  return near === undefined ? "no such user on this host" : `did you mean ${near}?`;
}

export const respawn = child(
  "respawn",
  "Starts a program with the daemon, and again whenever it ends.",
  "Programs start in file order and stop in reverse. One that exits with 100 is not started again; one that keeps ending is, ever more slowly. No shell reads the line, but quotes work as in one. The work of ipfail is done by the daemon itself.",
);

export const failfast = child(
  "failfast",
  "As respawn, but the failure of the program reboots the node.",
  "Any exit code but 0, and a signal, is a failure.",
);
