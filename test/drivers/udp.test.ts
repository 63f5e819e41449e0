import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import test, { type TestContext } from "node:test";
import type { Fault } from "../../src/base/fault.ts";
import { mediumName } from "../../src/base/units.ts";
import type { MediumDriver } from "../../src/drivers/medium.ts";
import { openMedium } from "../../src/drivers/open-medium.ts";
import type { MediumConfig } from "../../src/media/medium.ts";
import { cable, inNetworkNamespace, ip } from "../support/netns.ts";
import { until } from "../support/until.ts";

const port = 694;
const bcast = (device: string): MediumConfig => ({ kind: "bcast", name: mediumName(device), device, port });
const ucast = (device: string, address: string): MediumConfig => ({
  kind: "ucast",
  name: mediumName(device),
  device,
  address,
  port,
});
const mcast = (device: string, loop = false): MediumConfig => ({
  kind: "mcast",
  name: mediumName(device),
  device,
  group: "239.1.2.3",
  port,
  ttl: 1,
  loop,
});

const ucast6 = (device: string, address: string): MediumConfig => ({
  kind: "ucast6",
  name: mediumName(device),
  device,
  address,
  port,
});
const mcast6 = (device: string, loop = false): MediumConfig => ({
  kind: "mcast6",
  name: mediumName(device),
  device,
  group: "ff12::1:2:3:4",
  port,
  hops: 1,
  loop,
});

interface Opened {
  readonly medium: MediumDriver;
  readonly heard: string[];
}

function open(t: TestContext, config: MediumConfig): Opened {
  const heard: string[] = [];
  const medium = openMedium(config, (bytes) => heard.push(Buffer.from(bytes).toString("latin1")));
  assert.ok(medium.ok, medium.ok ? "" : medium.error.says);
  t.after(() => medium.value.close());
  return { medium: medium.value, heard };
}

function faultOf(config: MediumConfig): Fault {
  const medium = openMedium(config, () => {});
  if (medium.ok) medium.value.close();
  assert.ok(!medium.ok, "it opened");
  return medium.error;
}

inNetworkNamespace(import.meta.url, () => {
  cable({ name: "left", address: "10.9.0.1/24" }, { name: "right", address: "10.9.0.2/24" });

  ip("-6 address add fd09::1/64 dev left nodad");
  ip("-6 address add fd09::2/64 dev right nodad");
  const linkLocal = (device: string) => /fe80::[0-9a-f:]+/.exec(ip(`-6 -o address show dev ${device}`))?.[0] ?? "none";

  const pairs: [string, MediumConfig, MediumConfig][] = [
    ["bcast", bcast("left"), bcast("right")],
    ["ucast", ucast("left", "10.9.0.2"), ucast("right", "10.9.0.1")],
    ["mcast", mcast("left"), mcast("right")],
    ["ucast6", ucast6("left", "fd09::2"), ucast6("right", "fd09::1")],
    [
      "ucast6 to a link-local address",
      ucast6("left", `${linkLocal("right")}%left`),
      ucast6("right", `${linkLocal("left")}%right`),
    ],
    ["mcast6", mcast6("left"), mcast6("right")],
  ];
  for (const [name, here, there] of pairs)
    test(`${name}: datagrams of any size arrive whole, in order and once, both ways`, async (t) => {
      const a = open(t, here);
      const b = open(t, there);
      const sent = ["first", "x".repeat(8000), "\0\x01\xff", "last"];
      for (const text of sent) assert.equal(a.medium.send(Buffer.from(text, "latin1")), undefined);
      await until("the other side heard it", () => b.heard.length >= sent.length);
      assert.deepEqual(b.heard, sent);
      assert.equal(b.medium.send(Buffer.from("back")), undefined);
      await until("and answered", () => a.heard.includes("back"));
      a.medium.close();
      b.medium.close();
      a.medium.close(); // twice is fine
      assert.equal(a.medium.send(Buffer.from("x"))?.code, "medium-closed");
    });

  test("what sixteen nodes say in four seconds is kept for us while we cannot read", async (t) => {
    const left = open(t, bcast("left"));
    const right = open(t, bcast("right"));
    const heartbeat = "x".repeat(330);
    for (let i = 0; i < 640; i++) assert.equal(left.medium.send(Buffer.from(`${i} ${heartbeat}`)), undefined);
    await until("all of it was heard", () => right.heard.length === 640);
    assert.ok(right.heard.at(-1)?.startsWith("639 "));
  });

  test("bcast hears its own datagrams, as the original does; mcast without loop does not", async (t) => {
    const own = open(t, bcast("left"));
    own.medium.send(Buffer.from("echo"));
    await until("the echo", () => own.heard.includes("echo"));
    const [silent, peer] = [open(t, mcast("left")), open(t, mcast("right"))];
    silent.medium.send(Buffer.from("quiet"));
    await until("the peer heard it", () => peer.heard.includes("quiet"));
    assert.deepEqual(silent.heard, []);
  });

  test("two nodes of one host hear each other over the loopback", async (t) => {
    for (const medium of [mcast("lo", true), bcast("lo")]) {
      const nodes = [open(t, medium), open(t, medium)] as const;
      nodes[0].medium.send(Buffer.from("a"));
      nodes[1].medium.send(Buffer.from("b"));
      await until("each heard both", () => nodes.every(({ heard }) => heard.join() === "a,b"));
      for (const node of nodes) node.medium.close();
    }
  });

  test("all UDP media of one interface share its port, and each datagram arrives", async (t) => {
    const kinds = [bcast, mcast, mcast6] as const;
    const ends = kinds.map((kind) => ({ a: open(t, kind("left")), b: open(t, kind("right")) }));
    const six = { a: open(t, ucast6("left", "fd09::2")), b: open(t, ucast6("right", "fd09::1")) };
    for (const { a } of [...ends, six]) a.medium.send(Buffer.from(a.medium.name));
    await until("each heard its own", () => [...ends, six].every(({ b }) => b.heard.length > 0));
  });

  test("a medium hears its own interface only", async (t) => {
    cable({ name: "other", address: "10.8.0.1/24" }, { name: "far", address: "10.8.0.2/24" });
    const ends = [
      open(t, mcast("left")),
      open(t, mcast("right")),
      open(t, mcast("other")),
      open(t, mcast("far")),
    ] as const;
    ends[0].medium.send(Buffer.from("left"));
    ends[2].medium.send(Buffer.from("other"));
    await until("both arrived", () => ends[1].heard.length > 0 && ends[3].heard.length > 0);
    assert.deepEqual([ends[1].heard, ends[3].heard], [["left"], ["other"]]);
  });

  test("a burst beyond one batch is received completely", async (t) => {
    const [a, b] = [open(t, bcast("left")), open(t, bcast("right"))];
    for (let i = 0; i < 150; i++) a.medium.send(Buffer.from(String(i)));
    await until("all of it arrived", () => b.heard.length === 150);
  });

  test("an interface that does not exist: the fault lists those that do", () => {
    const fault = faultOf(bcast("eth7"));
    assert.equal(fault.code, "no-such-interface");
    assert.match(fault.advice ?? "", /left/);
  });

  test("an interface without an address: broadcast says so, multicast works", async (t) => {
    ip("link add dev bare type veth peer name bare2");
    ip("link set bare up");
    ip("link set bare2 up");
    assert.equal(faultOf(bcast("bare")).code, "no-address");
    open(t, mcast("bare"));
  });

  test("a port that another program has", async () => {
    const other = createSocket("udp4");
    other.bind(port);
    await once(other, "listening");
    assert.equal(faultOf(ucast("left", "10.9.0.2")).code, "port-in-use");
    other.close();
  });

  test("a cable that is pulled and put back is told, once each", async (t) => {
    cable({ name: "near", address: "10.6.0.1/24" }, { name: "distant", address: "10.6.0.2/24" });
    const told: string[] = [];
    const opened = openMedium(
      mcast("near"),
      () => {},
      (text) => told.push(text),
    );
    assert.ok(opened.ok);
    t.after(() => opened.value.close());
    ip("link set distant down");
    await until("the loss is told", () => told.length > 0);
    assert.match(told[0] ?? "", /^mcast near: no carrier, .*cable/);
    ip("link set distant up");
    await until("the return is told", () => told.length > 1);
    assert.equal(told[1], "mcast near: the link is back.");
    ip("link set distant down");
    ip("link set distant up");
    const far = open(t, mcast("distant"));
    await until("it works", () => {
      opened.value.send(Buffer.from("x"));
      return far.heard.length > 0;
    });
    assert.equal(told.length, 2, "a loose plug does not fill the log");
  });

  test("the broadcast address follows the interface, and an interface may go and come back", async (t) => {
    const a = open(t, bcast("left"));
    let b = open(t, bcast("right"));
    ip("address flush dev left");
    ip("address flush dev right");
    await until("it is noticed", () => a.medium.send(Buffer.from("x"))?.code === "no-address");
    ip("address add 10.7.0.1/24 broadcast + dev left");
    ip("address add 10.7.0.2/24 broadcast + dev right");
    await until("it works again", () => a.medium.send(Buffer.from("moved")) === undefined);
    await until("it arrives", () => b.heard.includes("moved"));
    b.medium.close();

    ip("link delete left");
    await until("the loss is noticed", () => a.medium.send(Buffer.from("x"))?.code === "no-such-interface");
    cable({ name: "left", address: "10.9.0.1/24" }, { name: "right", address: "10.9.0.2/24" });
    b = open(t, bcast("right"));
    await until("it is back", () => {
      a.medium.send(Buffer.from("returned"));
      return b.heard.includes("returned");
    });
    b.medium.send(Buffer.from("answer"));
    await until("both ways", () => a.heard.includes("answer"));
  });
});
