import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { mediumName } from "../../src/base/units.ts";
import { openIcmp, type PingConfig } from "../../src/drivers/icmp.ts";
import type { MediumDriver } from "../../src/drivers/medium.ts";
import { inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

const ping = (host: string): PingConfig => ({ kind: "ping", name: mediumName(host), host });
const ping6 = (host: string): PingConfig => ({ kind: "ping6", name: mediumName(host), host });
const group = (...hosts: string[]): PingConfig => ({ kind: "ping_group", name: mediumName("group"), hosts });

function open(t: TestContext, config: PingConfig): { readonly medium: MediumDriver; readonly heard: string[] } {
  const heard: string[] = [];
  const opened = openIcmp(config, (bytes) => heard.push(Buffer.from(bytes).toString("latin1")));
  assert.ok(opened.ok, opened.ok ? "" : opened.error.says);
  t.after(() => opened.value.close());
  return { medium: opened.value, heard };
}

inNetworkNamespace(import.meta.url, () => {
  ip("link set lo up");

  for (const config of [ping("127.0.0.1"), ping6("::1"), group("127.0.0.1")])
    test(`${config.kind}: each answer is passed on once, its bytes unchanged, the first included`, async (t) => {
      const { medium, heard } = open(t, config);
      const asked = ["first", "\0\xff", "x".repeat(900)];
      for (const text of asked) assert.equal(medium.send(Buffer.from(text, "latin1")), undefined);
      await until("the answers", () => heard.length >= asked.length);
      assert.deepEqual(heard, asked);
      medium.close();
      medium.close();
      assert.equal(medium.send(Buffer.from("x"))?.code, "medium-closed");
    });

  test("a group: one of the answers counts, and one host is enough", async (t) => {
    const both = open(t, group("127.0.0.1", "127.0.0.2"));
    const half = open(t, group("10.99.0.1", "127.0.0.3"));
    for (const text of ["a", "b"])
      for (const { medium } of [both, half]) assert.equal(medium.send(Buffer.from(text)), undefined);
    await until("the answers", () => both.heard.length >= 2 && half.heard.length >= 2);
    const { medium, heard } = open(t, ping("127.0.0.1"));
    medium.send(Buffer.from("later")); // what was on its way has arrived when this has
    await until("a later answer", () => heard.includes("later"));
    assert.deepEqual([both.heard, half.heard, heard], [["a", "b"], ["a", "b"], ["later"]]);
  });

  test("two media of one process that ask the same host hear their own answers", async (t) => {
    const [one, two] = [open(t, ping("127.0.0.1")), open(t, group("127.0.0.1"))];
    one.medium.send(Buffer.from("one"));
    two.medium.send(Buffer.from("two"));
    await until("both answered", () => one.heard.length > 0 && two.heard.length > 0);
    assert.deepEqual([one.heard, two.heard], [["one"], ["two"]]);
  });

  test("two media of one process hear their own hosts only", async (t) => {
    const [one, two] = [open(t, ping("127.0.0.1")), open(t, ping("127.0.0.2"))];
    one.medium.send(Buffer.from("one"));
    two.medium.send(Buffer.from("two"));
    await until("both answered", () => one.heard.length > 0 && two.heard.length > 0);
    assert.deepEqual([one.heard, two.heard], [["one"], ["two"]]);
  });

  test("a host that cannot be reached is a fault of that moment; a group without hosts asks nobody", (t) => {
    assert.equal(open(t, ping("10.99.0.1")).medium.send(Buffer.from("x"))?.code, "send-failed");
    assert.equal(open(t, group()).medium.send(Buffer.from("x")), undefined);
  });

  test("for more requests than are remembered answers still count", async (t) => {
    const { medium, heard } = open(t, ping("127.0.0.1"));
    for (let i = 0; i < 300; i++) {
      medium.send(Buffer.from(String(i)));
      await until("the answer", () => heard.length === i + 1);
    }
  });
});
