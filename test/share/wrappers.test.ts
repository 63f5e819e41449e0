/** The names of resource.d that are OCF agents, and what scripts of others find (resources.md, sections 3.6, 5 and 6). */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { ShareTree } from "./tree.ts";

const words: [string, string, string][] = [
  ["AudibleAlarm", "fox owl", "nodelist=fox owl"],
  ["Delay", "", "startdelay=10"],
  ["Delay", "3 4", "startdelay=3 stopdelay=4"],
  ["Filesystem", "/dev/sda1 /srv", "device=/dev/sda1 directory=/srv"],
  ["Filesystem", "/dev/sda1 /srv ext4 ro,noatime", "device=/dev/sda1 directory=/srv fstype=ext4 options=ro,noatime"],
  ["ICP", "1 /dev/sda", "device=/dev/sda driveid=1"],
  ["IPaddr", "10.0.0.1", "ip=10.0.0.1 lvs_support=0"],
  ["IPaddr", "10.0.0.1/24/10.0.0.255", "broadcast=10.0.0.255 cidr_netmask=24 ip=10.0.0.1 lvs_support=0"],
  [
    "IPaddr2",
    "10.0.0.1/24/eth0:web/10.0.0.255",
    "broadcast=10.0.0.255 cidr_netmask=24 ip=10.0.0.1 lvs_support=1 nic=eth0:web",
  ],
  ["IPsrcaddr", "10.0.0.1", "ipaddress=10.0.0.1"],
  ["IPv6addr", "fd00::1/64/eth0", "cidr_netmask=64 ipv6addr=fd00::1 nic=eth0"],
  ["IPv6addr", "fd00::1", "ipv6addr=fd00::1"],
  ["LVM", "vg0", "volgrpname=vg0"],
  ["LinuxSCSI", "0:0:1", "scsi=0:0:1"],
  ["MailTo", "root fail-over", "email=root subject=fail-over"],
  ["Raid1", "/etc/mdadm.conf /dev/md0", "raidconf=/etc/mdadm.conf raiddev=/dev/md0"],
  ["SendArp", "10.0.0.1/24/eth0", "ip=10.0.0.1 nic=eth0"],
  ["SendArp", "10.0.0.1/eth0", "ip=10.0.0.1 nic=eth0"],
  ["ServeRAID", "1 2", "mergegroup=2 serveraid=1"],
  ["WAS", "/opt/was.cfg", "config=/opt/was.cfg"],
  ["WinPopup", "/etc/hosts.popup", "hostfile=/etc/hosts.popup"],
  ["Xinetd", "tftp", "service=tftp"],
  ["apache", "/etc/apache2/apache2.conf", "configfile=/etc/apache2/apache2.conf"],
  ["db2", "db2inst1", "instance=db2inst1"],
  ["ids", "/opt/ids ids1 onconfig", "informixdir=/opt/ids informixserver=ids1 onconfig=onconfig"],
  ["portblock", "tcp 80,443 block", "action=block portno=80,443 protocol=tcp"],
];

const namesOfOriginal = [
  ...["AudibleAlarm", "Delay", "Filesystem", "ICP", "IPaddr", "IPaddr2", "IPsrcaddr", "IPv6addr", "LVM", "LinuxSCSI"],
  ...["MailTo", "Raid1", "SendArp", "ServeRAID", "WAS", "WinPopup", "Xinetd", "apache", "db2", "ids", "portblock"],
];

test("the words of each name reach its agent as parameters", () => {
  using tree = new ShareTree();
  for (const [type, given, parameters] of words) {
    tree.agent(type);
    tree.write("asked", "");
    const args = given === "" ? [] : given.split(" ");
    const { code, stdout } = tree.run(`etc/ha.d/resource.d/${type}`, [...args, "status"]);
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "INFO:  Running OK\n" }, type);
    const asked = readFileSync(join(tree.root, "asked"), "utf8").trim().replaceAll("OCF_RESKEY_", "");
    assert.equal(asked, `monitor ${parameters}`.trim());
  }
});

test("the agent's result is said in the original's words", () => {
  using tree = new ShareTree();
  const rows: [number, string, number][] = [
    [0, "INFO:  Success", 0],
    [1, "ERROR:  Generic error", 1],
    [2, "ERROR:  Illegal argument", 2],
    [3, "ERROR:  Function unimplemented", 3],
    [4, "ERROR:  User had insufficient privilege", 4],
    [5, "ERROR:  Program is not installed", 5],
    [6, "ERROR:  Program is not configured", 6],
    [7, "INFO:  Resource is stopped", 7],
    [42, "ERROR:  Unknown error: 42", 1],
  ];
  for (const [result, text, code] of rows) {
    tree.agent("Xinetd", result);
    assert.deepEqual(tree.run("etc/ha.d/resource.d/Xinetd", ["tftp", "start"]), {
      code,
      stdout: `${text}\n`,
      stderr: "",
    });
  }
});

test("too many, too few and wrong words are answered with the usage", () => {
  using tree = new ShareTree();
  tree.agent("IPaddr");
  for (const args of [[], ["start"], ["10.0.0.1", "x", "start"], ["10.0.0.1", "meta-data"]]) {
    const { code, stdout } = tree.run("etc/ha.d/resource.d/IPaddr", args);
    assert.equal(code, 1, args.join(" "));
    assert.match(stdout, /^usage: /);
  }
  assert.equal(tree.run("etc/ha.d/resource.d/IPaddr", ["usage"]).code, 0);
});

test("each name takes its words, then an action: anything else is answered with the usage, and asks no agent", () => {
  using tree = new ShareTree();
  const least = new Map<string, number>();
  const most = new Map<string, number>();
  for (const [type, given] of words) {
    const count = given === "" ? 0 : given.split(" ").length;
    least.set(type, Math.min(count, least.get(type) ?? count));
    most.set(type, Math.max(count, most.get(type) ?? count));
  }
  const free = ["AudibleAlarm", "WAS", "WinPopup", "apache", "ids"]; // nothing need be written
  for (const [type, max] of most) {
    tree.agent(type);
    tree.write("asked", "");
    const run = (...args: string[]) => tree.run(`etc/ha.d/resource.d/${type}`, args);
    const some = Array.from({ length: max }, (_, i) => `word${i}`);
    for (const args of [[], some, [...some, "meta-data"], [...some, "promote"]]) {
      const { code, stdout } = run(...args);
      assert.equal(code, 1, `${type} ${args}`);
      assert.match(stdout, new RegExp(`^usage: \\S*/${type} `), `${type} ${args}`);
    }
    if (type !== "AudibleAlarm") assert.equal(run(...some, "more", "start").code, 1, `${type}: one word too many`);
    if (!free.includes(type) && least.get(type) !== 0) assert.equal(run("start").code, 1, `${type}: a word is missing`);
    assert.equal(readFileSync(join(tree.root, "asked"), "utf8"), "", type);
    assert.match(run("usage").stdout, /^usage: .*start\|stop\|status/);
    for (const action of ["start", "stop", "status"]) assert.equal(run(...some, action).code, 0, `${type} ${action}`);
    const asked = readFileSync(join(tree.root, "asked"), "utf8").split("\n").slice(0, -1);
    assert.deepEqual(
      asked.map((line) => line.split(" ")[0]),
      ["start", "stop", "monitor"],
      type,
    );
  }
  assert.deepEqual([...most.keys()].sort(), namesOfOriginal);
  assert.equal(tree.run("etc/ha.d/resource.d/ids", ["/opt/ids", "start"]).code, 1, "all three words, or none");
});

test("without any agent people may still ask for an address", () => {
  using tree = new ShareTree();
  tree.write("bin/ip", '#!/bin/sh\n[ "$6" != 10.0.0.1/32 ] || echo "2: eth0 inet 10.0.0.1/24"\n', 0o755);
  const path = { PATH: `${tree.root}/bin:${process.env["PATH"]}` };
  const ask = (address: string) => tree.run("etc/ha.d/resource.d/IPaddr", [address, "status"], path);
  assert.deepEqual(ask("10.0.0.1/24/eth0"), { code: 0, stdout: "INFO:  Running OK\n", stderr: "" });
  assert.deepEqual(ask("10.0.0.2"), { code: 7, stdout: "INFO:  Resource is stopped\n", stderr: "" });
  assert.equal(
    tree.run("etc/ha.d/resource.d/IPaddr", ["10.0.0.1", "start"], path).stdout,
    "ERROR:  Program is not installed\n",
  );
});

test("a wrapper that somebody wrote after the original's pattern finds what it reads and calls", () => {
  using tree = new ShareTree();
  const lines = [
    "#!/bin/sh",
    `. ${tree.root}/etc/ha.d/resource.d//hto-mapfuncs`,
    'usage() { echo "usage: $0 SERVICE $LEGAL_ACTIONS"; exit 1; }',
    "[ $# = 2 ] || usage",
    "OCF_RESKEY_service=$1; export OCF_RESKEY_service",
    "OCF_TYPE=mine; export OCF_TYPE",
    "ra_execocf $2",
  ];
  tree.write("etc/ha.d/resource.d/mine", `${lines.join("\n")}\n`, 0o755);
  const run = (...args: string[]) => tree.run("etc/ha.d/resource.d/mine", args);
  assert.equal(run("x", "start").code, 1, "there is no such agent");
  tree.agent("mine");
  assert.deepEqual(run("x", "start"), { code: 0, stdout: "INFO:  Success\n", stderr: "" });
  assert.deepEqual(run("x", "status"), { code: 0, stdout: "INFO:  Running OK\n", stderr: "" });
  const asked = "start OCF_RESKEY_service=x \nmonitor OCF_RESKEY_service=x \n";
  assert.equal(readFileSync(join(tree.root, "asked"), "utf8"), asked);
  tree.agent("mine", 7);
  assert.deepEqual(run("x", "status"), { code: 7, stdout: "INFO:  Resource is stopped\n", stderr: "" });
  tree.agent("mine", 42);
  assert.equal(run("x", "stop").code, 1);
  assert.match(run("x", "promote").stdout, /Unknown operation: promote\nusage: .*\(start\|stop/);
  assert.match(run("x").stdout, /^usage: /);
});

test("OCF::AGENT::INSTANCE takes its parameters from a file", () => {
  using tree = new ShareTree();
  tree.agent("thing");
  tree.write("etc/ha.d/conf/OCF/thing/first", "# a comment\nOCF_RESKEY_colour=blue\n");
  const { code, stdout } = tree.run("etc/ha.d/resource.d/OCF", ["thing", "first", "status"]);
  assert.deepEqual({ code, stdout }, { code: 0, stdout: "OCF Resource thing::first is running\n" });
  assert.equal(readFileSync(join(tree.root, "asked"), "utf8"), "status OCF_RESKEY_colour=blue \n");
  tree.agent("thing", 7);
  assert.equal(
    tree.run("etc/ha.d/resource.d/OCF", ["thing", "first", "status"]).stdout,
    "OCF Resource thing::first is stopped\n",
  );
  assert.equal(tree.run("etc/ha.d/resource.d/OCF", ["none", "first", "start"]).code, 5);
  assert.equal(tree.run("etc/ha.d/resource.d/OCF", ["../thing", "first", "start"]).code, 2);
});

test("harc runs the script of a type with its output in the debug log", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/rc.d/mytype", '#!/bin/sh\necho "$1 from $HA_src"\n', 0o755);
  const log = { HA_LOGFILE: join(tree.root, "log"), HA_DEBUGLOG: join(tree.root, "debug"), HA_src: "owl" };
  assert.deepEqual(tree.run("etc/ha.d/harc", ["mytype"], log), { code: 0, stdout: "", stderr: "" });
  assert.match(readFileSync(join(tree.root, "debug"), "utf8"), /^mytype from owl$/m);
  assert.match(
    readFileSync(join(tree.root, "log"), "utf8"),
    /\tharc\(default\)\[\d+\]:\tinfo: Running \S+\/rc\.d\/mytype mytype$/m,
  );
  assert.equal(tree.run("etc/ha.d/harc", ["absent"], log).code, 1);
  assert.equal(tree.run("etc/ha.d/harc", ["../harc"], log).code, 1);
});

test("what a script of others finds in shellfuncs", () => {
  using tree = new ShareTree();
  tree.write("etc/ha.d/ha.cf", "keepalive 3 # s\nudpport 694\nudpport 695\n");
  const script = [
    "#!/bin/sh",
    `. ${tree.root}/etc/ha.d/shellfuncs`,
    'Echo "-n" a  b "\\n"',
    "ha_parameter udpport; ha_parameter keepalive; ha_parameter deadtime",
    "ha_pseudo_resource thing status; echo $?",
    "ha_pseudo_resource thing start; ha_pseudo_resource thing monitor; echo $?",
    "ha_pseudo_resource thing stop; ha_pseudo_resource thing monitor; echo $?",
    "BSD_Status no-such-thing; echo $?",
    'echo "$HA_CURHOST $HA_FIFO $HA_RCDIR"',
    'ha_debug "debug: not said"',
  ];
  tree.write("script", `${script.join("\n")}\n`, 0o755);
  assert.deepEqual(tree.run("script", [], { HA_FIFO: "/tmp/evil", HA_RCDIR: "/tmp/evil" }), {
    code: 0,
    stdout: [
      "-n a b \\n",
      ...["695", "3", "7", "3", "0", "7"],
      "no-such-thing is stopped",
      "3",
      `fox ${tree.root}/var/lib/heartbeat/fifo ${tree.root}/etc/ha.d/rc.d`,
      "",
    ].join("\n"),
    stderr: "",
  });
});
