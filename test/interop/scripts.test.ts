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

  // docs/reference/transcripts/20-script-environment.md, with an original beside ours.
  test("notification scripts: types, fields, environment, a type of one's own, on both kinds", async () => {
    await using lab = await Lab.create({
      nodes: { fox: "original", owl: "ours" },
      haCf: ["env MYVAR=hello"],
      haresources: "fox svcA\nowl svcC",
      services: ["svcA", "svcC"],
    });
    const hook =
      '#!/bin/sh\necho "$1 src=$HA_src st=$HA_st was=$HA_OSTATUS foo=$HA_foo my=$HA_MYVAR cur=$HA_CURHOST $(pwd)" >> /var/log/hooks\n';
    for (const node of ["fox", "owl"])
      for (const type of [
        "ifstat",
        "mytype",
        "stonith",
        "starting",
        "shutdone",
        "hb_takeover",
        ...(node === "owl" ? ["status"] : []),
      ])
        await lab.machine(node).write(`/etc/ha.d/rc.d/${type}`, hook, "755");
    const told = (node: string) => lab.machine(node).read("/var/log/hooks").split("\n").slice(0, -1);
    await lab.start();
    await lab.until("each runs its own", () => lab.runs("fox", "svcA") && lab.runs("owl", "svcC"), 40);
    const line = 'printf ">>>\\nt=mytype\\nfoo=bar baz\\n<<<\\n" > /var/lib/heartbeat/fifo';
    await lab.exec("owl", ["sh", "-c", line]);
    await lab.exec("fox", ["sh", "-c", line]);
    const cwd = "/var/lib/heartbeat/cores/root";
    for (const node of ["fox", "owl"])
      for (const from of ["fox", "owl"])
        await lab.until(`${node} hears of the message of ${from}`, () =>
          told(node).some((each) =>
            each.startsWith(`mytype src=${from} st= was=active foo=bar baz my=hello cur=${node} ${cwd}`),
          ),
        );
    await lab.crash("fox");
    await lab.until("owl hears of the death", () =>
      told("owl").some((each) => each.startsWith("status src=fox st=dead was=active")),
    );
    await lab.until("and of what fencing said", () => told("owl").some((each) => each.startsWith("stonith src=owl")));
    await lab.until("and of the link", () => told("owl").some((each) => each.startsWith("ifstat src= st=dead")));
    await lab.until("and has taken over, once", () => lab.runs("owl", "svcA"));
    assert.equal(lab.calls("owl").filter((call) => call.endsWith(" svcA start")).length, 1);
    assert.deepEqual(
      told("owl").filter((each) => /^(?:starting|shutdone|hb_takeover)/.test(each)),
      [],
    );
    assert.ok(told("owl").some((each) => each.startsWith("status src=fox st=up was=")));
    await lab.logged("owl", /harc.*info: Running \/etc\/ha.d\/rc.d\/mytype mytype/);
    assert.deepEqual(lab.complaints("owl"), []);
  });
});
