import assert from "node:assert/strict";
import test from "node:test";
import { gratuitousArp } from "../../../src/wire/packets/arp.ts";

const mac = Uint8Array.from([2, 0, 0, 0, 0, 1]);
const hex = (operation: "request" | "reply") =>
  Buffer.from(gratuitousArp({ mac, ip: "10.0.0.10", operation })).toString("hex");

test("gratuitous ARP: sender and target are the announced address, in both forms", () => {
  const head = "ffffffffffff02000000000108060001080006040";
  assert.equal(hex("request"), `${head}0010200000000010a00000a0000000000000a00000a`);
  assert.equal(hex("reply"), `${head}0020200000000010a00000a0200000000010a00000a`);
});
