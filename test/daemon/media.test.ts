import assert from "node:assert/strict";
import test from "node:test";
import type { Fault } from "../../src/base/fault.ts";
import { instant } from "../../src/base/units.ts";
import { complaintInterval, Media } from "../../src/daemon/media.ts";

const down: Fault = { code: "network-down", says: "network is down" };

test("a medium that cannot send does not silence the others, and complains at most once a minute", () => {
  let now = 0;
  let fault: Fault | undefined;
  const sent: string[] = [];
  const log: string[] = [];
  const media = new Media({ instant: () => instant(now) }, (level, text) => log.push(`${level} ${text}`));
  media.add({ name: "eth0", send: () => fault, close: () => sent.push("closed eth0") });
  media.add({ name: "eth1", send: (bytes) => void sent.push(String(bytes[0])), close: () => sent.push("closed eth1") });

  const rows: readonly [at: number, fault: Fault | undefined, logged: readonly string[]][] = [
    [0, undefined, []],
    [1000, down, ["error Cannot send on eth0: network is down"]],
    [2000, down, []],
    [3000, undefined, ["info Sending on eth0 works again; lost: 2"]],
    [4000, down, []], // flapping: one line a minute is enough
    [5000, undefined, []],
    [1000 + complaintInterval, down, ["error Cannot send on eth0: network is down"]],
  ];
  for (const [at, outcome, logged] of rows) {
    now = at;
    fault = outcome;
    media.send(Uint8Array.of(7));
    assert.deepEqual(log.splice(0), logged, `at ${at}`);
  }
  media.close();
  assert.deepEqual(sent, [...Array(rows.length).fill("7"), "closed eth0", "closed eth1"]);
});
