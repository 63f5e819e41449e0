/** The quick start of README.md, its lines run as they stand on two machines that systemd boots: they end in a working pair. */
import assert from "node:assert/strict";
import { readFileSync, rmSync } from "node:fs";
import { basename } from "node:path";
import type { TestContext } from "node:test";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const names = ["alice", "bob"];
const address = "10.77.0.101";

/** Who types what. */
function quickStart(): { readonly who: readonly string[]; readonly line: string }[] {
  const block = /<!-- quick start:.*?-->([\s\S]*?)<!-- end -->/.exec(readFileSync("README.md", "utf8"))?.[1] ?? "";
  return [...block.matchAll(/^ {4}(\w+)# +(.*)$/gm)].map(([, who = "", line = ""]) => ({
    who: who === "both" ? names : [who],
    line,
  }));
}

export const quickStartAsItStands = {
  name: "the quick start ends in a working pair",
  run: async (t: TestContext): Promise<void> => {
    const lines = quickStart();
    assert.ok(lines.length >= 6);
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create(...names);
    // What the text says is there: the package on both machines, names that resolve, and root's way from one to the other.
    for (const [index, name] of names.entries()) {
      await lab.must(
        name,
        "env DEBIAN_FRONTEND=noninteractive dpkg -P heartbeat; rm -rf /etc/ha.d/resource.d /etc/ha.d/rc.d",
      );
      await lab.copy(name, file, `/root/${basename(file)}`);
      const hosts = names.map((each, n) => `10.77.0.${n + 1} ${each}`).join("\n");
      await lab.must(name, `echo '${hosts}' >> /etc/hosts; test $(uname -n) = ${names[index]}`);
      await lab.must(
        name,
        "systemctl start ssh; mkdir -p -m 700 /root/.ssh; echo 'StrictHostKeyChecking no' > /root/.ssh/config",
      );
    }
    const key = await lab.must(
      "alice",
      "ssh-keygen -q -t ed25519 -N '' -f /root/.ssh/id_ed25519; cat /root/.ssh/id_ed25519.pub",
    );
    await lab.machine("bob").write("/root/.ssh/authorized_keys", key, "600");

    for (const { who, line } of lines)
      for (const name of who) {
        const { code, stdout, stderr } = await lab.run(name, `cd /root; ${line}`);
        t.diagnostic(`${name}# ${line}`);
        for (const said of `${stdout}${stderr}`.trimEnd().split("\n").slice(-12)) t.diagnostic(`    ${said}`);
        assert.equal(code, 0, `${name}# ${line}\n${stdout}${stderr}\n${await lab.journal(name)}`);
      }
    await lab.until("alice serves", () => lab.machine("alice").hasAddress(address), 60);
    await lab.until("both are active", async () => {
      const { stdout } = await lab.run("bob", "cl_status nodestatus alice; cl_status nodestatus bob");
      return stdout === "active\nactive\n";
    });
    assert.equal((await lab.client(["ping", "-c", "1", "-W", "2", address])).code, 0);
    await lab.must("alice", "systemctl stop heartbeat");
    await lab.until("bob took it over", () => lab.machine("bob").hasAddress(address));
    assert.equal((await lab.client(["ping", "-c", "1", "-W", "2", address])).code, 0);
    assert.match(await lab.must("bob", "heartbeat why"), /10\.77\.0\.101\/24\/eth0 is on bob\n {2}because .*alice/);
  },
};
