import assert from "node:assert/strict";
import test from "node:test";
import type { Fault } from "../../src/base/fault.ts";
import { instant, mediumName } from "../../src/base/units.ts";
import { complaintInterval, Media } from "../../src/daemon/media.ts";

const down: Fault = { code: "network-down", says: "network is down" };

test("a medium that cannot send does not silence the others, and complains at most once a minute", () => {
  let now = 0;
  let fault: Fault | undefined;
  const sent: string[] = [];
  const log: string[] = [];
  const media = new Media({ instant: () => instant(now) }, (_id, level, text) => log.push(`${level} ${text}`));
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

test("a serial line gets the text of a message, and nothing where there is none", () => {
  const sent: string[] = [];
  const media = new Media({ instant: () => instant(0) }, () => {});
  const driver = (name: string) => ({
    name,
    send: (bytes: Uint8Array) => void sent.push(`${name} ${Buffer.from(bytes)}`),
    close: () => void sent.push(`${name} closed`),
  });
  media.add(driver("eth0"));
  media.add(driver("ttyS0"), "text");
  media.addPing(driver("router"));
  media.send(Buffer.from("frame"), Buffer.from("text"));
  media.send(Buffer.from("nested"));
  media.ping(mediumName("router"), Buffer.from("echo"));
  media.ping(mediumName("nobody"), Buffer.from("echo"));
  media.close();
  media.close();
  assert.deepEqual(sent, [
    "eth0 frame",
    "ttyS0 text",
    "eth0 nested",
    "router echo",
    "eth0 closed",
    "ttyS0 closed",
    "router closed",
  ]);
});
