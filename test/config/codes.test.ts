/** Every code has an example that produces it, at the place of the offending text, and an explanation. */
import assert from "node:assert/strict";
import test from "node:test";
import type { ConfigurationFiles } from "../../src/config/configuration-files.ts";
import type { HostFacts } from "../../src/config/host-facts.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { readLogdCf } from "../../src/config/logd-cf.ts";
import { type Code, codes } from "../../src/syntax/codes.ts";
import type { Diagnostic } from "../../src/syntax/diagnostic.ts";
import { caseHost, filesWith, found, minimalHaCf } from "./support.ts";

/** `marks` is the text the carets stand under; `help` a part of the advice. */
interface Example {
  readonly marks?: string;
  readonly help?: string;
  readonly files?: Partial<ConfigurationFiles>;
  readonly facts?: Partial<HostFacts>;
  readonly logd?: string | null;
}

const haCf = (content: string): Partial<ConfigurationFiles> => ({ haCf: found(content) });
/** A line behind the minimal file. */
const line = (text: string, marks?: string, help?: string): Example => ({
  files: haCf(`${minimalHaCf}${text}\n`),
  ...(marks === undefined ? {} : { marks }),
  ...(help === undefined ? {} : { help }),
});
/** The minimal file with other media. */
const medium = (text: string, marks?: string, help?: string): Example => ({
  ...line("", marks, help),
  files: haCf(minimalHaCf.replace("bcast eth0", text)),
});
const replaced = (from: string, to: string, marks?: string, help?: string): Example => ({
  ...line("", marks, help),
  files: haCf(minimalHaCf.replace(from, to)),
});
const keys = (content: string, marks?: string, help?: string): Example => ({
  ...line("", marks, help),
  files: { authkeys: found(content, 0o600) },
});
const groups = (content: string, marks?: string, help?: string): Example => ({
  ...line("", marks, help),
  files: { haresources: found(content) },
});
const watchdogTime = (times: string, timeout: number, marks: string, help: string): Example => ({
  ...line("", marks, help),
  files: { ...haCf(`${minimalHaCf}${times}\nwatchdog /dev/watchdog\n`), ha4Cf: found(`watchdog-timeout ${timeout}\n`) },
});
const ha4 = (content: string, marks?: string, help?: string): Example => ({
  ...line("", marks, help),
  files: { ha4Cf: found(content) },
});

const examples: Readonly<Record<Code, Example>> = {
  HB0101: line(`#${"x".repeat(5200)}`.replace(/x{82}$/, " ".repeat(82))),
  HB0102: line(`# ${"x".repeat(5200)}`),
  HB0103: { files: haCf(`\ufeff${minimalHaCf}`), help: "without BOM" },
  HB0104: line("debug 1\0 junk"),
  HB0105: line("debug 1\rjunk"),
  HB0106: { files: { haCf: { bytes: Buffer.from(`${minimalHaCf}cluster caf\xe9\n`, "latin1"), mode: 0o644, uid: 0 } } },
  HB0107: replaced("bob", '"bob"', '"bob"', "without quotes"),
  HB0108: { files: { haCf: { bytes: new Uint8Array(1024 * 1024 + 1), mode: 0o644, uid: 0 } } },
  HB0109: line("x\n".repeat(400)),
  HB0110: { files: { haCf: { missing: "ENOENT" } }, help: "heartbeat init" },

  HB0201: line("deadtme 10", "deadtme", "did you mean deadtime?"),
  HB0202: line("watchdog /dev/watchdog /dev/watchdog1", "/dev/watchdog1"),
  HB0203: line("debug", "debug", "debug N"),
  HB0204: line("debug 1 2", "1 2"),
  HB0205: medium("udp eth0", "udp", "bcast"),
  HB0206: line("keepalive 2", "keepalive"),
  HB0210: replaced("keepalive 1", "keepalive 5s", "5s", "5000ms or 5"),
  HB0211: replaced("keepalive 1", "keepalive 0", "0"),
  HB0212: line("warntime 5000msfoo", "5000msfoo", "5000ms"),
  HB0213: line("log_badpack perhaps", "perhaps", "on, off"),
  HB0214: line("msgfmt Classic", "Classic", "write classic"),
  HB0215: line("debug 256", "256", "0 to 255"),
  HB0216: line("debug lots", "lots", "write 0"),

  HB0301: replaced("node alice bob", ""),
  HB0302: line(`node ${"n".repeat(100)}`, "n".repeat(100)),
  HB0303: line(`node ${Array.from({ length: 99 }, (_, i) => `n${i}`).join(" ")}`, "n98"),
  HB0304: line("node BOB", "BOB"),
  HB0305: replaced("alice", "alice.example.com", "alice.example.com", "short name"),
  HB0306: line("nice_failback on", "on", "auto_failback off"),
  HB0307: replaced(" bob", "", "alice"),
  HB0308: line("autojoin any", "any"),
  HB0309: { files: haCf(`${minimalHaCf}autojoin any\n`), facts: { uname: "elk" }, marks: "autojoin" },
  HB0310: replaced("deadtime 10", "deadtime 2", "2", "2000ms"),
  HB0311: line("warntime 10", "10", "5000ms"),
  HB0312: line("warntime 100ms", "100ms"),
  HB0313: line("initdead 9", "9"),
  HB0314: { files: haCf(`${minimalHaCf.replace("deadtime 10", "deadtime 5")}initdead 6\n`), marks: "6" },
  HB0315: line("deadping 2", "2"),
  HB0316: line("initdead 12", "12"),
  HB0317: replaced("auto_failback on", "auto_failback legacy", "auto_failback"),

  HB0401: medium("bcast", "bcast"),
  HB0402: medium("bcast eth9", "eth9", "did you mean eth0?"),
  HB0403: medium("bcast eth2", "eth2"),
  HB0404: medium("ucast", "ucast"),
  HB0405: medium("ucast eth9 bob", "eth9", "did you mean"),
  HB0406: medium("ucast eth0 10.77", "10.77", "10.0.0.77"),
  HB0407: medium("ucast eth0 nosuchhost", "nosuchhost", "/etc/hosts"),
  HB0408: medium("ucast eth0 bob 694", "694", "udpport"),
  HB0409: medium("mcast eth0 10.0.0.1 694 1 0", "10.0.0.1", "225.0.0.1"),
  HB0410: medium("mcast eth0 225.0.0.1 0 1 0", "0"),
  HB0411: medium("mcast eth0 225.0.0.1 694 5 0", "5"),
  HB0412: medium("mcast eth0 225.0.0.1 694 0 0", "0"),
  HB0413: medium("mcast eth0 225.0.0.1 694 1 2", "2"),
  HB0414: medium("mcast eth0 225.0.0.1 70000 1 0", "70000"),
  HB0415: medium("ucast6 eth0 fe80::2%eth1", "fe80::2%eth1"),
  HB0416: medium("serial ttyS0", "ttyS0", "/dev/ttyS0"),
  HB0417: medium("serial /dev/null", "/dev/null"),
  HB0418: line("ping_group g 10.0.0.1,10.0.0.2 gw", "10.0.0.1,10.0.0.2", "blanks"),
  HB0419: line("ping_group g nosuchhost", "g"),
  HB0420: line("udpport 65536", "65536"),
  HB0421: line("udpport 70000", "70000", "4464"),
  HB0422: line("udpport 53", "53"),
  HB0423: line("udpport 1694", "1694", "move"),
  HB0424: line("baud 300", "300", "19200"),
  HB0425: { ...line("serial /dev/ttyS0\nbaud 9600", "9600"), facts: { fileKind: () => "tty" } },
  HB0426: line("bcast eth0\n".repeat(64), "eth0"),
  HB0427: line("bcast eth0", "eth0"),
  HB0428: medium("ping gw", "ping"),
  HB0429: line("ping bob", "bob"),

  HB0502: line("logfacility kern", "kern"),
  HB0503: line("debugfile ha-debug", "ha-debug"),
  HB0504: line("debugfile /no/such/file", "/no/such/file", "mkdir"),
  HB0505: replaced("logfile /var/log/ha-log", "use_logd off", "off"),
  HB0506: replaced("logfile /var/log/ha-log", ""),
  HB0507: line("use_logd on", "on"),

  HB0602: line("coreroot /no/such", "/no/such"),
  HB0603: line("watchdog /dev/null", "/dev/null"),
  HB0604: line("use_apphbd on", "on"),
  HB0605: line("env =x", "=x"),
  HB0606: line("env FOO", "FOO", "FOO=value"),
  HB0607: line("respawn hacluter /bin/sleep 1", "hacluter", "did you mean hacluster?"),
  HB0608: line("respawn root sleep 1", "sleep"),
  HB0609: line("respawn root /etc/hosts", "/etc/hosts", "chmod +x"),
  HB0610: line("respawn root /dev", "/dev"),
  HB0611: line("respawn root /bin/sleep 1\nrespawn root /bin/sleep 1", "/bin/sleep"),
  HB0612: line("stonith_host * null a b\nstonith_host alice null a", "stonith_host"),
  HB0613: line("stonith", "stonith"),
  HB0614: line("stonith_host * nul a", "nul", "did you mean null?"),
  HB0615: line("stonith_host * null", "stonith_host"),
  HB0616: line("stonith_host bob nosuch a", "nosuch"),
  HB0617: line("apiauth foo root", "root", "uid=USER"),
  HB0618: line(`apiauth ${"c".repeat(32)} uid=root`, "c".repeat(32)),
  HB0619: line("apiauth foo uid=root uid=hacluster", "uid=hacluster"),
  HB0620: line("apiauth foo uid=", "uid="),
  HB0621: line("apiauth ipfail gid=hacluster uid=hacluster", "hacluster", "hacluster is a user, not a group"),
  HB0622: line("apiauth foo uid=root,12345", "12345"),
  HB0623: line("crm respawn", "respawn"),
  HB0624: line("crm no\npacemaker no", "no"),
  HB0625: line("crm_daemon_dir /x", "/x"),
  HB0626: line("crm off\ncrm_daemon_dir /x", "/x"),
  HB0627: line("crm off\ncrmd_spawns_pengine on", "on"),
  HB0628: line("respawn hacluster /usr/libexec/heartbeat/ipfail", "respawn", "ping"),
  HB0629: line("ping gw\nrespawn root /usr/libexec/heartbeat/ipfail", "respawn", "apiauth ipfail uid=root"),
  HB0640: line("respawn root /bin/sleep 1 >/dev/null", "/bin/sleep", "a script"),
  HB0641: line("respawn root /usr/lib64/heartbeat/ipfail", "/usr/lib64/heartbeat/ipfail", "3.0.6"),
  HB0642: { ...line("watchdog /dev/watchdog", "/dev/watchdog", "sysctl kernel.panic=1"), facts: { kernelPanic: 0 } },

  HB0701: { files: { authkeys: { missing: "EACCES" } }, help: "root" },
  HB0702: { files: { authkeys: found("auth 1\n1 sha1 x\n", 0o640) }, help: "chmod 600" },
  HB0703: { files: { authkeys: found("auth 1\n1 sha1 x\n", 0o622) }, help: "chmod 600" },
  HB0704: { files: { authkeys: { bytes: Buffer.from("auth 1\n1 sha1 x\n"), mode: 0o600, uid: 7 } }, help: "chown" },
  HB0705: keys(`auth 1\n1 sha1 ${"k".repeat(6000)}\n`),
  HB0706: keys("auth one\n1 sha1 secret\n", "auth one"),
  HB0707: keys("auth 1 2\n1 sha1 secret\n", "auth 1 2"),
  HB0708: keys("auth 1\nauth 1\n1 sha1 secret\n", "auth 1"),
  HB0709: keys("auth 1\n1 sha1 secret\n2\n", "2"),
  HB0710: keys("auth 16\n16 sha1 secret\n", "16 sha1 secret"),
  HB0711: keys("auth 1\n1 SHA1 secret\n", "1 SHA1 secret", "write sha1"),
  HB0712: keys("auth 1\n1 crc # none\n", "1 crc # none", "line of its own"),
  HB0713: keys("auth 1\n1 sha1\n", "1 sha1", "heartbeat keygen"),
  HB0714: keys("auth 1\n1 sha1 secret\n1 md5 other\n", "1 md5 other"),
  HB0715: keys("auth 1\n1 sha1 sec#ret\n", "1 sha1 sec#ret"),
  HB0716: keys("auth 1\n1 sha1 my secret\n", "1 sha1 my secret"),
  HB0717: keys("auth 1\n1 sha1 HI!\n", "1 sha1 HI!"),
  HB0718: keys("auth 1\n1 crc\n", "auth 1"),
  HB0719: keys("auth 1\n1 sha1 secret\nauth 5\n", "auth 5"),
  HB0720: keys("3 sha1 secret\n", undefined, "auth 3"),
  HB0721: keys("1 sha1 secret\nauth 1\n", "auth 1", "in front"),

  HB0801: groups("alcie 10.77.0.100\n", "alcie", "did you mean alice?"),
  HB0802: { files: { haresources: { missing: "ENOENT" } } },
  HB0803: { files: { ...haCf(`${minimalHaCf}ping gw\n`), haresources: found("gw httpd\n") }, marks: "gw" },
  HB0804: groups("alice\n", "alice"),
  HB0805: groups("alice httpd \\ \nbob mysql\n", "\\"),
  HB0806: groups("alice 10.77.0.100\nbob 10.77.0.100\n", "10.77.0.100"),
  HB0807: groups("alice 10.0.0.1http,mysql\n", "10.0.0.1http,mysql", "write 10.0.0.1 http mysql"),
  HB0808: groups("alice nosuchscript::a\n", "nosuchscript"),
  HB0809: groups("alice httpd # web \\\nmysql x\n", "mysql", "line of its own"),

  HB0810: groups("alice web+\n", "web+", "rename it"),
  HB0901: { logd: "useapphbd no\n", marks: "useapphbd" },
  HB0902: { logd: "logmode rw\n", marks: "rw", help: "0640" },
  HB0903: { logd: "logmode 640\n", marks: "640", help: "0640" },
  HB0904: { logd: null },

  HB1101: ha4("defaults\nstart-timout 5\n", "start-timout", "did you mean start-timeout?"),
  HB1102: ha4("start-timeout 5\n", "start-timeout"),
  HB1103: ha4("defaults\nstart-timeout 5 6\n", "6"),
  HB1104: ha4("group 10.77.0.10\nstart-timeout 5\n", "10.77.0.10", "did you mean 10.77.0.100?"),
  HB1106: line("stonith_host * null alice", "stonith_host", "chmod 600"),
  HB1105: ha4("fence-device a\nagent ipmilan\n", "ipmilan"),
  HB1107: watchdogTime("keepalive 2", 2, "/dev/watchdog", "more than 4000 ms"),
  HB1108: watchdogTime("keepalive 2", 60, "/dev/watchdog", "less than 10000 ms"),
};

function findings({ files, facts, logd }: Example): readonly Diagnostic[] {
  if (logd !== undefined)
    return readLogdCf(logd === null ? { missing: "ENOENT" } : found(logd), "/etc/logd.cf").diagnostics;
  return readConfiguration({ ...filesWith({}), ...files }, { ...caseHost, ...facts }).diagnostics;
}

function textAt(example: Example, { file, line: number, column, endColumn }: Diagnostic): string {
  const files: Partial<ConfigurationFiles> = { ...filesWith({}), ...example.files };
  const content = file.endsWith("/ha.cf")
    ? files.haCf
    : file.endsWith("/authkeys")
      ? files.authkeys
      : file.endsWith("/haresources")
        ? files.haresources
        : files.ha4Cf;
  const text = example.logd ?? (content && "bytes" in content ? Buffer.from(content.bytes).toString() : "");
  return [...(text.split("\n")[number - 1] ?? "")].slice(column - 1, endColumn - 1).join("");
}

for (const [code, example] of Object.entries(examples))
  test(`${code} is found where it is`, () => {
    const all = findings(example);
    const ours = all.filter((each) => each.code === code);
    assert.ok(ours.length > 0, `found only ${all.map((each) => `${each.code} ${each.message}`).join("\n")}`);
    const { marks, help } = example;
    if (marks !== undefined)
      assert.ok(
        ours.some((each) => textAt(example, each) === marks),
        ours.map((each) => JSON.stringify([textAt(example, each), each])).join("\n"),
      );
    if (help !== undefined)
      assert.ok(
        ours.some((each) => each.help?.includes(help)),
        ours.map((each) => each.help ?? "no help").join("\n"),
      );
  });

test("the severity of a finding is that of its code", () => {
  for (const example of Object.values(examples))
    for (const each of findings(example))
      if (each.code !== "HB0109") assert.equal(each.severity, codes[each.code].severity);
});

test("every explanation is a sentence", () => {
  for (const [code, { says, explains }] of Object.entries(codes)) {
    assert.match(explains, /^[A-Za-z0-9]?.*[.]$/s, code);
    assert.doesNotMatch(says, /[.]$/, code);
  }
});

test("the minimal configuration has no findings", () => {
  const { diagnostics, config } = readConfiguration(
    filesWith({ authkeys: "auth 1\n1 sha1 0123456789abcdef\n" }),
    caseHost,
  );
  assert.deepEqual(diagnostics, []);
  assert.deepEqual(config?.nodes, ["alice", "bob"]);
});
