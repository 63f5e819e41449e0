import assert from "node:assert/strict";
import test from "node:test";
import { optionsFor } from "../../src/config/ha4-cf.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { monitorPlan } from "../../src/config/monitor-plan.ts";
import { caseHost, filesWith } from "./support.ts";

const haresources = "alice 10.77.0.100 httpd::x\n";
const read = (ha4Cf: string) => readConfiguration(filesWith({ ha4Cf, haresources }), caseHost);
function planOf(ha4Cf: string) {
  const { config } = read(ha4Cf);
  const [group] = config?.groups ?? [];
  const resource = group?.resources[1];
  assert.ok(config?.extension && group && resource, "the configuration is good");
  return monitorPlan(optionsFor(config.extension, group.key, resource), resource);
}

test("nothing is watched unless it is asked for, and off is off", () => {
  assert.equal(planOf("defaults\n stop-timeout 5\n"), undefined);
  assert.equal(planOf("defaults\n monitor 5\nresource httpd\n monitor off\n"), undefined);
});

test("an interval alone takes the defaults of everything else", () => {
  assert.deepEqual(planOf("defaults\n monitor 5\n"), {
    interval: 5000,
    timeLimit: 10_000,
    delay: 5000,
    failuresAllowed: 2,
    failureWindow: 600_000,
    probes: [],
  });
});

test("a kind's options lie between the defaults and a group's", () => {
  const plan = planOf(
    "defaults\n monitor 5\nkind script\n monitor 6\n monitor-delay 1\ngroup 10.77.0.100\n monitor 7\n",
  );
  assert.equal(plan?.interval, 7000);
  assert.equal(plan?.delay, 1000);
});

test("probes are read, and asked in the order of the file", () => {
  const plan = planOf(`resource httpd
 monitor 1
 monitor-timeout 500ms
 failures-allowed 0
 probe tcp [fd00::1]:80
 probe http http://10.77.0.100/health status=204 text=fine
 probe unix /run/x.sock
 probe process /run/x.pid
 probe process a-very-long-process-name
 probe file-newer-than 30 /run/alive
 probe command /bin/true -a
 probe mount /srv
 probe mysql /run/mysqld/mysqld.sock
 probe mysql [fd00::1]:3306 user=watch credentials=/etc/ha.d/mysql database=shop
 probe postgres 10.77.0.100:5432 credentials=/etc/ha.d/postgres
`);
  assert.deepEqual(plan?.probes, [
    { kind: "tcp", host: "fd00::1", port: 80 },
    { kind: "http", url: "http://10.77.0.100/health", status: 204, text: "fine" },
    { kind: "unix", path: "/run/x.sock" },
    { kind: "process", pidFile: "/run/x.pid" },
    { kind: "process", name: "a-very-long-pro" },
    { kind: "file-newer-than", path: "/run/alive", seconds: 30 },
    { kind: "command", path: "/bin/true", args: ["-a"] },
    { kind: "mount", path: "/srv" },
    { kind: "mysql", at: { path: "/run/mysqld/mysqld.sock" }, user: "heartbeat" },
    {
      kind: "mysql",
      at: { host: "fd00::1", port: 3306 },
      user: "watch",
      credentials: "/etc/ha.d/mysql",
      database: "shop",
    },
    {
      kind: "postgres",
      at: { host: "10.77.0.100", port: 5432 },
      user: "heartbeat",
      credentials: "/etc/ha.d/postgres",
      database: "postgres",
    },
  ]);
  assert.equal(plan?.timeLimit, 500);
  assert.equal(plan?.failuresAllowed, 0);
});

for (const [line, says] of [
  ["probe tpc 10.0.0.1:1", "did you mean tcp?"],
  ["probe tcp 10.0.0.1", "probe tcp 10.0.0.10:25"],
  ["probe tcp 10.0.0.1:65536", "probe tcp 10.0.0.10:25"],
  ["probe http ftp://10.0.0.1/", "probe http http://"],
  ["probe http http://10.0.0.1/ status=20", "probe http http://"],
  ["probe unix run/x.sock", "probe unix /run"],
  ["probe file-newer-than 0 /run/alive", "probe file-newer-than 30"],
  ["probe mysql run/mysqld.sock", "probe mysql /run"],
  ["probe mysql 10.0.0.1", "probe mysql /run"],
  ["probe postgres 10.0.0.1:5432 credentials=secret", "probe postgres 10.0.0.10:5432"],
  ["probe postgres 10.0.0.1:5432 password=secret", "probe postgres 10.0.0.10:5432"],
  ["probe postgres 10.0.0.1:5432 database=", "probe postgres 10.0.0.10:5432"],
  ["probe command true", "probe command /usr/local"],
  ["probe", "probe http"],
  ["failures-allowed many", "failures-allowed 2"],
  ["monitor often", "write seconds"],
] as const)
  test(`[${line}] is refused, and told how it is written`, () => {
    const { config, diagnostics } = read(`defaults\n ${line}\n`);
    assert.equal(config, undefined);
    const [fault] = diagnostics.filter(({ file }) => file.endsWith("ha4.cf"));
    assert.ok(fault?.help?.includes(says), JSON.stringify(fault));
  });

test("a kind that does not exist is a warning with a suggestion", () => {
  const { diagnostics } = read("kind systemdd\n monitor 5\n");
  assert.deepEqual(
    diagnostics.filter(({ code }) => code === "HB1104").map(({ help }) => help),
    ["did you mean systemd?"],
  );
});
