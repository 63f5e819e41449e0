/** The words behind the names that are built in: what each means, and what nobody may write. */
import assert from "node:assert/strict";
import test from "node:test";
import { builtIns } from "../../src/agents/built-in.ts";

const read = (token: string) => {
  const [name = "", ...args] = token.split("::");
  return builtIns.get(name)?.(args);
};
const value = (token: string) => {
  const found = read(token);
  assert.ok(found?.ok, `${token}: ${found?.ok === false ? found.error : "not built in"}`);
  return found.value;
};

test("a file system: device, directory, type and options, in this order", () => {
  const name = "Filesystem";
  assert.deepEqual(value("Filesystem::/dev/sdb1::/srv"), { name, source: "/dev/sdb1", directory: "/srv" });
  assert.deepEqual(value("Filesystem::nas:/export/a::/srv/::nfs4::ro,soft"), {
    ...{ name, source: "nas:/export/a", directory: "/srv" },
    ...{ type: "nfs4", options: "ro,soft" },
  });
  assert.deepEqual(value("Filesystem::/a::/b::none::bind"), {
    ...{ name, source: "/a", directory: "/b", type: "none", options: "bind" },
  });
});

test("a label and a UUID may be written in three ways each", () => {
  const source = (device: string) => {
    const found = value(`Filesystem::${device}::/srv`);
    return found.name === "Filesystem" ? found.source : "";
  };
  for (const form of ["-Ldata", "--label=data", "LABEL=data"]) assert.equal(source(form), "LABEL=data");
  for (const form of ["-U1-2", "--uuid=1-2", "UUID=1-2"]) assert.equal(source(form), "UUID=1-2");
});

test("a delay: seconds of the start, and of the stop, which are the same where none are written", () => {
  const name = "Delay";
  assert.deepEqual(value("Delay"), { name, start: 10_000, stop: 10_000 });
  assert.deepEqual(value("Delay::5"), { name, start: 5000, stop: 5000 });
  assert.deepEqual(value("Delay::0.5::2"), { name, start: 500, stop: 2000 });
});

test("mail: addresses and a subject", () => {
  const name = "MailTo";
  assert.deepEqual(value("MailTo::root"), { name, recipients: ["root"], subject: "" });
  assert.deepEqual(value("MailTo::a@b.org,c@d.org::web"), { name, recipients: ["a@b.org", "c@d.org"], subject: "web" });
});

test("an announcement: address and interface, as the original's script reads it, or address, prefix and interface", () => {
  assert.deepEqual(value("SendArp::10.0.0.1/eth0"), { name: "SendArp", ip: "10.0.0.1", device: "eth0" });
  assert.deepEqual(value("SendArp::10.0.0.1/24"), { name: "SendArp", ip: "10.0.0.1" });
  assert.deepEqual(value("SendArp::10.0.0.1/24/eth0"), { name: "SendArp", ip: "10.0.0.1", device: "eth0" });
  assert.deepEqual(value("SendArp::10.0.0.1"), { name: "SendArp", ip: "10.0.0.1" });
});

test("what is not meant so gets the right form in return, and nothing can be taken for an option", () => {
  const wrong = [
    ...["Filesystem", "Filesystem::/dev/sdb1", "Filesystem::/dev/sdb1::srv", "Filesystem::/dev/sdb1::/"],
    ...["Filesystem::-a::/srv", "Filesystem::/dev/sdb1::/srv::-a", "Filesystem::/dev/sdb1::/srv/../etc"],
    ...["Filesystem::-L::/srv", "Filesystem::/dev/sdb1::/srv::ext4::ro::more"],
    ...["Delay::soon", "Delay::-1", "Delay::1::2::3", "Delay::1e9"],
    ...["MailTo", "MailTo::-oQ/tmp", "MailTo::a@b,-X/etc/passwd", "MailTo::a@b::x::y", "MailTo::a@b::x\nBcc: c@d"],
    ...["SendArp", "SendArp::10.0.0", "SendArp::10.0.0.256/24/eth0", "SendArp::10.0.0.1/24/eth0/more"],
  ];
  for (const token of wrong) {
    const found = read(token);
    assert.ok(found?.ok === false, token);
    assert.match(found.error, new RegExp(`write: ${token.split("::")[0]}::`));
  }
});
