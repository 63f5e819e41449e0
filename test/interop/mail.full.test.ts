/**
 * `MailTo` of haresources: what is handed to the machine's mail program, of ours and of the original's script beside it. The program is a stand-in
 * that writes down what it gets.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";

const recipients = "ops@example.org,night@example.org";
const record = "/tmp/mails";
/** Each argument in a line of its own, a blank line, then what it reads. */
const standIn = (name: string): string => `#!/bin/sh
{ echo "== ${name}"; for word; do echo "$word"; done; echo; cat; echo; echo "== end"; } >> ${record}
`;

interface Mail {
  readonly program: string;
  readonly args: readonly string[];
  readonly text: string;
}

/** What was handed over on a node so far, wholly. */
function mails(lab: Lab, node: string): readonly Mail[] {
  const written = lab.machine(node).read(record);
  return [...written.matchAll(/^== (\S+)\n([\s\S]*?)^== end$/gm)].map(([, program = "", mail = ""]) => {
    const [head = "", ...text] = mail.split("\n\n");
    return { program, args: head.split("\n"), text: text.join("\n\n") };
  });
}

test("both hand recipients, a subject with the node and a text to `mail`; ours to sendmail where it is", async (t) => {
  await using lab = await Lab.create({
    nodes: { fox: "ours", owl: "original" },
    haresources: `fox MailTo::${recipients}::web svc0`,
    services: ["svc0"],
  });
  for (const node of ["fox", "owl"]) await lab.machine(node).write("/usr/bin/mail", standIn("mail"), "755");
  const handed = async (node: string, count: number): Promise<Mail> => {
    await lab.until(`${node} has sent ${count}`, () => mails(lab, node).length >= count, 60);
    const mail = mails(lab, node)[count - 1];
    assert.ok(mail !== undefined);
    t.diagnostic(`${node}: ${JSON.stringify(mail)}`);
    return mail;
  };
  const original = (...words: readonly string[]) =>
    lab.exec("owl", ["/etc/ha.d/resource.d/MailTo", recipients, ...words]);

  await lab.start("fox");
  await original("files", "start");
  const ours = await handed("fox", 1);
  const theirs = await handed("owl", 1);
  assert.equal(ours.args[1], "web: taken over by fox");
  assert.match(theirs.args[1] ?? "", /^files Takeover in progress at .* on owl$/);
  for (const { args, text } of [ours, theirs]) {
    const [option, subject = "", ...to] = args;
    assert.equal(option, "-s");
    assert.equal(to.join(), recipients);
    assert.ok(text.trimStart().startsWith(subject), text);
  }
  assert.equal(ours.args.length, 4, "one by one: not every `mail` takes commas");
  assert.match((await original("web", "status")).stdout, /running/, "one is all of them (quirk 297)");

  await lab.until("fox has all", () => lab.runs("fox", "svc0"), 60);
  await lab.machine("fox").write("/usr/sbin/sendmail", standIn("sendmail"), "755");
  await Promise.all([lab.stop("fox"), original("files", "stop")]);
  const last = await handed("fox", 2);
  assert.match((await handed("owl", 2)).args[1] ?? "", /^files Migrating resource away at .* from owl$/);
  assert.deepEqual([last.program, ...last.args], ["sendmail", "-i", "--", ...recipients.split(",")]);
  const [headers = "", body = ""] = last.text.split("\n\n");
  assert.match(headers, /^To: ops@example\.org, night@example\.org\nSubject: web: given up by fox\n/);
  assert.match(headers, /^Content-Type: text\/plain; charset=UTF-8$/m);
  assert.match(body, /^web: given up by fox\n\d{4}-\d\d-\d\dT/);
});
