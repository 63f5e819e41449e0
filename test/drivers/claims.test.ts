import assert from "node:assert/strict";
import test from "node:test";
import { type Claim, watchClaims } from "../../src/drivers/claims.ts";
import { family, packetAddress, socketType } from "../../src/drivers/sys/socket.ts";
import { loadSystem } from "../../src/drivers/sys/system.ts";
import { gratuitousArp } from "../../src/wire/packets/arp.ts";
import { allNodesMac, unsolicitedAdvertisement } from "../../src/wire/packets/neighbour.ts";
import { cable, inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

inNetworkNamespace(import.meta.url, () => {
  cable({ name: "left", address: "10.9.0.1/24" }, { name: "right", address: "10.9.0.2/24" });
  const loaded = loadSystem();
  assert.ok(loaded.ok);
  const system = loaded.value;
  const fd = system.socket(family.packet, socketType.raw | socketType.closeOnExec, 0);
  const right = Number(/^(\d+)/.exec(ip("-o link show right"))?.[1]);
  const everybody = new Uint8Array(6).fill(0xff);
  /** Puts a frame onto the cable, as any machine at its other end could. */
  const say = (sender: string, mac: readonly number[], operation: "request" | "reply" = "reply"): void => {
    const frame = gratuitousArp({ mac: Uint8Array.from(mac), ip: sender, operation });
    assert.ok(system.send(fd, frame, packetAddress(right, 0x0806, everybody)) > 0);
  };
  const stranger = [2, 0, 0, 0, 0, 0x66];

  test("who announces one of our addresses is told, with hardware address and interface; others are not", async () => {
    const claims: Claim[] = [];
    const watching = watchClaims(["10.9.0.10", "10.9.0.11"], (claim) => claims.push(claim));
    assert.ok(watching.ok, watching.ok ? "" : watching.error.says);
    say("10.9.0.12", stranger);
    say("10.9.0.10", stranger);
    say("10.9.0.11", stranger, "request");
    await until("two claims", () => claims.length >= 2);
    assert.deepEqual(claims, [
      { ip: "10.9.0.10", mac: "02:00:00:00:00:66", device: "left" },
      { ip: "10.9.0.11", mac: "02:00:00:00:00:66", device: "left" },
    ]);
    watching.value();
  });

  test("who advertises one of our IPv6 addresses is told as well, beside those of version 4", async () => {
    const claims: Claim[] = [];
    const watching = watchClaims(["10.9.0.10", "fd09::10"], (claim) => claims.push(claim));
    assert.ok(watching.ok, watching.ok ? "" : watching.error.says);
    const advertise = (address: string): void => {
      const frame = unsolicitedAdvertisement({ mac: Uint8Array.from(stranger), ip: address, router: false });
      assert.ok(system.send(fd, frame, packetAddress(right, 0x86dd, allNodesMac)) > 0);
    };
    advertise("fd09::11");
    advertise("fd09::10");
    say("10.9.0.10", stranger);
    await until("two claims", () => claims.length >= 2);
    assert.deepEqual(claims.map(({ ip: claimed, mac, device }) => `${claimed} ${mac} ${device}`).sort(), [
      "10.9.0.10 02:00:00:00:00:66 left",
      "fd09::10 02:00:00:00:00:66 left",
    ]);
    watching.value();
  });

  test("frames of our own interfaces are no claims, and a flood is no more than ten a second", async () => {
    const claims: Claim[] = [];
    const watching = watchClaims(["10.9.0.10"], (claim) => claims.push(claim));
    assert.ok(watching.ok);
    const own = /link\/ether (\S+)/.exec(ip("-o link show right"))?.[1] ?? "";
    say(
      "10.9.0.10",
      own.split(":").map((byte) => Number.parseInt(byte, 16)),
    );
    const began = performance.now();
    for (let count = 0; count < 2000; count++) say("10.9.0.10", stranger);
    await until("the flood is noticed", () => claims.length > 0);
    assert.equal(claims[0]?.mac, "02:00:00:00:00:66");
    assert.ok(claims.length <= 1 + (performance.now() - began) / 100, `${claims.length} claims`);
    watching.value();
    say("10.9.0.10", stranger); // nobody listens any more, and nothing breaks
    system.close(fd);
  });
});
