/** The facts of the machine the test runs on, as far as they are the same everywhere; and files as they are on a disk. */
import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { loadConfiguration } from "../../src/daemon/load-configuration.ts";
import { readConfigurationFile, readConfigurationFiles } from "../../src/drivers/configuration-files.ts";
import { hostFacts } from "../../src/drivers/host-facts.ts";

test("names, users, interfaces", () => {
  const facts = hostFacts();
  assert.equal(facts.uname, hostname());
  assert.deepEqual(facts.users.get("root"), { uid: 0, gid: 0 });
  assert.equal(facts.groups.get("root"), 0);
  assert.ok(facts.interfaces.some(({ name }) => name === "lo"));
});

test("kinds of files", () => {
  const { fileKind } = hostFacts();
  assert.equal(fileKind("/bin/sh"), "executable");
  assert.equal(fileKind("/etc/passwd"), "file");
  assert.equal(fileKind("/etc"), "directory");
  assert.equal(fileKind("/dev/null"), "char-device");
  assert.equal(fileKind("/no/such/file"), "missing");
  assert.equal(fileKind("/etc/passwd/x"), "missing");
});

test("nodeinfo, and scripts of resource.d", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "ha.d-"));
  t.after(() => rmSync(directory, { recursive: true }));
  assert.equal(hostFacts(directory).nodeinfo, undefined);
  writeFileSync(join(directory, "nodeinfo"), "Fox");
  assert.equal(hostFacts(directory).nodeinfo, undefined, "an incomplete line does not count");
  writeFileSync(join(directory, "nodeinfo"), "Fox\nowl\n");
  assert.equal(hostFacts(directory).nodeinfo, "Fox");
  mkdirSync(join(directory, "resource.d"));
  writeFileSync(join(directory, "resource.d", "web"), "#!/bin/sh\n");
  const { hasResourceScript, runsBuiltIn } = hostFacts(directory);
  assert.equal(hasResourceScript("web"), false);
  chmodSync(join(directory, "resource.d", "web"), 0o755);
  assert.equal(hasResourceScript("web"), true);
  assert.equal(hasResourceScript("../resource.d/web"), false);
  assert.equal(runsBuiltIn("web"), false);
  assert.equal(runsBuiltIn("Filesystem"), true);
  writeFileSync(join(directory, "resource.d", "Filesystem"), "#!/bin/sh\n. /usr/share/heartbeat/ocf-resource\n", {
    mode: 0o755,
  });
  assert.equal(runsBuiltIn("Filesystem"), true);
});

test("files: bytes and mode, a directory as an empty file, endless ones bounded", (t) => {
  const directory = mkdtempSync(join(tmpdir(), "ha.d-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "authkeys"), "auth 1\n", { mode: 0o600 });
  mkdirSync(join(directory, "ha.cf"));
  const { authkeys, haCf, haresources } = readConfigurationFiles(directory);
  assert.ok("bytes" in authkeys && "bytes" in haCf);
  assert.equal(Buffer.from(authkeys.bytes).toString(), "auth 1\n");
  assert.equal(authkeys.mode, 0o600);
  assert.equal(haCf.bytes.length, 0);
  assert.deepEqual(haresources, { missing: "ENOENT" });
  const endless = readConfigurationFile("/dev/zero");
  assert.ok("bytes" in endless && endless.bytes.length === 1024 * 1024 + 1);
});

test("a host name that nobody knows is a finding, not a failure", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "ha.d-"));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, "ha.cf"), "ucast lo no-such-host.invalid\nucast lo localhost\n");
  const { diagnostics, draft } = await loadConfiguration(directory);
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === "HB0407").map(({ line }) => line),
    [1],
  );
  assert.equal(draft.media.length, 1);
});
