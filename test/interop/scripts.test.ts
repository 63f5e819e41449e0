/** Scripts and agents on real nodes: what they are called with, what they find, and what heartbeat makes of their answers. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Lab } from "../support/lab.ts";

describe("scripts", { concurrency: true }, () => {
  test("OCF agents of the distribution run as they are, by name and by our wrappers", async () => {
    await using lab = await Lab.create({
      nodes: { fox: "ours", owl: "ours" },
      haresources: "fox ocf::heartbeat:Dummy::state=/run/dummy::fake=x IPaddr2::10.77.0.101/24/eth0 svcA",
      services: ["svcA"],
    });
    assert.deepEqual(await lab.heartbeat("fox", ["check"]).then(({ code, stderr }) => ({ code, stderr })), {
      code: 0,
      stderr: "",
    });
    await lab.start();
    const runsOn = (node: string) =>
      lab.machine(node).has("/run/dummy") && lab.hasAddress(node, "10.77.0.101") && lab.runs(node, "svcA");
    await lab.until("fox runs the group", () => runsOn("fox"), 20);
    const status = await lab.exec("fox", ["/etc/ha.d/resource.d/IPaddr2", "10.77.0.101/24/eth0", "status"]);
    assert.equal(status.stdout, "INFO:  Running OK\n");
    const human = await lab.exec("owl", ["/etc/ha.d/resource.d/IPaddr", "10.77.0.101", "status"]);
    assert.equal(human.stdout, "INFO:  Resource is stopped\n");
    await lab.crash("fox");
    await lab.until("owl takes it over", () => runsOn("owl"), 20);
    await lab.stop("owl");
    assert.equal(lab.machine("owl").has("/run/dummy") || lab.hasAddress("owl", "10.77.0.101"), false);
    const ours = lab.complaints("owl").filter((line) => !line.includes("Could not send gratuitous arps")); // no send_arp there
    assert.deepEqual(ours, []);
  });
});
