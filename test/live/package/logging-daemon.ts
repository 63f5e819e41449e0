/** The unit of our logging daemon: it runs where cluster-glue's is absent and logd.cf asks for one, and never beside the other. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { TestContext } from "node:test";
import { buildPackage, SystemLab } from "../../support/lab/system-lab.ts";

const glue = "/usr/lib/heartbeat/ha_logd";

export const loggingDaemon = {
  name: "heartbeat-logd runs where cluster-glue's daemon is not, takes lines, and follows its files",
  run: async (t: TestContext): Promise<void> => {
    const { folder, file } = buildPackage();
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    await using lab = await SystemLab.create("fox");
    const must = (script: string): Promise<string> => lab.must("fox", script, 240);
    const state = async (): Promise<string> =>
      (await lab.run("fox", "systemctl is-active heartbeat-logd")).stdout.trim();
    await lab.copy("fox", file, "/srv/heartbeat.deb");
    await must("env DEBIAN_FRONTEND=noninteractive dpkg -i --force-confold /srv/heartbeat.deb");
    await must("systemctl stop logd; printf 'logfile /var/log/lines\\nlogfacility none\\n' > /etc/logd.cf");
    await must("systemctl start heartbeat-logd");
    assert.equal(await state(), "inactive", "cluster-glue's is there");
    await must(`mv ${glue} ${glue}.away && rm -f /etc/logd.cf && systemctl start heartbeat-logd`);
    assert.equal(await state(), "inactive", "nobody has asked for it");
    await must(
      "printf 'logfile /var/log/lines\\nlogfacility none\\n' > /etc/logd.cf && systemctl start heartbeat-logd",
    );
    assert.equal(await state(), "active");
    assert.match(await must("/usr/libexec/heartbeat/ha_logd -s"), /^logging daemon is running \[pid = \d+\]\.$/m);
    const send = (text: string): string => `ha_logger -t tag ${text}`; // of cluster-glue
    const arrives = async (text: string): Promise<void> => {
      const there = async () => (await lab.run("fox", `grep -q 'tag: .*: ${text}$' /var/log/lines`)).code === 0;
      await lab.until(`${text} is written`, there);
    };
    await must(send("one"));
    await arrives("one");
    await must("mv /var/log/lines /var/log/lines.1 && systemctl reload heartbeat-logd");
    await must(send("two"));
    await arrives("two");
    assert.match(await must("cat /var/log/lines"), /logd: \[\d+\]: info: SIGHUP received, re-opened log files/);
    assert.match(await must("man -P cat heartbeat-ha_logd | head -3"), /HA_LOGD\(8\)/);
    const main = await must("systemctl show -p MainPID --value heartbeat-logd");
    await must(`kill -9 ${main.trim()}`);
    await lab.until(
      "systemd starts it again",
      async () =>
        (await state()) === "active" && (await must("systemctl show -p MainPID --value heartbeat-logd")) !== main,
    );
    await lab.until("it takes lines again", async () => (await lab.run("fox", send("three"))).code === 0);
    await arrives("three");
    await must("systemctl stop heartbeat-logd");
    assert.equal((await lab.run("fox", "test -e /run/logd.pid -o -e /var/lib/heartbeat/log_daemon")).code, 1);
  },
};
