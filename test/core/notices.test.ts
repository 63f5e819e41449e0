import assert from "node:assert/strict";
import test from "node:test";
import { Notices } from "../../src/core/notices.ts";
import { binary, type Message, text } from "../../src/wire/message.ts";

const status: Message = [text("t", "status"), text("st", "dead"), text("src", "owl")];

test("only types with a file of exactly that name, told in lower case", () => {
  const notices = new Notices(new Set(["status", "MyType", "x".repeat(40)]), false);
  assert.deepEqual(notices.of(status, "active"), [
    {
      do: "notify",
      type: "status",
      fields: { HA_t: "status", HA_st: "dead", HA_src: "owl" },
      environment: { HA_OSTATUS: "active", HA_NICEFAILBACK: "yes" },
    },
  ]);
  assert.deepEqual(notices.of([text("t", "mytype")], "active"), []);
  assert.equal(
    notices.of([text("t", "MyType")], "active").map((effect) => effect.do === "notify" && effect.type)[0],
    "mytype",
  );
  assert.deepEqual(notices.of([text("t", "x".repeat(40))], "active"), []);
  assert.deepEqual(notices.of([text("st", "up")], "active"), []);
});

test("fields that no environment can carry are left out, of two the first counts", () => {
  const [effect] = new Notices(new Set(["x"]), true).of(
    [
      text("t", "x"),
      text("a b", "1"),
      text("zero", "a\0b"),
      text("long", "y".repeat(40_000)),
      binary("bytes", new Uint8Array(3)),
      text("name", "r\xc3\xa9seau"),
      text("name", "second"),
    ],
    undefined,
  );
  assert.deepEqual(effect, { do: "notify", type: "x", fields: { HA_t: "x", HA_name: "r\u00e9seau" }, environment: {} });
});
