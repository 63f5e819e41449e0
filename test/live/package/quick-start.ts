/**
 * The README's quick start as it stands: its commands are taken out of the text and run on two machines that systemd boots, by nobody's other
 * hand. What an administrator brings along is made first: machines that find each other by name, and root's ssh key on both.
 */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { checkout } from "../../support/lab/machine.ts";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const nodes = ["alice", "bob"] as const;
const address = "10.77.0.101";

interface Step {
  readonly where: readonly string[];
  readonly command: string;
}

/** The block of the section "Two machines": lines with a machine's name, or `both`, in front. */
export function quickStart(readme: string): readonly Step[] {
  const section = /^## Two machines\n([\s\S]*?)^## /m.exec(readme)?.[1] ?? "";
  return [...section.matchAll(/^ {4}(both|alice|bob)# +(.+)$/gm)].map(([, where = "", command = ""]) => ({
    where: where === "both" ? nodes : [where],
    command,
  }));
}

/** Names, and a key with which root of each machine reaches the other. */
const surroundings = (peerKey: string): string => `
printf '10.77.0.1 alice\\n10.77.0.2 bob\\n' >> /etc/hosts
mkdir -p -m 700 /root/.ssh && cd /root/.ssh
[ -e id_ed25519 ] || printf '%s' '${peerKey}' > id_ed25519
chmod 600 id_ed25519 && ssh-keygen -y -f id_ed25519 > authorized_keys
echo 'StrictHostKeyChecking accept-new' > config
systemctl restart ssh
`;

export const quickStartRun = {
  name: "the README's quick start, as it stands, ends in a working pair",
  run: async (t: TestContext): Promise<void> => {
    const steps = quickStart(readFileSync(join(checkout, "README.md"), "utf8"));
    assert.ok(steps.length >= 6, "the README has its commands");
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create(...nodes);
    const key = await lab.must("alice", "ssh-keygen -q -t ed25519 -N '' -f /tmp/key && cat /tmp/key");
    for (const name of nodes) {
      // The machine is new: of the original, which is in every system root, nothing is left.
      await lab.must(name, "env DEBIAN_FRONTEND=noninteractive dpkg -P heartbeat && rm -rf /var/lib/heartbeat");
      await lab.must(name, surroundings(key));
      await lab.copy(name, file, "/root/heartbeat_4.0.0_amd64.deb");
    }
    const began = performance.now();
    for (const { where, command } of steps) {
      const outputs = await Promise.all(where.map((name) => lab.must(name, `cd /root; ${command}`, 180)));
      const at = ((performance.now() - began) / 1000).toFixed(1);
      t.diagnostic(`${at.padStart(6)} s  ${where.length > 1 ? "both" : where[0]}# ${command}`);
      for (const line of (outputs[0] ?? "").trimEnd().split("\n").slice(-8)) t.diagnostic(`              ${line}`);
    }
    const holder = () => nodes.filter((name) => lab.machine(name).hasAddress(address));
    const took = await lab.until("alice has the address", () => holder().join() === "alice", 90);
    t.diagnostic(`the address is up on alice ${took} ms after the last command`);
    const answered = await lab.client(["ping", "-n", "-c", "1", "-W", "2", address]);
    assert.equal(answered.code, 0, answered.stdout);
    // It works: what alice has moves to bob, as the text says, and comes back when alice does.
    await lab.must("alice", "systemctl stop heartbeat");
    await lab.until("bob has it: a stop gives everything away", () => holder().join() === "bob", 10);
    await lab.must("alice", "systemctl start heartbeat");
    await lab.until("alice has it again", () => holder().join() === "alice", 90);
  },
};
