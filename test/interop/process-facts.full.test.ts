/** What the daemon asks of the kernel for itself (`rtprio`, `coredumps`, `coreroot`), and that what it starts has no part in it: as the original's. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const look = `facts() {
  echo policy=$(ps -o cls= -p $1 | xargs) rtprio=$(ps -o rtprio= -p $1 | xargs) nice=$(ps -o ni= -p $1 | xargs)
  echo cwd=$(readlink /proc/$1/cwd) umask=$(sed -n 's/^Umask:[[:space:]]*//p' /proc/$1/status)
  echo core=$(sed -n 's/^Max core file size *\\([^ ]*\\).*/\\1/p' /proc/$1/limits) group=$(ps -o pgid= -p $1 | xargs | sed "s/^$1$/own/")
}`;

type Facts = Readonly<Record<string, string>>;

function parsed(text: string): Facts {
  return Object.fromEntries(
    text
      .split(/\s+/)
      .filter((word) => word.includes("="))
      .map((word) => word.split("=", 2)),
  );
}

async function factsOf(kind: "original" | "ours", haCf: readonly string[]): Promise<{ daemon: Facts; child: Facts }> {
  await using lab = await Lab.create({
    nodes: { fox: kind },
    haCf: ["initdead 4", "realtime on", ...haCf, "respawn root /usr/local/bin/kid"],
  });
  await lab
    .machine("fox")
    .write(
      "/usr/local/bin/kid",
      `#!/bin/sh\n${look}\nfacts $$ > /tmp/kid.new\nmv /tmp/kid.new /tmp/kid\nexec sleep 3600\n`,
      "755",
    );
  await lab.exec("fox", ["mkdir", "-p", "/var/crash/root"]);
  await lab.start();
  await lab.until("the child runs", async () => (await lab.exec("fox", ["test", "-e", "/tmp/kid"])).code === 0, 30);
  const pid = `${lab.daemonPid("fox")}`;
  const { stdout } = await lab.exec("fox", ["sh", "-c", `${look}\nfacts ${pid}`]);
  return { daemon: parsed(stdout), child: parsed(lab.machine("fox").read("/tmp/kid")) };
}

const cases = {
  "as they are": [],
  "set by hand": ["rtprio 5", "coredumps off", "coreroot /var/crash"],
} as const;

for (const [name, haCf] of rows(Object.entries(cases), () => false))
  test(`the daemon and its children, ${name}`, async (t) => {
    const [original, ours] = await Promise.all([factsOf("original", haCf), factsOf("ours", haCf)]);
    t.diagnostic(JSON.stringify({ original, ours }));
    assert.deepEqual(ours, original);
  });
