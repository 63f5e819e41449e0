/**
 * How heartbeat is started, the original and ours beside each other: the options of a restart, and what belongs to clusters whose nodes come
 * and go (autojoin, the host cache) where haresources says who owns what.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

type Kind = "original" | "ours";
const kinds = ["original", "ours"] as const;
const asNobody = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"];
const timing = ["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"];
const managed = { services: ["svcA"], haresources: "fox svcA" } as const;

/** What is said of the option; the original runs other sentences into the same line, ours adds what to do instead. */
const aboutOption = (stderr: string): string[] =>
  [...stderr.matchAll(/ERROR: .*|only valid with -R/g)].map(([text]) => text.replace(/pid \d+/, "pid N"));

async function answers(kind: Kind): Promise<unknown> {
  await using lab = await Lab.create({ ...managed, nodes: { fox: kind, owl: kind }, haCf: timing });
  const ask = async () => {
    const said = [];
    for (const words of [["-C", "all"], ["-R"], ["-R", "-C", "all"], ["-R", "-C", "rubbish"]]) {
      const { code, stdout, stderr } = await lab.heartbeat("fox", words);
      said.push({ words, code, stdout, stderr: aboutOption(stderr) });
    }
    return said;
  };
  const stopped = await ask();
  await lab.start();
  await lab.until(
    "fox runs its service",
    async () => lab.runs("fox", "svcA") && (await lab.holds("fox")) === "local",
    60,
  );
  const running = await ask();
  const program = kind === "original" ? "/usr/libexec/heartbeat/heartbeat" : `${checkout}/bin/heartbeat`;
  const { code } = await lab.exec("fox", [...asNobody, program, "-R", "-C", "all"]);
  await lab.holdsFor(
    "it goes on as before",
    3,
    async () => lab.runs("fox", "svcA") && (await lab.holds("fox")) === "local",
  );
  await lab.stop("fox");
  return { stopped, running, nobody: code, left: await ask() };
}

for (const words of rows(["-R and -C"], () => false))
  test(`${words}: the same answers and exit codes, and nothing moves`, { timeout: 200_000 }, async () => {
    const [theirs, ours] = await Promise.all(kinds.map(answers));
    assert.deepEqual(ours, theirs);
  });

for (const kind of rows(kinds, () => false))
  test(`with haresources neither autojoin nor a host cache: ${kind}`, { timeout: 200_000 }, async () => {
    await using lab = await Lab.create({ ...managed, nodes: { fox: kind, owl: kind }, haCf: timing });
    const haCf = lab.machine("fox").read("/etc/ha.d/ha.cf");
    for (const line of ["autojoin any", "autojoin other"]) {
      await lab.machine("fox").write("/etc/ha.d/ha.cf", `${line}\n${haCf}`);
      const { code, stderr } = await lab.heartbeat("fox", []);
      assert.equal(code, 6, stderr);
      assert.match(stderr, /R1 style resource management conflicts with {2}autojoin set/);
    }
    await lab.machine("fox").write("/etc/ha.d/ha.cf", haCf);
    const yak = "yak\t00112233-4455-4677-8899-aabbccddeeff\t100\t\n";
    await lab.machine("fox").write("/var/lib/heartbeat/hostcache", yak);
    await lab.start();
    await lab.until(
      "fox runs its service",
      async () => lab.runs("fox", "svcA") && (await lab.holds("fox")) === "local",
      60,
    );
    const { stdout } = await lab.exec("fox", ["cl_status", "listnodes"]);
    assert.equal(stdout.trim().split("\n").sort().join(" "), "fox owl", "the host cache is not read");
    assert.equal(lab.machine("fox").read("/var/lib/heartbeat/hostcache"), yak, "and not written");
    const { stdout: deleted } = await lab.exec("fox", ["stat", "-c", "%F %a %U", "/var/lib/heartbeat/delhostcache"]);
    assert.equal(deleted, "regular empty file 644 root\n");
    await lab.stop("fox");
    await lab.machine("owl").write("/var/lib/heartbeat/delhostcache", yak.replace("yak", "fox")); // neither is this
    await lab.stop("owl");
    await lab.start();
    await lab.until(
      "fox runs its service",
      async () => lab.runs("fox", "svcA") && (await lab.holds("fox")) === "local",
      60,
    );
    assert.equal(await lab.sees("owl", "fox"), "active");
  });
