import assert from "node:assert/strict";
import test from "node:test";
import { chooseAddress } from "../../src/drivers/address-choice.ts";
import type { Link, Route } from "../../src/wire/packets/netlink.ts";

const link = (ifindex: number, name: string): Link => ({
  ifindex,
  name,
  mac: new Uint8Array(6),
  hardwareType: 1,
  up: true,
  carrier: true,
});
const links = [link(1, "lo"), link(2, "eth0"), link(3, "eth1")];
const routes: Route[] = [
  { destination: "0.0.0.0", prefix: 0, metric: 0, ifindex: 2 },
  { destination: "10.0.0.0", prefix: 8, metric: 0, ifindex: 2 },
  { destination: "10.1.2.0", prefix: 24, metric: 100, ifindex: 2 },
  { destination: "10.1.2.0", prefix: 24, metric: 50, ifindex: 3 },
  { destination: "10.1.2.128", prefix: 32, metric: 0, ifindex: 2 },
];

const chosen = (...args: Parameters<typeof chooseAddress>) => {
  const result = chooseAddress(...args);
  return result.ok ? `${result.value.prefix} ${result.value.device} ${result.value.broadcast}` : result.error.code;
};

const rows: [string, Parameters<typeof chooseAddress>[0], string][] = [
  ["all written", { ip: "10.1.2.3", prefix: 20, device: "eth0", broadcast: "10.1.15.254" }, "20 eth0 10.1.15.254"],
  ["most specific route, then lowest metric", { ip: "10.1.2.3" }, "24 eth1 10.1.2.255"],
  ["a host route is a route", { ip: "10.1.2.128" }, "32 eth0 10.1.2.128"],
  ["wider route", { ip: "10.200.0.1" }, "8 eth0 10.255.255.255"],
  ["prefix written, device from the route", { ip: "10.1.2.3", prefix: 28 }, "28 eth1 10.1.2.15"],
  ["device written, prefix from its own route", { ip: "10.1.2.3", device: "eth0" }, "24 eth0 10.1.2.255"],
  ["default route with a prefix", { ip: "172.16.0.1", prefix: 30 }, "30 eth0 172.16.0.3"],
  ["default route without one", { ip: "172.16.0.1" }, "no-prefix"],
  ["no such device", { ip: "10.1.2.3", prefix: 24, device: "eth9" }, "no-such-interface"],
  ["a label", { ip: "10.1.2.3", prefix: 24, device: "eth0:web" }, "24 eth0 10.1.2.255"],
  ["not an address", { ip: "10.1.2.300" }, "bad-address"],
];
for (const [name, spec, expected] of rows)
  test(`service address: ${name}`, () => assert.equal(chosen(spec, links, routes), expected));

test("service address: no route at all lists what exists", () => {
  const result = chooseAddress({ ip: "10.1.2.3" }, links, []);
  assert.equal(
    result.ok ? "" : `${result.error.code}: ${result.error.advice}`,
    "no-route: write prefix and interface: 10.1.2.3/24/INTERFACE, with one of lo, eth0, eth1",
  );
});
