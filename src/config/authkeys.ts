/**
 * Reads authkeys: which key signs what we send, and all keys that verify what arrives.
 *
 * Source: docs/reference/configuration.md, section 8. No message contains a piece of a line that could be a key.
 */

import type { Report } from "../syntax/diagnostic.ts";
import { type Line, originalLineMax, type Place, wordsOf } from "../syntax/lexer.ts";
import type { Key, KeyRing } from "../wire/auth/method.ts";
import type { FoundFile } from "./configuration-files.ts";

const idMax = 15;
const methods = ["crc", "md5", "sha1"] as const;
/** Keys shorter than this can be guessed; the original's documentation shows such ones. */
const shortKey = 8;

/** Digest names that can be no key: they may appear in a message. */
const digestName = /^(crc-?\d*|md[245]|hmac|none|sha-?\d{0,3}|sha[123]?-\d{3}|sha1|hmac-(md5|sha1|sha256))$/i;

interface Ring {
  readonly entries: Map<number, Key>;
  /** The number of the latest auth line. */
  auth: { readonly id: number; readonly at: Place } | undefined;
  active: number | undefined;
  /** Numbers of lines that were complained about: these keys are not missing, but wrong. */
  readonly faulty: Set<number>;
}

export function readAuthkeys(
  lines: readonly Line[],
  file: FoundFile,
  ownUid: number,
  report: Report,
): KeyRing | undefined {
  checkOwner(file, ownUid, report);
  const ring: Ring = { entries: new Map(), auth: undefined, active: undefined, faulty: new Set() };
  for (const line of lines) readLine(line, ring, report);
  judge(ring, report);
  if (ring.active === undefined || report.errors > 0) return undefined;
  const method = ring.entries.get(ring.active)?.method;
  if (method === "crc")
    report.add(
      "HB0718",
      ring.auth?.at,
      "crc signs with no secret: anybody on the network can forge messages",
      "use sha1, unless all media are private to the cluster: heartbeat keygen",
    );
  return { active: ring.active, entries: ring.entries };
}

function checkOwner({ mode, uid }: FoundFile, ownUid: number, report: Report): void {
  const octal = (mode & 0o777).toString(8).padStart(3, "0");
  if (mode & 0o044)
    report.add(
      "HB0702",
      undefined,
      `Bad permissions on keyfile [${report.file}], 600 recommended. They are ${octal}: others can read the keys`,
      `chmod 600 ${report.file}`,
    );
  else if (mode & 0o022)
    report.add(
      "HB0703",
      undefined,
      `others can write the key file [${report.file}]: its permissions are ${octal}`,
      `chmod 600 ${report.file}`,
    );
  if (uid !== 0 && uid !== ownUid)
    report.add(
      "HB0704",
      undefined,
      `the key file [${report.file}] belongs to user ${uid}, who can read and change the keys`,
      `chown root ${report.file}`,
    );
}

function readLine(line: Line, ring: Ring, report: Report): void {
  const text = line.number === 1 ? line.text.replace(/^\xef\xbb\xbf/, "   ") : line.text;
  const words = wordsOf(text, line.number);
  const first = words[0];
  if (first === undefined || first.text.startsWith("#")) return;
  const all: Place = { line: line.number, start: first.start, end: text.trimEnd().length };
  if (text.length > originalLineMax) {
    report.add(
      "HB0705",
      all,
      `Auth line is invalid: it has ${text.length} bytes, and 3.0.6 cuts it after ${originalLineMax}`,
      "use a shorter key: heartbeat keygen",
    );
    ring.faulty.add(numberOf(text));
    return;
  }
  if (first.text.startsWith("a")) readAuth(text, all, ring, report);
  else if (!readKey(text, all, ring, report)) ring.faulty.add(numberOf(text));
}

const numberOf = (text: string): number => Number.parseInt(text.trim(), 10);

function readAuth(text: string, all: Place, ring: Ring, report: Report): void {
  const match = /^[ \t\f]*auth[ \t\f]*([+-]?\d+)(.*)$/.exec(text);
  if (match?.[1] === undefined) {
    const bare = /^[ \t\f]*auth[ \t\f]*$/.test(text);
    report.add(
      "HB0706",
      all,
      `Invalid auth line in ${report.file}${bare ? ": the number of the key is missing" : ""}`,
      "write: auth 1",
    );
    return;
  }
  const id = Number(match[1]);
  if ((match[2] ?? "").trim() !== "" && !(match[2] ?? "").trim().startsWith("#"))
    report.add(
      "HB0707",
      all,
      `only the first number of the auth line counts: ${id}`,
      "one key signs; all keys of the file verify",
    );
  if (ring.auth !== undefined)
    report.add(
      "HB0708",
      all,
      `there is an auth line already, in line ${ring.auth.at.line}`,
      "keep one, before the keys",
    );
  ring.auth = { id, at: all };
}

/** False if the line is faulty, which has been said then. */
function readKey(text: string, all: Place, ring: Ring, report: Report): boolean {
  const match = /^[ \t\f]*([+-]?\d+)[ \t\f]*([^ \t\f]+)[ \t\f]*([^ \t\f]*)(.*)$/.exec(text);
  if (match === null || /^\d/.test(match[2] ?? "")) {
    const upper = /^[ \t\f]*auth\b/i.test(text);
    report.add(
      "HB0709",
      all,
      `Auth line [${/^\d+$/.test(text.trim()) ? text.trim() : upper ? text.trim().slice(0, "auth".length) : "..."}] is invalid.`,
      upper ? "write auth in lower case" : "write: 1 sha1 and a key; auth 1 names the key that signs",
    );
    return false;
  }
  const [, number = "", name = "", key = "", rest = ""] = match;
  const id = Number(number);
  if (id < 0 || id > idMax) {
    report.add("HB0710", all, `Invalid authnum [${number}] in ${report.file}`, `number keys from 0 to ${idMax}`);
    return false;
  }
  const method = methods.find((each) => each === name);
  if (method === undefined) {
    const said = digestName.test(name) ? ` [${name}]` : " (the second word of the line)";
    report.add("HB0711", all, `Invalid authtype${said}`, () => methodHelp(name));
    return false;
  }
  if (method === "crc" && key !== "") {
    report.add(
      "HB0712",
      all,
      "Auth method [crc] doesn't use a key",
      key.startsWith("#") ? "a comment stands on a line of its own" : "remove the key, or write sha1",
    );
    return false;
  }
  if (method !== "crc" && key === "") {
    report.add(
      "HB0713",
      all,
      `Auth method [${method}] requires a key`,
      "heartbeat keygen writes the file with a good one",
    );
    return false;
  }
  remarkOnKey(key, rest, all, report);
  if (ring.entries.has(id))
    report.add("HB0714", all, `key ${id} is defined twice: this line wins`, "remove one of them");
  ring.entries.set(id, { method, text: key });
  if (ring.auth?.id === id) ring.active = id;
  return true;
}

function remarkOnKey(key: string, rest: string, all: Place, report: Report): void {
  if (key.includes("#"))
    report.add(
      "HB0715",
      all,
      "the # is part of the key: it begins no comment here",
      "if a comment is meant, put it on a line of its own",
    );
  else if (/^["']|["']$/.test(key))
    report.add(
      "HB0715",
      all,
      "the quotes are part of the key",
      "if they are not meant, remove them on all nodes at once",
    );
  if (rest.trim() !== "" && !rest.trim().startsWith("#"))
    report.add(
      "HB0716",
      all,
      "the key is one word: what follows is ignored",
      "join the words if they are meant as one key, on all nodes at once",
    );
  if (key !== "" && key.length < shortKey)
    report.add(
      "HB0717",
      all,
      `the key has ${key.length} characters only and can be guessed`,
      "heartbeat keygen writes the file with a good one",
    );
}

function methodHelp(name: string): string {
  const folded = methods.find((each) => each === name.toLowerCase());
  if (folded !== undefined) return `write ${folded}: case matters here`;
  return `methods: ${methods.join(", ")}${/^sha/i.test(name) ? "; 3.0.6 knows no stronger one than sha1" : ""}`;
}

function judge({ entries, auth, active, faulty }: Ring, report: Report): void {
  if (active !== undefined) {
    if (auth !== undefined && auth.id !== active && auth.id >= 0)
      report.add(
        "HB0719",
        auth.at,
        `no key ${auth.id} follows: key ${active} still signs`,
        "put one auth line before all keys",
      );
    return;
  }
  if (auth === undefined || auth.id < 0) {
    const one = [...entries.keys()][0] ?? 1;
    report.add(
      "HB0720",
      auth?.at,
      `Missing auth directive in keyfile [${report.file}]`,
      `write auth ${one} in front of the keys`,
    );
    return;
  }
  if (faulty.has(auth.id)) return;
  const after = entries.has(auth.id);
  report.add(
    "HB0721",
    auth.at,
    `Auth Key [${auth.id}] not found in keyfile [${report.file}]${after ? ": it stands before the auth line" : ""}`,
    after
      ? "move the auth line in front of the keys"
      : `define it: ${auth.id} sha1 and a key${entries.size > 0 ? `; or name one of: ${[...entries.keys()].join(", ")}` : ""}`,
  );
}
