/** The programs about configuration: what they print, write and return. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { check } from "../../src/cli/check.ts";
import { configDump, defaultsTable, defaultsWiki } from "../../src/cli/config-dump.ts";
import { explain } from "../../src/cli/explain.ts";
import { init } from "../../src/cli/init.ts";
import { keygen } from "../../src/cli/keygen.ts";
import type { Program } from "../../src/cli/program.ts";
import { writeNewFiles } from "../../src/cli/write-new-files.ts";
import { directives } from "../../src/config/directives/index.ts";
import { runProgram } from "../support/run-program.ts";

const local = hostname().toLowerCase();

const run = (program: Program, ...argv: string[]) => runProgram(program, argv, program.name);

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "ha.d-"));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

const create = (path: string, ...more: string[]) =>
  run(init, "--ha-dir", path, "--node", local, "--node", "other", "--medium", "bcast lo", ...more);

test("init writes three files that check is content with", async (t) => {
  const path = directory(t);
  const { code, out, err } = await create(path, "--group", `${local} 10.0.0.10/24`);
  assert.deepEqual([code, err], [0, ""]);
  assert.ok(out.includes(`root@other:${path}/`));
  assert.equal(statSync(join(path, "authkeys")).mode & 0o777, 0o600);
  assert.match(readFileSync(join(path, "authkeys"), "utf8"), /^auth 1\n1 sha1 [0-9a-f]{40}\n$/);
  const checked = await run(check, "--ha-dir", path);
  assert.equal(checked.code, 0, checked.out);
  assert.equal(checked.out, `Configuration validated: 2 nodes, bcast lo; no findings.\n`);
});

test("init and keygen never overwrite, and leave nothing half done", async (t) => {
  const path = directory(t);
  writeFileSync(join(path, "haresources"), "mine\n");
  const refused = await create(path);
  assert.equal(refused.code, 1);
  assert.match(refused.err, /haresources exists already/);
  assert.deepEqual(readdirSync(path), ["haresources"]);
  assert.equal((await run(keygen, "--ha-dir", path)).code, 0);
  const before = readFileSync(join(path, "authkeys"), "utf8");
  assert.equal((await run(keygen, "--ha-dir", path)).code, 1);
  assert.equal(readFileSync(join(path, "authkeys"), "utf8"), before);
});

test("two keys are never the same", async (t) => {
  const [a, b] = [directory(t), directory(t)];
  await run(keygen, "--ha-dir", a);
  await run(keygen, "--ha-dir", b, "--method", "md5");
  const keys = [a, b].map((path) => readFileSync(join(path, "authkeys"), "utf8"));
  assert.notEqual(keys[0]?.split(" ").at(-1), keys[1]?.split(" ").at(-1));
  assert.match(keys[1] ?? "", /^auth 1\n1 md5 [0-9a-f]{32}\n$/);
});

test("init writes nothing that would not work", async (t) => {
  const path = directory(t);
  const { code, err } = await create(path, "--medium", "bcast nosuchif0", "--group", "nosuchnode httpd");
  assert.equal(code, 6);
  assert.match(err, /HB0402/);
  assert.match(err, /HB0801/);
  assert.deepEqual(readdirSync(path), []);
});

test("new files are all written or none", (t) => {
  const path = directory(t);
  writeFileSync(join(path, "file"), "");
  const bad = join(path, "file", "b");
  assert.equal(
    writeNewFiles([
      { path: join(path, "a"), text: "a", mode: 0o600 },
      { path: bad, text: "b", mode: 0o600 },
    ]).ok,
    false,
  );
  assert.equal(existsSync(join(path, "a")), false);
});

test("check: the exit codes, and JSON in its promised shape", async (t) => {
  const path = directory(t);
  await create(path);
  writeFileSync(
    join(path, "ha.cf"),
    `logfacility local0\nbcast lo\nauto_failback on\nkeepalive 5s\nnode ${local} b\u00f6b\n`,
  );
  const { code, out } = await run(check, "--ha-dir", path, "--json");
  assert.equal(code, 6);
  const json = JSON.parse(out);
  assert.deepEqual(Object.keys(json), ["ok", "exitCode", "diagnostics", "effective"]);
  assert.equal(json.ok, false);
  assert.equal(json.exitCode, 6);
  assert.deepEqual(
    json.diagnostics.filter(({ code: each }: { code: string }) => each === "HB0210"),
    [
      {
        code: "HB0210",
        severity: "error",
        file: join(path, "ha.cf"),
        line: 4,
        column: 11,
        endColumn: 13,
        message: "[5s] is not a time",
        help: "write 5000ms or 5: a time is a number of seconds, or has the unit ms or us",
      },
    ],
  );
  assert.deepEqual(Object.keys(json.effective), ["nodes", "media", "params"]);
  assert.deepEqual(json.effective.nodes, [local, "b\u00f6b"]);
});

test("check: --strict, --as-3.0.6 and --logd-cf", async (t) => {
  const path = directory(t);
  await create(path);
  writeFileSync(
    join(path, "ha.cf"),
    `logfacility local0\nbcast lo\nauto_failback on\nnode ${local} other\ndebug lots\n`,
  );
  assert.equal((await run(check, "--ha-dir", path)).code, 0);
  assert.equal((await run(check, "--ha-dir", path, "--strict")).code, 6);
  writeFileSync(
    join(path, "ha.cf"),
    `logfacility local0\nbcast lo\nauto_failback on\nnode ${local} other\ncrm no\npacemaker no\n`,
  );
  assert.equal((await run(check, "--ha-dir", path)).code, 0);
  assert.equal((await run(check, "--ha-dir", path, "--as-3.0.6")).code, 6);
  writeFileSync(join(path, "logd.cf"), "logmode rw\n");
  const logd = await run(check, "--ha-dir", path, "--logd-cf", join(path, "logd.cf"));
  assert.equal(logd.code, 6);
  assert.match(logd.out, /logd\.cf:1:9: error: Invalid log mode \[rw\]/);
});

test("check: missing files, and a directory in place of one", async (t) => {
  const path = directory(t);
  const { code, out } = await run(check, "--ha-dir", join(path, "none"));
  assert.equal(code, 6);
  assert.match(out, /Cannot open config file/);
  assert.match(out, /Cannot open keyfile/);
  assert.match(out, /Cannot open resources file/);
});

test("no program shows a key", async (t) => {
  const path = directory(t);
  await create(path);
  const key = readFileSync(join(path, "authkeys"), "utf8").trim().split(" ").at(-1) ?? "none";
  for (const program of [check, configDump])
    for (const more of [[], ["--json"]]) {
      const { out, err } = await run(program, "--ha-dir", path, ...more);
      assert.ok(!`${out}${err}`.includes(key));
    }
});

test("config prints each value with its origin", async (t) => {
  const path = directory(t);
  await create(path);
  const { code, out } = await run(configDump, "--ha-dir", path);
  assert.equal(code, 0);
  assert.match(out, /^keepalive 1 +# ha\.cf:3$/m);
  assert.match(out, /^msgfmt classic +# default$/m);
  assert.match(out, /^deadping 10000ms +# from deadtime$/m);
  const json = JSON.parse((await run(configDump, "--ha-dir", path, "--json")).out);
  assert.deepEqual(json.origins.keepalive, { from: "file", line: 3 });
});

test("explain knows every directive and suggests near ones", async () => {
  for (const { name } of directives) assert.ok((await run(explain, name)).out.startsWith(`${name} `), name);
  assert.match((await run(explain, "HB0405")).out, /3\.0\.6 accepts it/);
  assert.match((await run(explain, "ha4.cf")).out, /start-timeout/);
  assert.match((await run(explain, "logd.cf")).out, /logmode/);
  const unknown = await run(explain, "keepalve");
  assert.equal(unknown.code, 2);
  assert.match(unknown.err, /did you mean keepalive\?/);
});

test("a wrong option is a usage error", async () => {
  for (const program of [check, configDump, init, keygen]) {
    const { code, err } = await run(program, "--no-such-option");
    assert.equal(code, 2);
    assert.equal(
      err,
      `heartbeat ${program.name}: unknown option --no-such-option; see heartbeat ${program.name} --help\n`,
    );
  }
});

test("every program explains itself and all its options, on standard output", async () => {
  const status: Program = {
    name: "status",
    summary: "",
    usage: "",
    run: (await import("../../src/cli/status.ts")).run,
  };
  for (const program of [check, configDump, explain, init, keygen, status])
    for (const letter of ["-h", "--help"]) {
      const { code, out, err } = await run(program, letter);
      assert.deepEqual([code, err], [0, ""]);
      const usage = out.split("\n", 1)[0] ?? "";
      assert.ok(usage.startsWith(`Usage: heartbeat ${program.name} `), out);
      for (const [option] of usage.matchAll(/--[a-z0-9.-]+/g))
        assert.match(out, new RegExp(`^ +${option}\\b.* \\w`, "m"));
    }
});

test("slips in options are said in one line", async () => {
  const says = async (program: Program, ...argv: string[]) => (await run(program, ...argv)).err;
  assert.match(await says(check, "--ha-dir"), /^heartbeat check: option --ha-dir needs a value: DIR;/);
  assert.match(await says(check, "--json=1"), /option --json takes no value/);
  assert.match(await says(check, "/etc/ha.d/ha.cf"), /write --ha-dir DIR/);
  assert.match(
    await says(check, "--ha-dir", "package.json"),
    /^heartbeat check: --ha-dir package\.json is no directory/,
  );
  assert.match(await says(keygen, "--method", "sha9"), /there is no method "sha9"/);
});

test("init makes its directory, and keeps an authkeys that is good", async (t) => {
  const path = join(directory(t), "etc", "ha.d");
  assert.equal((await run(keygen, "--ha-dir", path)).code, 0);
  const key = readFileSync(join(path, "authkeys"), "utf8");
  const { code, out, err } = await create(path);
  assert.deepEqual([code, err], [0, ""]);
  assert.match(out, /authkeys was there and is kept/);
  assert.equal(readFileSync(join(path, "authkeys"), "utf8"), key);
  const again = await create(path);
  assert.match(again.err, /ha\.cf and .*haresources exist already and are not overwritten: move them away/);
});

test("init beside a bad authkeys writes nothing", async (t) => {
  const path = directory(t);
  writeFileSync(join(path, "authkeys"), "auth 1\n", { mode: 0o600 });
  assert.equal((await create(path)).code, 6);
  assert.deepEqual(readdirSync(path), ["authkeys"]);
});

test("init says what was meant", async (t) => {
  const path = directory(t);
  const several = await run(init, "--ha-dir", path, "--node", "alice bob", "--medium", "bcast lo");
  assert.equal(several.code, 2);
  assert.match(several.err, /"alice bob" is no name of a node: --node alice --node bob/);
  const bare = await run(init, "--ha-dir", path, "--node", local, "--medium", "lo");
  assert.match(bare.err, /did you mean "bcast lo"\?/);
  const alone = await run(init, "--ha-dir", path, "--node", local, "--medium", "bcast lo");
  assert.equal(alone.code, 0);
  assert.doesNotMatch(alone.out, /Copy them/);
});

test("config without files prints nothing that could be taken for a configuration", async (t) => {
  const { code, out, err } = await run(configDump, "--ha-dir", directory(t));
  assert.deepEqual([code, out], [6, ""]);
  assert.match(err, /^heartbeat config: there is no configuration to print in /m);
});

test("explain takes several names, and files", async () => {
  const { code, out } = await run(explain, "keepalive", "deadtime");
  assert.equal(code, 0);
  assert.match(out, /^keepalive [\s\S]*^deadtime /m);
  for (const name of ["ha.cf", "authkeys", "haresources"])
    assert.ok((await run(explain, name)).out.startsWith(`${name}: `), name);
  const mixed = await run(explain, "keepalive", "nonsense");
  assert.equal(mixed.code, 2);
  assert.match(mixed.out, /^keepalive /);
  assert.equal(mixed.err, 'heartbeat explain: nothing is called "nonsense". The list of names: heartbeat explain\n');
});

test("-D and -DW have the original's names, defaults, order and columns", () => {
  const rows = readFileSync("test/vectors/client-api/transcripts/cli-stopped.txt", "latin1").split("\n");
  const columns = (line: string): string => line.slice(0, 35);
  const original = rows.slice(rows.findIndex((line) => line.startsWith("Directive ")));
  assert.deepEqual(
    defaultsTable().trimEnd().split("\n").map(columns),
    original
      .slice(
        0,
        original.findIndex((line) => line.startsWith("[rc")),
      )
      .map(columns),
  );
  const cells = (line: string): string => line.split("||").slice(0, 3).join("||");
  assert.deepEqual(
    defaultsWiki()
      .split("\n")
      .filter((line) => line.startsWith("||["))
      .map(cells),
    rows.filter((line) => line.startsWith("||[")).map(cells),
  );
});
