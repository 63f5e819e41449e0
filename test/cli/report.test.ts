/** The archive of `heartbeat report`: tar reads it, and no key is in it. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { run, withoutSecrets } from "../../src/cli/report.ts";

test("configuration without keys, logs and versions, readable by tar, for root only", async (t) => {
  const root = mkdtempSync(join(tmpdir(), "hb-report-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string): void => {
    mkdirSync(join(root, path, ".."), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write(
    "etc/ha.d/ha.cf",
    "logfile /var/log/ha-log\nbcast lo\nnode fox owl\nstonith_host * external/ssh password=hunter2\n",
  );
  write("etc/ha.d/authkeys", "# was: topsecret0\nauth 1\n1 sha1 topsecret1\n 2\tmd5  top secret2\n");
  write("etc/ha.d/haresources", "fox 10.0.0.1\n");
  write("var/log/ha-log", `${"old line\n".repeat(600_000)}the last line\n`);
  const output = join(root, "r.tar.gz");
  const said: string[] = [];
  const io = {
    out: (text: string) => said.push(text),
    err: (text: string) => said.push(text),
    terminal: false,
    calledAs: "",
  };
  assert.equal(await run(["--root", root, "--output", output], io), 0, said.join(""));
  assert.deepEqual(said, [`${output}\n`]);
  assert.equal(statSync(output).mode & 0o777, 0o600);
  const names = execFileSync("tar", ["tzf", output], { encoding: "utf8" }).trim().split("\n");
  for (const name of [
    "versions",
    "findings",
    "etc/ha.d/ha.cf",
    "etc/ha.d/authkeys",
    "etc/ha.d/haresources",
    "logs/ha-log",
  ])
    assert.ok(names.includes(`r/${name}`), `${name} in ${names}`);
  const all = execFileSync("tar", ["xzOf", output], { encoding: "utf8", maxBuffer: 64e6 });
  assert.doesNotMatch(all, /topsecret|secret2|hunter2/);
  assert.match(all, /^1 sha1 \(blanked\)$/m);
  assert.match(all, /the last line\n/);
  assert.match(all, /^daemon stopped$/m);
  assert.equal(await run(["--root", root, "--output", output], io), 1, "an existing file is not overwritten");
});

test("secrets in the files that have them", () => {
  assert.equal(
    withoutSecrets("authkeys", "auth 1\n1 crc\n2 sha1 key with blanks\n"),
    "auth 1\n1 crc\n2 sha1 (blanked)\n",
  );
  assert.equal(
    withoutSecrets("ha.cf", "stonith_host a rsa user 10.0.0.1 passwd geheim\n"),
    "stonith_host a rsa (blanked)\n",
  );
  assert.equal(
    withoutSecrets("ha.cf", "#stonith_host * baytech 10.0.0.3 admin S3cr3t\n"),
    "#stonith_host * baytech (blanked)\n",
  );
  assert.equal(
    withoutSecrets("ha4.cf", "fence-device a\n  option password=a b c\n  option pin=1234\n  timeout 30\n"),
    "fence-device a\n  option password=(blanked)\n  option pin=(blanked)\n  timeout 30\n",
  );
  assert.equal(withoutSecrets("ha.cf", "keepalive 2\nnode a b\n"), "keepalive 2\nnode a b\n");
});
