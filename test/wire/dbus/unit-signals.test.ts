import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { DbusFramer, messageMax } from "../../../src/wire/dbus/message.ts";
import { UnitSignals, type UnitTurn } from "../../../src/wire/dbus/unit-signals.ts";
import { answerTo, dbusMessage, errorTo, pathOf, readCall, unitChange } from "../../support/fake-bus.ts";

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

function hear(signals: UnitSignals, bytes: Uint8Array): Extract<UnitTurn, { is: "talking" }> {
  const turn = signals.hear(bytes);
  assert.ok(turn.is === "talking", JSON.stringify(turn));
  return turn;
}

/** One that has heard everything but signals. */
function listening(units: readonly string[]): UnitSignals {
  const signals = new UnitSignals(units, 0);
  let turn = hear(signals, Buffer.from("OK 12ab\r\n"));
  for (let serial = 1; !turn.ready; serial++) {
    const unit = units[serial - 5];
    turn = hear(signals, answerTo(serial, unit === undefined ? [] : [["o", pathOf(unit)]]));
  }
  return signals;
}

test("it logs in, asks for what it wants to hear, one call at a time, and is ready", () => {
  const signals = new UnitSignals(["web.service"], 1000);
  assert.equal(text(signals.open()), "\0AUTH EXTERNAL 31303030\r\n");
  const greeted = text(hear(signals, Buffer.from("OK 12ab\r\n")).send);
  assert.match(greeted, /^BEGIN\r\nl/);
  const calls = [greeted.slice(7)];
  for (let serial = 1; serial <= 5; serial++) {
    const answer = serial === 5 ? answerTo(5, [["o", pathOf("web.service")]]) : answerTo(serial, []);
    const { send, ready } = hear(signals, answer);
    assert.equal(ready, serial === 5);
    if (send.length > 0) calls.push(text(send));
  }
  const members = ["Hello", "AddMatch", "AddMatch", "Subscribe", "LoadUnit"];
  for (const [i, member] of members.entries()) {
    const call = Buffer.from(calls[i] ?? "", "latin1");
    assert.deepEqual([readCall(call).serial, readCall(call).size], [i + 1, call.length]);
    assert.ok(text(call).includes(`\x03\x01s\0${String.fromCharCode(member.length)}\0\0\0${member}\0`), member);
  }
  assert.equal(calls.length, members.length);
});

test("a unit that becomes inactive or failed is told of, in either byte order, and in pieces", () => {
  const signals = listening(["web.service", "db.service"]);
  assert.deepEqual(hear(signals, unitChange("web.service", "failed")).down, ["web.service"]);
  assert.deepEqual(hear(signals, unitChange("db.service", "inactive", { little: false })).down, ["db.service"]);
  const bytes = Buffer.concat([unitChange("db.service", "failed"), unitChange("web.service", "inactive")]);
  const heard = [...bytes].flatMap((byte) => hear(signals, Buffer.of(byte)).down);
  assert.deepEqual(heard, ["db.service", "web.service"]);
});

test("two names of one unit are both told of", () => {
  const signals = new UnitSignals(["a.service", "b.service"], 0);
  hear(signals, Buffer.from("OK 12ab\r\n"));
  for (let serial = 1; serial <= 6; serial++)
    hear(signals, answerTo(serial, serial < 5 ? [] : [["o", pathOf("a.service")]]));
  assert.deepEqual(hear(signals, unitChange("a.service", "failed")).down, ["a.service", "b.service"]);
});

test("what is no end of a watched unit is not told of, nor what another connection says", () => {
  const signals = listening(["web.service"]);
  for (const other of [
    unitChange("web.service", "active"),
    unitChange("web.service", "deactivating"),
    unitChange("other.service", "failed"),
    unitChange("web.service", "failed", { sender: ":1.66" }),
    unitChange("web.service", "failed", { of: "org.freedesktop.systemd1.Service" }),
    answerTo(99, [["s", "failed"]]),
  ])
    assert.deepEqual(hear(signals, other).down, []);
  assert.deepEqual(hear(signals, unitChange("web.service", "failed")).down, ["web.service"], "it still listens");
});

test("a unit that does not exist is not told of, and the others are", () => {
  const signals = new UnitSignals(["missing.service", "web.service"], 0);
  hear(signals, Buffer.from("OK 12ab\r\n"));
  for (let serial = 1; serial <= 4; serial++) hear(signals, answerTo(serial, []));
  hear(signals, errorTo(5, "org.freedesktop.systemd1.NoSuchUnit"));
  assert.equal(hear(signals, answerTo(6, [["o", pathOf("web.service")]])).ready, true);
  assert.deepEqual(hear(signals, unitChange("web.service", "failed")).down, ["web.service"]);
});

test("it ends where the bus refuses, where systemd has gone, and where there is no bus", () => {
  const says = (signals: UnitSignals, bytes: Uint8Array): string => {
    const turn = signals.hear(bytes);
    return turn.is === "wrong" ? turn.says : "";
  };
  assert.equal(says(new UnitSignals([], 0), Buffer.from("REJECTED EXTERNAL\r\n")), "the bus refuses the login");
  assert.equal(says(new UnitSignals([], 0), Buffer.alloc(2000, 65)), "it is no bus");
  const refused = new UnitSignals([], 0);
  hear(refused, Buffer.from("OK 12ab\r\n"));
  assert.equal(
    says(refused, errorTo(1, "org.freedesktop.DBus.Error.LimitsExceeded")),
    "Hello: org.freedesktop.DBus.Error.LimitsExceeded",
  );
  assert.equal(says(listening([]), Buffer.alloc(16, 65)), "the bus says what is no message");
  const huge = Buffer.from(unitChange("web.service", "failed"));
  huge.writeUInt32LE(messageMax, 4);
  assert.equal(says(listening([]), huge), "the bus says what is no message");
  const gone = dbusMessage(
    "signal",
    [
      [1, ["o", "/org/freedesktop/DBus"]],
      [2, ["s", "org.freedesktop.DBus"]],
      [3, ["s", "NameOwnerChanged"]],
      [7, ["s", "org.freedesktop.DBus"]],
    ],
    [
      ["s", "org.freedesktop.systemd1"],
      ["s", ":1.0"],
      ["s", ":1.7"],
    ],
  );
  assert.equal(says(listening([]), gone), "systemd has another connection to the bus");
});

test("no bytes make it throw, hang or invent a unit", () => {
  const good = Buffer.concat([unitChange("web.service", "active"), unitChange("web.service", "reloading")]);
  const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 6 });
  fc.assert(
    fc.property(damage, (places) => {
      const bytes = Buffer.from(good);
      for (const [at, value] of places) bytes[at] = value;
      const turn = listening(["web.service"]).hear(bytes);
      assert.ok(turn.is === "wrong" || turn.down.every((unit) => unit === "web.service"));
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const framer = new DbusFramer();
      framer.push(Buffer.concat([Buffer.from("l\x04\0\x01", "latin1"), bytes]));
    }),
    { numRuns: 2000 },
  );
});
