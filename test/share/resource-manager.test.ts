/** ResourceManager and its relatives: arguments, output and exit codes of the original (resources.md, sections 2 to 4). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { ShareTree } from "./tree.ts";

const manager = "usr/share/heartbeat/ResourceManager";
/** The tested example of resources.md, section 2.1. */
const sample = [
  "# comment \\",
  "ALPHA  10.0.0.1/24/eth0   svcA::x::y # trailing",
  "beta\tsvcB \\",
  "\tsvcC \\",
  "  svcD",
  "beta svcE svc\\",
  "F",
  "alpha svcG \\ # not continued",
  "beta svcB::1 svcH",
  "",
].join("\n");

test("the lists read haresources as the original does", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/haresources", sample);
  const says = (...args: string[]) => tree.run(manager, args, { HA_CURHOST: "alpha" }).stdout;
  assert.equal(says("listkeys", "alpha"), "10.0.0.1/24/eth0\nsvcG\n");
  assert.equal(says("listkeys", "Beta"), "svcB\nsvcE\nsvcB::1\n");
  assert.equal(says("ourkeys"), "10.0.0.1/24/eth0 svcA::x::y \nsvcG \\ \n");
  assert.equal(says("otherkeys"), "svcB svcC svcD \nsvcE svcF \nsvcB::1 svcH \n");
  assert.equal(says("allkeys"), "10.0.0.1/24/eth0\nsvcB\nsvcE\nsvcG\nsvcB::1\n");
});

test("without haresources the lists are empty", () => {
  using tree = new ShareTree();
  assert.deepEqual(tree.run(manager, ["allkeys"]), { code: 0, stdout: "", stderr: "" });
});

test("a group starts left to right, what runs is left alone, and stops right to left", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/haresources", "fox one::a::b two\n");
  tree.service("one");
  tree.service("two");
  const log = { HA_LOGFILE: join(tree.root, "log"), HA_DEBUGLOG: join(tree.root, "debug") };
  assert.equal(tree.run(manager, ["status", "one::a::b"], log).code, 3);
  assert.equal(tree.run(manager, ["takegroup", "two"], log).code, 0);
  assert.equal(tree.run(manager, ["status", "one::a::b"], log).code, 0);
  assert.equal(tree.run(manager, ["takegroup", "one::a::b"], log).code, 0);
  assert.equal(tree.run(manager, ["statgroup", "one::a::b"], log).stdout, "ALL\n");
  assert.equal(tree.run(manager, ["givegroup", "one::a::b"], log).code, 0);
  assert.equal(tree.run(manager, ["statgroup", "one::a::b"], log).stdout, "NONE\n");
  assert.deepEqual(
    readFileSync(join(tree.root, "calls"), "utf8")
      .split("\n")
      .filter((line) => / (start|stop)$/.test(line)),
    ["one a b start", "two start", "two stop", "one a b stop"],
  );
  const logged = readFileSync(join(tree.root, "log"), "utf8");
  assert.match(
    logged,
    /^\d{4}\/\d\d\/\d\d_[\d:]{8}\tResourceManager\(default\)\[\d+\]:\tinfo: Acquiring resource group: fox one::a::b two$/m,
  );
  assert.match(logged, /info: Running \S+\/resource.d\/two {2}start$/m);
  assert.match(logged, /info: Releasing resource group: fox one::a::b two$/m);
});

test("a start that fails stops the whole group and names its code", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/haresources", "fox one two three\n");
  tree.service("one");
  tree.service("two", "[ $action != start ] || exit 9");
  tree.service("three");
  const { code, stderr } = tree.run(manager, ["takegroup", "one"]);
  assert.equal(code, 9);
  assert.match(stderr, /ERROR: Return code 9 from \S+two\nCRIT: Giving up resources due to failure of two\n/);
  assert.deepEqual(
    readFileSync(join(tree.root, "calls"), "utf8")
      .split("\n")
      .filter((line) => line.endsWith(" stop")),
    ["three stop", "two stop", "one stop"],
  );
});

test("a stop that fails is tried again as often as was asked for", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/haresources", "fox one\n");
  tree.service("one", "[ $action != stop ] || exit 1");
  const { code, stderr } = tree.run(manager, ["givegroup", "one"], { HA_STOPRETRYMAX: "1" });
  assert.equal(code, 1);
  assert.match(stderr, /info: Retrying failed stop operation \[one\]/);
  assert.match(stderr, /ERROR: Resource script for one probably not LSB-compliant\./);
});

test("a script that is missing is an error, an unknown key and patterns are not", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/haresources", "fox web* svc\n");
  tree.service("svc");
  assert.match(
    tree.run(manager, ["takegroup", "svc"], { HA_STOPRETRYMAX: "1" }).stderr,
    /ERROR: Cannot locate resource script web\*/,
  );
  assert.equal(tree.run(manager, ["takegroup", "other"]).code, 0);
});

test("what runs before the start is counted and complained about", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/haresources", "fox one\nowl two\n");
  tree.service("one");
  tree.service("two");
  assert.equal(tree.run(manager, ["verifyallidle"]).code, 0);
  tree.write("two.up", "");
  const { code, stderr } = tree.run(manager, ["verifyallidle"]);
  assert.equal(code, 1);
  assert.match(stderr, /^CRITICAL: Resource two is active, and should not be!$/m);
});

test("anything else is answered with the usage", () => {
  using tree = new ShareTree();
  for (const args of [[], ["takegroup"], ["nonsense", "x"]]) {
    const { code, stderr } = tree.run(manager, args);
    assert.equal(code, 1);
    assert.match(stderr, /^usage: /);
  }
});

test("the messages of the helper programs", () => {
  using tree = new ShareTree();
  tree.openFifo();
  const bin = "usr/share/heartbeat";
  tree.write("etc/ha.d/haresources", "fox one\n");
  tree.service("one");
  const rows: [string, string[], Record<string, string>, string][] = [
    ["hb_standby", [], {}, "t=ask_resources\nrsc_hold=all\ninfo=me\n"],
    ["hb_standby", ["failback"], {}, "t=ask_resources\nrsc_hold=foreign\ninfo=me\n"],
    ["hb_takeover", ["failback"], {}, "t=hb_takeover\nrsc_hold=failback\n"],
    ["req_resource", ["one"], {}, "t=ip-request\nipaddr=one\n"],
    ["req_resource", ["one"], { HA_DONTASK: "yes" }, "t=ip-request-resp\ndest=fox\nipaddr=one\nweown=yes\nok=OK\n"],
  ];
  for (const [program, args, environment, message] of rows) {
    assert.equal(tree.run(`${bin}/${program}`, args, environment).code, 0, program);
    assert.equal(tree.fifo(), `>>>\n${message}<<<\n`, program);
  }
  const wrong = tree.run(`${bin}/hb_standby`, ["sideways"]);
  assert.equal(wrong.code, 1);
  assert.equal(wrong.stdout, `${tree.root}/${bin}/hb_standby: wrong resources(sideways).\nusage:\n`);
  assert.match(tree.run(`${bin}/hb_takeover`, ["a", "b"]).stdout, /hb_takeover: too many arguments/);
});

test("mach_down starts nothing: the daemon does", () => {
  using tree = new ShareTree();
  tree.openFifo();
  tree.write("etc/ha.d/haresources", "owl one\n");
  tree.service("one");
  assert.deepEqual(tree.run("usr/share/heartbeat/mach_down", ["OWL"]), { code: 0, stdout: "", stderr: "" });
  assert.throws(() => tree.fifo(), /EAGAIN/);
  assert.throws(() => readFileSync(join(tree.root, "calls")), /ENOENT/);
});

test("without a daemon a message is an error, and waits for nobody", () => {
  using tree = new ShareTree();
  const { code, stderr } = tree.run("usr/share/heartbeat/hb_takeover");
  assert.equal(code, 1);
  assert.match(stderr, /fifo is not there/);
});
