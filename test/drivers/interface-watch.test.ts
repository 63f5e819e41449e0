import assert from "node:assert/strict";
import test from "node:test";
import { type InterfaceChange, Netlink, watchInterfaces } from "../../src/drivers/netlink.ts";
import { inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

inNetworkNamespace(import.meta.url, () => {
  test("more changes than the socket holds: told as lost, and later ones are still seen", async () => {
    const netlink = Netlink.open();
    assert.ok(netlink.ok);
    const changes: InterfaceChange[] = [];
    const watching = watchInterfaces((change) => changes.push(change));
    assert.ok(watching.ok, watching.ok ? "" : watching.error.says);
    // All in one turn, so that nobody reads meanwhile.
    const loopback = Number(/^(\d+)/.exec(ip("-o link show lo"))?.[1]);
    for (let round = 0; round < 2000; round++) {
      const change = { ip: "10.77.0.1", prefix: 32, ifindex: loopback };
      netlink.value.addAddress(change);
      netlink.value.deleteAddress(change);
    }
    await until("the loss is told", () => changes.includes("lost"));
    // While the socket is still full a change may be lost, too, and is told as such: so change again until one is seen.
    await until("a change after the loss is seen", () => {
      ip("address replace 10.77.0.9/32 dev lo");
      ip("address delete 10.77.0.9/32 dev lo");
      return changes.some(
        (change) => change !== "lost" && change.kind === "address" && change.address.ip === "10.77.0.9",
      );
    });
    watching.value();
    netlink.value.close();
  });
});
