/**
 * The logging daemon, the original's and ours, each with the senders of both kinds: ha_logger and heartbeat itself. What comes out is the same.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";

const kinds = ["original", "ours"] as const;
type Kind = (typeof kinds)[number];
const daemons: Readonly<Record<Kind, string>> = {
  original: "/usr/lib/heartbeat/ha_logd",
  ours: `${checkout}/bin/ha_logd`,
};
const loggers: Readonly<Record<Kind, string>> = { original: "ha_logger", ours: `${checkout}/bin/ha_logger` };

const words = [
  "ha_logger -t app hello 'two words' ''",
  "ha_logger no tag -t late",
  "ha_logger -D ha-debug -t deb only for people who debug",
  "printf 'l1\\n\\nl3' | ha_logger -t input",
  "head -c 3000 /dev/zero | tr '\\0' z | ha_logger -t long",
  "ha_logger -t latin $(printf '\\374ber')",
  `ha_logger -t ${"n".repeat(80)} ${"y".repeat(3000)}`,
];
const debugSent = 5;
const sent = 3 + 2 + debugSent + 3 + 3 + 1 + 3;

const nameOf = (line: string): string => /(app|late|deb|input|long|latin|n+)(?:: )?\[/.exec(line)?.[1] ?? "";

/**
 * Of senders of ours or theirs, without what differs from run to run: so the lines of each stand together. Two programs that run one after the other
 * are two connections, of which a busy daemon may read the second one first.
 */
const plain = (text: string): string[] =>
  text
    .split("\n")
    .filter((line) => nameOf(line) !== "")
    .map((line) =>
      line
        .replace(/^.{15} \S+ /, "")
        .replace(/\[\d+\]/, "[PID]")
        .replace(/\d{4}\/\d\d\/\d\d_\d\d:\d\d:\d\d/, "TIME"),
    )
    .toSorted((a, b) => nameOf(a).localeCompare(nameOf(b)));

for (const format of ["yes", "no"])
  test(`each ha_logger at each daemon, syslogmsgfmt ${format}: the same lines`, async () => {
    await using lab = await Lab.create({ nodes: { fox: "original" } });
    const fox = lab.machine("fox");
    const sh = async (script: string) => await lab.exec("fox", ["sh", "-c", script], 60);
    const heard: { readonly what: string; readonly log: string[]; readonly all: string[] }[] = [];
    for (const daemon of kinds) {
      for (const sender of kinds) {
        const file = `/var/log/${daemon}-${sender}`;
        await fox.write(
          "/etc/logd.cf",
          `logfile ${file}\ndebugfile ${file}.all\nlogfacility none\nsyslogmsgfmt ${format}\nentity logd\n`,
        );
        const program = daemons[daemon];
        const stopped = await sh(`${program} -s`);
        assert.notEqual(stopped.code, 0, stopped.stdout);
        assert.equal((await sh(`${program} -d`)).code, 0);
        await lab.until("it runs", async () => (await sh(`${program} -s`)).code === 0);
        for (const each of words)
          assert.equal(
            (await sh(each.replaceAll("ha_logger", loggers[sender]))).code,
            0,
            `${daemon} ${sender} ${each}`,
          );
        await lab.until("all is written", () => plain(fox.read(`${file}.all`)).length === sent);
        const running = await sh(`${program} -s`);
        assert.match(running.stdout, /^logging daemon is running \[pid = \d+\]\.\n$/);
        // Each knows the other kind when it runs, and stops it.
        const other = daemons[daemon === "ours" ? "original" : "ours"];
        assert.equal((await sh(`${other} -s`)).stdout, running.stdout);
        const told = await sh(`${other} -k`);
        assert.equal(told.code, 0, told.stderr);
        assert.match(told.stderr, / logd: \[\d+\]: info: Pid \d+ exited\n/);
        await lab.until("it has ended", async () => (await sh(`${program} -s`)).code !== 0);
        heard.push({ what: `${daemon} ${sender}`, log: plain(fox.read(file)), all: plain(fox.read(`${file}.all`)) });
      }
    }
    const [first, ...others] = heard;
    assert.ok(first !== undefined && first.all.length === sent && first.log.length === sent - debugSent);
    for (const { what, log, all } of others)
      assert.deepEqual({ what, log, all }, { what, log: first.log, all: first.all });
  });

test("each heartbeat with use_logd at each daemon; while none runs it logs by itself, and it finds the next one", async () => {
  await using lab = await Lab.create({
    nodes: { fox: "original", owl: "ours" },
    haCf: ["use_logd yes", "conn_logd_time 2"],
  });
  const change = async (node: string, daemon: Kind | "none") => {
    const script = [
      `for each in ${daemons.original} ${daemons.ours}; do $each -k; done`,
      ...(daemon === "none" ? [] : [`${daemons[daemon]} -d`]),
    ];
    await lab.exec(node, ["sh", "-c", script.join("; ")], 60);
  };
  const nodes = ["fox", "owl"];
  /** Something that heartbeat logs, until it is in the file. */
  const arrives = async (node: string, path: string) => {
    const before = lab.machine(node).read(path).length;
    await lab.until(`${node} logs to ${path}`, async () => {
      await lab.exec(node, [
        "sh",
        "-c",
        "kill -USR1 $(cat /run/heartbeat.pid); sleep 0.2; kill -USR2 $(cat /run/heartbeat.pid)",
      ]);
      return / heartbeat: \[\d+\]: (info|debug): /.test(lab.machine(node).read(path).slice(before));
    });
  };
  for (const node of nodes)
    await lab.machine(node).write("/etc/logd.cf", "logfile /var/log/lines\ndebugfile /var/log/all\nlogfacility none\n");
  await Promise.all(nodes.map((node) => change(node, "original")));
  await lab.start();
  for (const next of ["ours", "original"] as const) {
    await Promise.all(nodes.map((node) => arrives(node, "/var/log/all")));
    await Promise.all(nodes.map((node) => change(node, "none")));
    await Promise.all(nodes.map((node) => arrives(node, "/var/log/ha-debug")));
    await Promise.all(nodes.map((node) => change(node, next)));
    await Promise.all(nodes.map((node) => arrives(node, "/var/log/all")));
  }
  for (const node of nodes)
    assert.match(lab.machine(node).read("/var/log/lines"), / heartbeat: \[\d+\]: info: heartbeat: version /);
  assert.match(lab.machine("owl").read("/var/log/ha-log"), /WARN: The logging daemon does not answer/);
});
