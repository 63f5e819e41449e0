import assert from "node:assert/strict";
import test from "node:test";
import type { Input } from "../../src/core/input.ts";
import { watchAddresses } from "../../src/daemon/addresses.ts";
import { cable, inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

inNetworkNamespace(import.meta.url, () => {
  cable({ name: "left", address: "10.9.0.1/24" }, { name: "right", address: "10.9.0.2/24" });

  test("a cable that is in again, and a service address that goes, are told; others are not", async () => {
    const inputs: Input[] = [];
    const end = watchAddresses(
      new Set(["10.9.0.10"]),
      (input) => inputs.push(input),
      (_id, level, text) => assert.fail(`${level}: ${text}`),
    );
    ip("address add 10.9.0.10/24 dev left");
    ip("address add 10.9.0.11/24 dev left");
    ip("address del 10.9.0.11/24 dev left");
    ip("address del 10.9.0.10/24 dev left");
    await until("the loss is told", () => inputs.length > 0);
    assert.deepEqual(inputs.splice(0), [{ on: "address-gone", ip: "10.9.0.10" }]);
    ip("link set right down"); // the other end of the cable: carrier lost
    ip("link set right up");
    const up = (device: string) => inputs.some((input) => input.on === "interface-up" && input.device === device);
    await until("the link is back", () => up("left") && up("right"));
    end();
  });

  test("without addresses nothing is watched", () => {
    const nothing = (): void => assert.fail("nothing is fed or said");
    watchAddresses(new Set(), nothing, nothing)();
  });
});
