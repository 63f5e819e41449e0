/** What comes out of the files: the configuration that the core gets, and the verdicts of other readers. */
import assert from "node:assert/strict";
import test from "node:test";
import { optionsFor } from "../../src/config/ha4-cf.ts";
import { as306, readConfiguration, strict } from "../../src/config/index.ts";
import { readLogdCf } from "../../src/config/logd-cf.ts";
import { caseHost, filesWith, found, minimalHaCf } from "./support.ts";

test("the whole of a configuration", () => {
  const { config, exitCode } = readConfiguration(
    filesWith({
      haCf:
        "udpport 1694\nkeepalive 100ms\ndeadtime 500ms\nnode Alice BOB\nucast eth0 bob\nbcast eth1\nmcast eth0 225.0.0.1 694 1 0\n" +
        "auto_failback off\nlogfacility local0\nmsgfmt netstring\nrtprio 5\nenv A=b\napiauth ipfail uid=root\nuuidfrom nodename\nhbgenmethod time\n",
      authkeys: "auth 2\n1 crc\n2 sha1 gr\xfcn-secret-key\n",
      haresources: "alice 10.77.0.100 httpd\n",
      ha4Cf: "resource httpd\nstop-timeout 5\n",
    }),
    caseHost,
    3,
  );
  assert.equal(exitCode, 0);
  assert.ok(config);
  const { parameters, keys, groups, apiAuth, fencing, ...rest } = config;
  assert.deepEqual(rest, {
    localNode: "alice",
    nodes: ["alice", "bob"],
    nodeTable: ["alice", "bob"],
    autojoin: "none",
    managesResources: true,
    media: [
      { kind: "ucast", name: "eth0", device: "eth0", address: "10.77.0.2", port: 1694 },
      { kind: "bcast", name: "eth1", device: "eth1", port: 1694 },
      { kind: "mcast", name: "eth0", device: "eth0", group: "225.0.0.1", port: 694, ttl: 1, loop: false },
    ],
    keepalive: 100,
    deadtime: 500,
    warntime: 250,
    initdead: 12_000,
    deadping: 500,
    hopfudge: 1,
    autoFailback: "off",
    builtIns: [],
    children: [],
    messageFormat: "netstring",
    compression: { method: "zlib", threshold: 2048, whole: false },
    maxRetransmitDelay: 250,
    generationMethod: "time",
    uuidFrom: "nodename",
    realtime: true,
    rtprio: 5,
    logging: { facility: "local0", useLogd: false, syslogMessageFormat: true, badPackets: true, debug: 3 },
    environment: new Map([["A", "b"]]),
    extension: {
      defaults: {},
      kinds: new Map(),
      groups: new Map(),
      resources: new Map([["httpd", { stopTimeout: 5000 }]]),
    },
    lines: new Map([
      ["keepalive", 2],
      ["deadtime", 3],
      ["auto_failback", 8],
      ["node", 4],
      ["group 10.77.0.100", 1],
    ]),
  });
  // One character is one byte of the file: the digest covers bytes.
  assert.deepEqual(keys, {
    active: 2,
    entries: new Map([
      [1, { method: "crc", text: "" }],
      [2, { method: "sha1", text: "gr\xc3\xbcn-secret-key" }],
    ]),
  });
  assert.deepEqual(
    groups.map(({ key, owner }) => [key, owner]),
    [["10.77.0.100", "alice"]],
  );
  assert.deepEqual(fencing, { devices: [], armed: [] });
  assert.deepEqual(apiAuth.get("ipfail"), { uids: [0], gids: [] });
  assert.deepEqual(apiAuth.get("anon"), { uids: [0], gids: [111] });
  assert.equal(apiAuth.get("default"), undefined);
  assert.equal(parameters.get("keepalive"), "100ms");
  assert.equal(parameters.get("debug"), "3");
  assert.equal(parameters.get("initdead"), "12000ms");
});

test("where what all nodes must agree on is written, for people", () => {
  const files = filesWith({ haresources: "# groups\n\nalice 10.77.0.100 \\\n  web\nbob db\n" });
  const { config } = readConfiguration(files, caseHost);
  assert.deepEqual(
    [...(config?.lines ?? [])],
    [
      ["keepalive", 3],
      ["deadtime", 4],
      ["auto_failback", 6],
      ["node", 7],
      ["group 10.77.0.100", 3],
      ["group db", 5],
    ],
  );
});

test("nodeinfo is the name where it exists", () => {
  const { config } = readConfiguration(filesWith({}), { ...caseHost, uname: "machine-7", nodeinfo: "ALICE" });
  assert.equal(config?.localNode, "alice");
});

test("all faults of all files in one run", () => {
  const { diagnostics, exitCode } = readConfiguration(
    filesWith({
      haCf: minimalHaCf.replace("keepalive 1", "keepalive 1x\nfoo"),
      authkeys: "auth 1\n",
      haresources: "zed a\n",
    }),
    caseHost,
  );
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code),
    ["HB0210", "HB0201", "HB0721", "HB0801"],
  );
  assert.equal(exitCode, 6);
});

test("what a bad line leaves out is not called missing", () => {
  for (const haCf of ["nodes alice bob\n", "node alice bob\nbcst eth0\n", "node alice bob\nbcast eth9\n"]) {
    const { diagnostics } = readConfiguration(
      filesWith({ haCf: `${haCf}${minimalHaCf.replace(/bcast.*\n|node.*\n/g, "")}` }),
      caseHost,
    );
    const codes = diagnostics
      .filter(({ severity, file }) => severity === "error" && file.endsWith("ha.cf"))
      .map(({ code }) => code);
    assert.equal(codes.filter((code) => code === "HB0201" || code === "HB0402").length, 1);
  }
});

test("a file that may not be read is exit code 4, unless ha.cf is bad before", () => {
  const forbidden = { missing: "EACCES" };
  assert.equal(readConfiguration({ ...filesWith({}), authkeys: forbidden }, caseHost).exitCode, 4);
  assert.equal(readConfiguration({ ...filesWith({ haCf: "x\n" }), authkeys: forbidden }, caseHost).exitCode, 6);
});

test("--strict and --as-3.0.6 judge the same findings otherwise", () => {
  const warned = readConfiguration(filesWith({ haCf: `${minimalHaCf}debug lots\n` }), caseHost).diagnostics;
  assert.ok(warned.every(({ severity }) => severity === "warning"));
  assert.ok(strict(warned).every(({ severity }) => severity === "error"));
  const milder = readConfiguration(filesWith({ haCf: `${minimalHaCf}crm_daemon_dir /x\n` }), caseHost);
  assert.equal(milder.exitCode, 0);
  assert.ok(as306(milder.diagnostics).some(({ severity }) => severity === "error"));
  const stricter = readConfiguration(filesWith({ haCf: `${minimalHaCf}env FOO\n` }), caseHost);
  assert.equal(stricter.exitCode, 6);
  assert.ok(as306(stricter.diagnostics).every(({ severity }) => severity !== "error"));
});

test("a program that another package put elsewhere is found", () => {
  const { diagnostics } = readConfiguration(
    filesWith({ haCf: `${minimalHaCf}respawn hacluster /usr/lib/heartbeat/dopd\n` }),
    { ...caseHost, fileKind: (path) => (path === "/usr/libexec/heartbeat/dopd" ? "executable" : "missing") },
  );
  assert.match(diagnostics.find(({ code }) => code === "HB0609")?.help ?? "", /\/usr\/libexec\/heartbeat\/dopd/);
});

test("empty names in lists of apiauth are unknown ones, but a comma may end a list", () => {
  const codesOf = (list: string) =>
    readConfiguration(
      filesWith({ haCf: `${minimalHaCf}apiauth a uid=${list}\n`, authkeys: "auth 1\n1 sha1 0123456789\n" }),
      caseHost,
    ).diagnostics.map(({ code }) => code);
  assert.deepEqual(codesOf("root,"), []);
  assert.deepEqual(codesOf(",root"), ["HB0621"]);
  assert.deepEqual(codesOf("root,,hacluster"), ["HB0621"]);
});

test("options of a resource win over its group's, those over the defaults", () => {
  const { config } = readConfiguration(
    filesWith({
      ha4Cf:
        "defaults\n start-timeout 1\n stop-timeout 1 # all\n status-timeout 1\ngroup 10.77.0.100\n start-timeout 2\n stop-timeout 2\nresource httpd\n start-timeout 3000ms\n",
      haresources: "alice 10.77.0.100 httpd::x\n",
    }),
    caseHost,
  );
  assert.ok(config?.extension);
  assert.deepEqual(
    optionsFor(config.extension, "10.77.0.100", { kind: "script", text: "httpd::x", script: "httpd", args: ["x"] }),
    {
      startTimeout: 3000,
      stopTimeout: 2000,
      statusTimeout: 1000,
    },
  );
});

test("what is to become of a machine that cannot stop something is one of two words", () => {
  const read = (ha4Cf: string) =>
    readConfiguration(filesWith({ ha4Cf, haresources: "alice 10.77.0.100 httpd::x\n" }), caseHost);
  assert.equal(read("defaults\n stop-failure hold\n").config?.extension?.defaults.stopFailure, "hold");
  const { diagnostics } = read("defaults\n stop-failure halt\n");
  assert.deepEqual(
    diagnostics.filter(({ code }) => code.startsWith("HB11")).map(({ code, help }) => [code, help]),
    [["HB1103", "write: stop-failure reboot"]],
  );
});

test("logd.cf", () => {
  const { config } = readLogdCf(
    found("LogFile /var/log/ha-log /x\nlogmode 0640\nlogfacility local3\nentity lo\n"),
    "/etc/logd.cf",
  );
  assert.deepEqual(config, {
    debugfile: undefined,
    logfile: "/var/log/ha-log",
    facility: "local3",
    entity: "lo",
    syslogPrefix: undefined,
    mode: 0o640,
    syslogMessageFormat: true,
  });
});

/** The codes of all findings. */
const codesOf = (files: Parameters<typeof filesWith>[0], facts = caseHost): string[] =>
  readConfiguration(filesWith(files), facts).diagnostics.map(({ code }) => code);

test("what a faulty line was meant to define is not called missing as well", () => {
  for (const authkeys of ["auth 1\n1 sha9 secret-key\n", "auth 1\n1 sha1\n", "auth 1\n1 crc key\n", "auth 1\n1\n"])
    assert.equal(codesOf({ authkeys }).includes("HB0721"), false, authkeys);
  assert.ok(codesOf({ authkeys: "auth 1\n2 sha9 secret-key\n" }).includes("HB0721"));
  const pingAnd = (line: string) => codesOf({ haCf: `node alice bob\nping gw\n${line}\n` });
  assert.ok(pingAnd("auto_failback on").includes("HB0428"));
  assert.equal(pingAnd("bcast nosuchif0").includes("HB0428"), false);
});

test("a directory in place of authkeys is called one", () => {
  const facts = {
    ...caseHost,
    fileKind: (path: string) => (path.endsWith("/authkeys") ? "directory" : "file"),
  } as const;
  const { diagnostics, exitCode } = readConfiguration(filesWith({ authkeys: "" }), facts);
  const about = diagnostics.filter(({ file }) => file.endsWith("/authkeys"));
  assert.deepEqual(
    [exitCode, ...about.map(({ message }) => message)],
    [6, "keyfile [/etc/ha.d/authkeys] is a directory"],
  );
});

test("with a root, log files are sought below it", () => {
  const haCf = `${minimalHaCf}logfile /var/log/ha-log\n`;
  const below = {
    ...caseHost,
    root: "/r",
    fileKind: (path: string) => (path === "/r/var/log" ? "directory" : "missing"),
  };
  assert.equal(codesOf({ haCf }, below as typeof caseHost).includes("HB0504"), false);
  const { diagnostics } = readConfiguration(filesWith({ haCf }), {
    ...caseHost,
    root: "/r",
    fileKind: () => "missing",
  });
  assert.equal(diagnostics.find(({ code }) => code === "HB0504")?.help, "mkdir -p /r/var/log");
});

test("words of old haresources: where the script comes from, or what was meant", () => {
  const facts = { ...caseHost, hasResourceScript: () => false, runsBuiltIn: () => true };
  const help = (word: string) =>
    readConfiguration(filesWith({ haresources: `alice ${word}\n` }), facts).diagnostics.find(({ code }) =>
      code.startsWith("HB080"),
    )?.help ?? "";
  assert.equal(help("IPaddr2::10.0.0.100/24/eth0"), ""); // built in
  assert.equal(help("Filesystem::/dev/sda1::/data::ext4"), "");
  assert.match(help("LVM::data"), /package resource-agents/);
  assert.match(help("drbddisk::r0"), /package drbd-utils/);
  assert.match(help("IPaddr:10.0.0.100"), /write IPaddr::10\.0\.0\.100/);
});

test("an address that is none: a warning, and an error if warnings count", () => {
  const { diagnostics } = readConfiguration(filesWith({ haresources: "alice 10.0.0.300\n" }), caseHost);
  const severity = (of: typeof diagnostics) => of.find(({ code }) => code === "HB0807")?.severity;
  assert.deepEqual([severity(diagnostics), severity(strict(diagnostics))], ["warning", "error"]);
});

test("with -M haresources is not read, nodes may join, and this one need not be declared", () => {
  const haCf = minimalHaCf.replace("node alice bob", "autojoin any");
  const files = filesWith({ haCf, haresources: "nobody 10.77.0.300\n" });
  const { config, diagnostics, exitCode } = readConfiguration(files, caseHost, 0, false);
  assert.equal(exitCode, 0, JSON.stringify(diagnostics));
  assert.deepEqual(
    diagnostics.filter(({ code }) => code.startsWith("HB03")).map(({ code, message }) => `${code} ${message}`),
    ["HB0309 Current node [alice] added to configuration."],
  );
  assert.deepEqual(
    [config?.nodes, config?.groups, config?.managesResources, config?.autojoin],
    [["alice"], [], false, "any"],
  );
  const other = readConfiguration(filesWith({ haCf: haCf.replace("any", "other") }), caseHost, 0, false);
  assert.deepEqual(
    other.diagnostics.filter(({ severity }) => severity === "error").map(({ code }) => code),
    ["HB0301", "HB0305"],
  );
});
