import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import test from "node:test";
import type { AddressSpec } from "../../src/agents/resource.ts";
import type { HeldAddress } from "../../src/core/input.ts";
import { type AddressDriver, openAddressDriver } from "../../src/drivers/address.ts";
import { Netlink } from "../../src/drivers/netlink.ts";
import { errnoName } from "../../src/drivers/sys/errno.ts";
import { family, packetAddress, socketType } from "../../src/drivers/sys/socket.ts";
import { loadSystem } from "../../src/drivers/sys/system.ts";
import { cable, inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

function open(): AddressDriver {
  const driver = openAddressDriver();
  assert.ok(driver.ok, driver.ok ? "" : driver.error.says);
  return driver.value;
}

inNetworkNamespace(import.meta.url, () => {
  cable({ name: "left", address: "10.9.0.1/24" }, { name: "right", address: "10.9.0.2/24" });
  const driver = open();
  test.after(() => driver.close());
  const service: AddressSpec = { ip: "10.9.0.10" };

  test("an address comes and goes; doing either twice is a success", () => {
    assert.deepEqual(driver.perform("status", service), { result: "absent" });
    assert.deepEqual(driver.perform("remove", service), { result: "absent" });
    const spec = { ...service, prefix: 24, device: "left" };
    const held: HeldAddress = { ip: "10.9.0.10", prefix: 24, device: "left", broadcast: "10.9.0.255" };
    assert.deepEqual(driver.perform("add", spec), { result: "present", address: held });
    assert.match(ip("-4 address show dev left"), /inet 10\.9\.0\.10\/24 brd 10\.9\.0\.255 scope global secondary left/);
    assert.deepEqual(driver.perform("add", spec), { result: "present", address: held });
    assert.deepEqual(driver.perform("status", spec), { result: "present", address: held });
    assert.deepEqual(driver.perform("remove", spec), { result: "absent" });
    assert.deepEqual(driver.perform("remove", spec), { result: "absent" });
    assert.doesNotMatch(ip("-4 address show"), /10\.9\.0\.10/);
  });

  test("removing the first address of a subnet leaves the others where they are", () => {
    const spec = (host: number): AddressSpec => ({ ip: `10.66.0.${host}`, prefix: 24, device: "left" });
    driver.perform("add", spec(1));
    driver.perform("add", { ...spec(2), device: "left:web" });
    driver.perform("add", spec(3));
    assert.deepEqual(driver.perform("remove", spec(1)), { result: "absent" });
    assert.equal(driver.perform("status", spec(2)).result, "present");
    assert.equal(driver.perform("status", spec(3)).result, "present");
    assert.match(ip("-4 address show dev left"), /10\.66\.0\.2\/24 brd 10\.66\.0\.255 scope global left:web/);
    for (const host of [2, 3]) assert.deepEqual(driver.perform("remove", spec(host)), { result: "absent" });
  });

  test("the kernel's own words: what is there, what is not, what has no interface", () => {
    const netlink = Netlink.open();
    assert.ok(netlink.ok);
    test.after(() => netlink.value.close());
    const change = { ip: "10.9.0.20", prefix: 24, ifindex: Number(/^(\d+)/.exec(ip("-o link show left"))?.[1]) };
    const names = [
      netlink.value.addAddress(change),
      netlink.value.addAddress(change),
      netlink.value.deleteAddress(change),
      netlink.value.deleteAddress(change),
      netlink.value.addAddress({ ...change, ifindex: 4711 }),
    ].map((answer) => (answer.errno === 0 ? "done" : errnoName(answer.errno)));
    assert.deepEqual(names, ["done", "EEXIST", "done", "EADDRNOTAVAIL", "ENODEV"]);
  });

  test("without interface and prefix the best route decides", () => {
    ip("route add 10.20.0.0/16 dev right");
    const outcome = driver.perform("add", { ip: "10.20.1.1" });
    assert.deepEqual(outcome, {
      result: "present",
      address: { ip: "10.20.1.1", prefix: 16, device: "right", broadcast: "10.20.255.255" },
    });
    driver.perform("remove", { ip: "10.20.1.1" });
  });

  test("what cannot be done says why, and what there is", () => {
    const missing = driver.perform("add", { ...service, prefix: 24, device: "eth7" });
    assert.deepEqual(missing, {
      result: "failed",
      says: "there is no network interface eth7",
      advice: "there are: lo, right, left",
    });
    const unreachable = driver.perform("add", { ip: "192.168.77.1" });
    assert.match(
      unreachable.result === "failed" ? unreachable.says : "",
      /no interface has a route to 192\.168\.77\.1/,
    );
  });

  test("a release removes the address wherever it is, and one whose interface is gone", () => {
    ip("address add 10.9.0.11/32 dev right");
    assert.equal(driver.perform("status", { ip: "10.9.0.11", device: "left", prefix: 24 }).result, "present");
    assert.equal(driver.perform("remove", { ip: "10.9.0.11", device: "left", prefix: 24 }).result, "absent");
    assert.doesNotMatch(ip("-4 address show"), /10\.9\.0\.11/);
    assert.equal(driver.perform("remove", { ip: "10.9.0.12", device: "eth7", prefix: 24 }).result, "absent");
  });

  test("an interface that came since the last look is found", (t) => {
    t.mock.method(performance, "now", () => 0); // what is known stays known
    assert.equal(driver.perform("status", { ip: "10.31.0.1" }).result, "absent");
    ip("link add late type veth peer name late2");
    assert.equal(driver.perform("add", { ip: "10.31.0.1", prefix: 24, device: "late" }).result, "present");
    assert.equal(driver.perform("add", { ip: "10.31.0.2", prefix: 24, device: "never" }).result, "failed");
    driver.perform("remove", { ip: "10.31.0.1" });
  });

  test("whether an address could be added is found out without adding it", (t) => {
    const late = { ip: "10.9.0.30", prefix: 24, device: "later" };
    assert.equal(driver.perform("could-add", late).result, "failed");
    ip("link add later type veth peer name later2");
    t.after(() => ip("link del later"));
    const asked = (): string => driver.perform("could-add", late).result;
    const began = performance.now();
    while (asked() === "failed" && performance.now() - began < 5000); // what was seen is known for some milliseconds
    assert.equal(asked(), "absent");
    assert.doesNotMatch(ip("-4 address show"), /10\.9\.0\.30/);
    driver.perform("add", late);
    assert.equal(asked(), "present");
    driver.perform("remove", late);
    assert.equal(driver.perform("could-add", { ip: "192.168.77.1" }).result, "failed", "no route leads there");
  });

  test("an interface that is down is brought up; a label is kept", () => {
    ip("link add dev idle type veth peer name idle2");
    assert.equal(driver.perform("add", { ip: "10.30.0.1", prefix: 24, device: "idle:web" }).result, "present");
    assert.match(ip("address show dev idle"), /,UP.*10\.30\.0\.1\/24.*idle:web/s);
    driver.perform("remove", { ip: "10.30.0.1" });
  });

  test("announcing: the far end of the cable sees one ARP request and one reply", async () => {
    const outcome = driver.perform("add", { ip: "10.9.0.10", prefix: 24, device: "left" });
    assert.ok(outcome.result === "present");
    const system = loadSystem();
    assert.ok(system.ok);
    const listener = system.value.socket(family.packet, socketType.raw | socketType.nonBlocking, 0);
    const index = Number(/^(\d+): right/m.exec(ip("-o link show right"))?.[1]);
    assert.equal(system.value.bind(listener, packetAddress(index, 0x0806, new Uint8Array(6))), 0);

    assert.equal(driver.announce(outcome.address), undefined);
    const mac = /link\/ether (\S+)/.exec(ip("-o link show left"))?.[1]?.replaceAll(":", "") ?? "";
    const seen: string[] = [];
    const frame = new Uint8Array(100);
    await until("two frames", () => {
      for (;;) {
        const length = system.value.receive(listener, frame);
        if (length < 0) break;
        const hex = Buffer.from(frame.subarray(0, length)).toString("hex");
        if (hex.includes("0a09000a")) seen.push(hex); // not the kernel's own questions
      }
      return seen.length >= 2;
    });
    const head = `ffffffffffff${mac}080600010800060400`;
    assert.deepEqual(seen, [`${head}01${mac}0a09000a0000000000000a09000a`, `${head}02${mac}0a09000a${mac}0a09000a`]);
    system.value.close(listener);
    driver.perform("remove", { ip: "10.9.0.10" });
    assert.equal(driver.announce({ ...outcome.address, device: "eth7" })?.code, "no-such-interface");
    assert.equal(driver.announce({ ...outcome.address, device: "lo" }), undefined);
  });

  test("IPv6: an address comes and goes, at once, where its interface has a route to it", () => {
    ip("-6 address add fd09::1/64 dev left nodad");
    const held: HeldAddress = { ip: "fd09::10", prefix: 64, device: "left" };
    assert.deepEqual(driver.perform("status", { ip: "fd09::10" }), { result: "absent" });
    assert.deepEqual(driver.perform("add", { ip: "fd09::10" }), { result: "present", address: held });
    assert.match(ip("-6 address show dev left"), /inet6 fd09::10\/64 scope global nodad/);
    assert.deepEqual(driver.perform("add", { ip: "fd09::10" }), { result: "present", address: held });
    const written = { ip: "fd09::11", prefix: 128, device: "right" };
    assert.deepEqual(driver.perform("add", written), { result: "present", address: written });
    assert.deepEqual(driver.perform("status", { ip: "fd09::11" }), { result: "present", address: written });
    for (const each of ["fd09::10", "fd09::11"]) {
      assert.deepEqual(driver.perform("remove", { ip: each }), { result: "absent" });
      assert.deepEqual(driver.perform("remove", { ip: each }), { result: "absent" });
    }
    assert.doesNotMatch(ip("-6 address show"), /fd09::1[01]/);
    assert.match(ip("-6 route show"), /fd09::\/64 dev left/); // the other address of the subnet keeps its route
    const lost = driver.perform("add", { ip: "fd10::1" });
    assert.match(lost.result === "failed" ? `${lost.says}: ${lost.advice}` : "", /fd10::1: .*fd10::1\/64\/INTERFACE/);
  });

  test("announcing an IPv6 address: the far end sees one advertisement, from a router if this is one", async () => {
    const outcome = driver.perform("add", { ip: "fd09::10", prefix: 64, device: "left" });
    assert.ok(outcome.result === "present");
    const system = loadSystem();
    assert.ok(system.ok);
    const listener = system.value.socket(family.packet, socketType.raw | socketType.nonBlocking, 0);
    const index = Number(/^(\d+): right/m.exec(ip("-o link show right"))?.[1]);
    assert.equal(system.value.bind(listener, packetAddress(index, 0x86dd, new Uint8Array(6))), 0);
    const frame = new Uint8Array(200);
    const flags: string[] = [];
    const advertised = () => {
      for (;;) {
        const length = system.value.receive(listener, frame);
        if (length < 0) return flags.length;
        const hex = Buffer.from(frame.subarray(0, length)).toString("hex");
        const [, flag] = /^333300000001.*8800....(..)000000fd090000000000000000000000000010/.exec(hex) ?? [];
        if (flag !== undefined) flags.push(flag);
      }
    };
    assert.equal(driver.announce(outcome.address), undefined);
    await until("the advertisement", () => advertised() === 1);
    writeFileSync("/proc/sys/net/ipv6/conf/left/forwarding", "1");
    assert.equal(driver.announce(outcome.address), undefined);
    await until("another", () => advertised() === 2);
    assert.deepEqual(flags, ["20", "a0"]);
    system.value.close(listener);
    driver.perform("remove", { ip: "fd09::10" });
  });
});
