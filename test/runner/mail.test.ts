/** Mail by a stand-in for the machine's program: what it is told, and what is said when it fails. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { messageOf, sendMail } from "../../src/runner/mail.ts";

const mail = { recipients: ["a@b.org", "c@d.org"], subject: "web: taken over by fox", text: "now" };

function standIn(t: TestContext, script: string) {
  const folder = mkdtempSync(join(tmpdir(), "hb-mail-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const program = join(folder, "program");
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$@" > ${folder}/args\ncat > ${folder}/input\n${script}\n`, {
    mode: 0o755,
  });
  const surroundings = { environment: process.env, workingDirectory: "/", directory: folder };
  const send = (only: string) =>
    sendMail(mail, surroundings, ([path = ""]) => (path.endsWith(only) ? program : undefined));
  return { program, send, said: (file: string) => readFileSync(join(folder, file), "utf8") };
}

test("sendmail gets the recipients as arguments and the whole message", async (t) => {
  const { send, said } = standIn(t, "exit 0");
  assert.equal(await send("sendmail"), undefined);
  assert.equal(said("args"), "-i\n--\na@b.org\nc@d.org\n");
  assert.equal(said("input"), messageOf(mail));
  assert.match(said("input"), /^To: a@b\.org, c@d\.org\nSubject: web: taken over by fox\n/);
});

test("mail gets subject and recipients as arguments, and nothing between them: s-nail would take all behind -- for sendmail's", async (t) => {
  const { send, said } = standIn(t, "exit 0");
  assert.equal(await send("/mail"), undefined);
  assert.equal(said("args"), "-s\nweb: taken over by fox\na@b.org\nc@d.org\n");
  assert.equal(said("input"), "now");
});

test("a program that fails is quoted, and so is it when there is none", async (t) => {
  const { program, send } = standIn(t, "echo no route >&2; exit 75");
  assert.equal(await send("sendmail"), `${program} ended with code 75: no route`);
  assert.equal(await send("nothing"), "there is neither /usr/sbin/sendmail nor /usr/bin/mail");
});

test("letters beyond ASCII are encoded in the subject", () => {
  const [, subject = ""] =
    /^Subject: (.*(?:\n .*)*)$/m.exec(messageOf({ ...mail, subject: "Büro übernommen, jetzt" })) ?? [];
  const words = [...subject.matchAll(/=\?UTF-8\?B\?([A-Za-z0-9+/=]+)\?=/g)].map(([, word = ""]) => word);
  assert.equal(words.map((word) => Buffer.from(word, "base64").toString()).join(""), "Büro übernommen, jetzt");
  assert.match(subject, /^[\x20-\x7e\n]+$/);
});
