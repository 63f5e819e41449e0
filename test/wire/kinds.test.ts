import assert from "node:assert/strict";
import test from "node:test";
import { generation, milliseconds, nodeName, seq } from "../../src/base/units.ts";
import * as compose from "../../src/wire/compose.ts";
import { type Header, stampHeader } from "../../src/wire/fields.ts";
import { openDatagram, sealDatagram } from "../../src/wire/framing.ts";
import { type ClusterBody, type ClusterMessage, parseMessage } from "../../src/wire/kinds.ts";
import { binary, binaryOf, type Message, stringOf, text, withField } from "../../src/wire/message.ts";
import { datagramVectors, hexBytes, keyRing, messageOf, verdictVectors } from "../support/vectors.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const uuid = new Uint8Array(16).fill(7);
const header: Header = {
  source: fox,
  uuid,
  seq: seq(0x1d),
  generation: generation(0x6b041441),
  wallSeconds: 0x6b041440,
  load: "0.06 0.20 0.12 6/140 15",
  ttl: 3,
};

const parsed = (fields: Message): ClusterMessage => {
  const message = parseMessage(fields);
  assert.ok(message.ok, JSON.stringify(message));
  return message.value;
};

const rows: readonly [Message, ClusterBody][] = [
  [
    compose.status({ status: "up", deadtime: milliseconds(30000) }),
    {
      kind: "status",
      status: "up",
      deadtime: milliseconds(30000),
      protocol: true,
      successor: undefined,
      configuration: undefined,
      acknowledgements: [],
    },
  ],
  [
    compose.status({ status: "init", deadtime: milliseconds(500), successor: "4.0" }),
    {
      kind: "status",
      status: "init",
      deadtime: milliseconds(500),
      protocol: true,
      successor: "4.0",
      configuration: undefined,
      acknowledgements: [],
    },
  ],
  [
    compose.status({
      status: "active",
      deadtime: milliseconds(500),
      successor: "1 4.0",
      acknowledgements: [
        { originator: owl, upTo: seq(255) },
        { originator: nodeName("a:b"), upTo: seq(7) },
      ],
    }),
    {
      kind: "status",
      status: "active",
      deadtime: milliseconds(500),
      protocol: true,
      successor: "1 4.0",
      configuration: undefined,
      acknowledgements: [
        { originator: owl, upTo: seq(255) },
        { originator: nodeName("a:b"), upTo: seq(7) },
      ],
    },
  ],
  [compose.pingStatus("ping", nodeName("10.0.0.1"), 5), { kind: "ping-status", status: "ping", info: "ping" }],
  [compose.ack(owl, seq(255)), { kind: "ack", upTo: seq(255) }],
  [compose.retransmitRequest(owl, seq(10), seq(12)), { kind: "retransmit-request", first: seq(10), last: seq(12) }],
  [
    compose.retransmitRefusal(owl, seq(0x53), "seqno too low"),
    { kind: "retransmit-refusal", refused: seq(0x53), info: "seqno too low" },
  ],
  [compose.nodesRequest(owl), { kind: "nodes-request" }],
  [compose.nodesReply(owl, [fox, owl], []), { kind: "nodes-reply", nodes: [fox, owl], deleted: [] }],
  [compose.addNodes([fox, owl]), { kind: "add-nodes", nodes: [fox, owl] }],
  [compose.deleteNodes([owl]), { kind: "delete-nodes", nodes: [owl] }],
  [compose.setWeight(owl, 250), { kind: "set-weight", node: owl, weight: 250 }],
  [compose.setSite(owl, "north"), { kind: "set-site", node: owl, site: "north" }],
  [compose.starting(), { kind: "starting" }],
  [
    compose.resource({ held: "local", stable: true, info: "standby", successor: "4.0" }),
    { kind: "resource", held: "local", full: true, stable: true, info: "standby", successor: "4.0" },
  ],
  [
    compose.resource({ held: "foreign", full: false, info: "mach_down" }),
    { kind: "resource", held: "foreign", full: false, stable: undefined, info: "mach_down", successor: undefined },
  ],
  [compose.askResources("all", "me"), { kind: "ask-resources", set: "all", info: "me" }],
  [compose.takeoverRequest("failback"), { kind: "takeover-request", set: "failback" }],
  [compose.shutdownDone(), { kind: "shutdown-done" }],
  [compose.fencingResult(owl, "n_stnth"), { kind: "fencing-result", node: owl, result: "n_stnth" }],
  [compose.releaseRequest("10.0.0.1"), { kind: "release-request", group: "10.0.0.1" }],
  [
    compose.releaseReply(owl, "10.0.0.1", false),
    { kind: "release-reply", group: "10.0.0.1", owned: "no", agreed: true },
  ],
  [compose.clientStatusRequest(owl, "crmd", "cib"), { kind: "client-status-request", client: "crmd", from: "cib" }],
  [
    compose.clientStatusReply(owl, "crmd", "cib", true),
    { kind: "client-status-reply", client: "crmd", to: "cib", online: true },
  ],
  [
    compose.clientPresence({ joined: true, client: "crmd", node: fox, info: "signon", clientGeneration: 3 }),
    { kind: "client-presence", joined: true, from: "crmd", to: "crmd", info: "signon", clientGeneration: 3 },
  ],
  [[text("t", "Whatever")], { kind: "other", type: "Whatever" }],
];

for (const [body, expected] of rows)
  test(`${expected.kind}: composed, stamped, sealed, opened and parsed is what it was`, () => {
    const keys = keyRing([{ num: 1, method: "md5", key: "k" }], 1);
    const sealed = sealDatagram(stampHeader(body, header), keys, "classic");
    assert.ok(sealed.ok);
    const opened = openDatagram(sealed.value, keys);
    assert.ok(opened.ok);
    const message = parsed(opened.value);
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual((message as unknown as Record<string, unknown>)[name], value, name);
  });

/** What the sender of a captured message must have composed, by its type. */
const composed: Record<string, (m: ClusterMessage) => Message | undefined> = {
  status: (m) =>
    m.kind === "status" && m.status !== undefined && m.deadtime !== undefined
      ? compose.status({ status: m.status, deadtime: m.deadtime })
      : undefined,
  "ping-status": (m) =>
    m.kind === "ping-status" && (m.info === "ping" || m.info === "ping6" || m.info === "ping_group")
      ? compose.pingStatus(m.info, m.originator, m.wallSeconds)
      : undefined,
  ack: (m) => (m.kind === "ack" && m.destination ? compose.ack(m.destination, m.upTo) : undefined),
  "retransmit-request": (m) =>
    m.kind === "retransmit-request" && m.destination
      ? compose.retransmitRequest(m.destination, m.first, m.last)
      : undefined,
  "retransmit-refusal": (m) =>
    m.kind === "retransmit-refusal" && m.destination
      ? compose.retransmitRefusal(m.destination, m.refused, "seqno too low")
      : undefined,
  "nodes-request": (m) => (m.destination ? compose.nodesRequest(m.destination) : undefined),
  "nodes-reply": (m) =>
    m.kind === "nodes-reply" && m.destination ? compose.nodesReply(m.destination, m.nodes, m.deleted) : undefined,
  "add-nodes": (m) => (m.kind === "add-nodes" ? compose.addNodes(m.nodes) : undefined),
  "delete-nodes": (m) => (m.kind === "delete-nodes" ? compose.deleteNodes(m.nodes) : undefined),
  "set-weight": (m) =>
    m.kind === "set-weight" && m.node && m.weight !== undefined ? compose.setWeight(m.node, m.weight) : undefined,
  "set-site": (m) => (m.kind === "set-site" && m.node && m.site ? compose.setSite(m.node, m.site) : undefined),
  starting: () => compose.starting(),
  resource: (m) =>
    m.kind === "resource" && m.held !== "bad"
      ? compose.resource({
          held: m.held,
          full: m.full,
          ...(m.stable === undefined ? {} : { stable: m.stable }),
          ...(m.info === undefined ? {} : { info: m.info }),
        })
      : undefined,
  "ask-resources": (m) =>
    m.kind === "ask-resources" && m.set !== "bad" && (m.info === "me" || m.info === "other" || m.info === "done")
      ? compose.askResources(m.set, m.info)
      : undefined,
  "takeover-request": (m) => (m.kind === "takeover-request" && m.set ? compose.takeoverRequest(m.set) : undefined),
  "shutdown-done": () => compose.shutdownDone(),
  "fencing-result": (m) =>
    m.kind === "fencing-result" && m.node && m.result !== "unknown"
      ? compose.fencingResult(m.node, m.result)
      : undefined,
  "release-reply": (m) =>
    m.kind === "release-reply" && m.destination && m.group !== undefined
      ? compose.releaseReply(m.destination, m.group, m.owned === "yes")
      : undefined,
  "client-status-request": (m) =>
    m.kind === "client-status-request" && m.destination
      ? compose.clientStatusRequest(m.destination, m.client ?? "", m.from ?? "")
      : undefined,
  "client-status-reply": (m) =>
    m.kind === "client-status-reply" && m.destination
      ? compose.clientStatusReply(m.destination, m.client ?? "", m.to ?? "", m.online)
      : undefined,
  "client-presence": (m) =>
    m.kind === "client-presence"
      ? compose.clientPresence({
          joined: m.joined,
          client: m.from ?? "",
          node: m.originator,
          info: m.info ?? "",
          clientGeneration: m.clientGeneration ?? -1,
        })
      : undefined,
  other: (m) =>
    m.fields.slice(
      0,
      m.fields.findIndex(({ name }) => name === "src"),
    ),
};

test("every captured message is composed and stamped to the same fields", () => {
  const kinds = new Set<string>();
  for (const vector of datagramVectors()) {
    if (vector.decompressed !== undefined) continue;
    const fields = (messageOf(vector.fields) ?? []).filter(({ name }) => name !== "auth");
    const message = parsed(fields);
    kinds.add(message.kind);
    const body = composed[message.kind]?.(message);
    assert.ok(body, `${vector.id}: ${message.kind}`);
    const stamped = stampHeader(body, {
      source: message.originator,
      uuid: message.originatorUuid ?? uuid,
      ...(message.seq === undefined ? {} : { seq: message.seq }),
      generation: message.generation,
      wallSeconds: message.wallSeconds,
      load: message.load ?? "",
      ttl: Number(stringOf(fields, "ttl")),
      ...(message.destinationUuid === undefined ? {} : { destinationUuid: message.destinationUuid }),
    });
    assert.deepEqual(message.kind === "ping-status" ? body : stamped, fields, vector.id);
  }
  assert.deepEqual(
    [...kinds].sort(),
    Object.keys(composed).sort(),
    "each kind that can be captured is among the vectors",
  );
});

test("what the original drops for its header is dropped with a reason", () => {
  const { receiver, datagrams } = verdictVectors();
  const keys = keyRing(receiver.authkeys, receiver.auth);
  const reasons = new Map([
    ["verdict-14-1", "no-seq"],
    ["verdict-15-1", "no-time"],
  ]);
  for (const { id, hex } of datagrams) {
    const opened = openDatagram(hexBytes(hex), keys);
    if (!opened.ok) continue;
    const message = parseMessage(opened.value);
    assert.equal(message.ok ? undefined : message.error, reasons.get(id), id);
  }
});

test("a header that lacks or garbles what it needs is refused by name", () => {
  const whole = stampHeader([text("t", "status")], header);
  const fault = (fields: Message) => {
    const message = parseMessage(fields);
    return message.ok ? undefined : message.error;
  };
  const without = (name: string) => whole.filter((field) => field.name !== name);
  const withText = (name: string, value: string) => withField(whole, text(name, value));
  assert.equal(fault(whole), undefined);
  assert.equal(fault(without("src")), "no-originator");
  assert.equal(fault(withText("src", "")), "no-originator");
  assert.equal(fault(withText("src", "x".repeat(100))), "no-originator");
  assert.equal(fault(without("t")), "no-type");
  assert.equal(fault(withText("t", "")), "no-type");
  assert.equal(fault(without("ts")), "no-time");
  assert.equal(fault(withText("ts", "0")), "no-time");
  assert.equal(fault(withText("ts", "soon")), "no-time");
  assert.equal(fault(without("seq")), "no-seq");
  for (const bad of ["", "0", "-1", "+1", "0x1", " 1", "1 ", "g", "20000000000000"])
    assert.equal(fault(withText("seq", bad)), "bad-seq", bad);
  assert.equal(fault(withText("t", "NS_ackmsg")), "bad-field");
  assert.equal(fault(withText("t", "ns_rexmit")), "bad-field");
  assert.equal(fault(withText("t", "NS_nak_rexmit")), "bad-field");
});

test("absent or odd header fields that the original tolerates are tolerated", () => {
  const message = parsed([text("T", "x"), text("t", "STATUS"), text("src", "fox"), text("ts", "1"), text("seq", "A")]);
  assert.equal(message.kind, "status");
  assert.equal(message.seq, 10);
  assert.equal(message.generation, 0);
  assert.equal(message.originatorUuid, undefined);
  assert.equal(message.destination, undefined);
  assert.equal(message.load, undefined);
  const odd = parsed([
    ...stampHeader([text("t", "x")], header),
    text("hg", "zz"),
    binary("destuuid", uuid.subarray(1)),
  ]);
  assert.equal(odd.destinationUuid, undefined);
});

test("a status without a readable dead time or protocol says so", () => {
  const message = parsed(stampHeader([text("t", "status"), text("dt", "soon")], header));
  assert.ok(message.kind === "status");
  assert.equal(message.status, undefined);
  assert.equal(message.deadtime, undefined);
  assert.equal(message.protocol, false);
});

test("an addressee's uuid of zeros is no uuid", () => {
  assert.equal(parsed(stampHeader(compose.nodesRequest(owl), header)).destinationUuid, undefined);
  const known = stampHeader(compose.nodesRequest(owl), { ...header, destinationUuid: uuid });
  assert.deepEqual(parsed(known).destinationUuid, uuid);
});

test("the header overwrites in place what a local program wrote, but not in unsequenced types", () => {
  const forged: Message = [text("src", "owl"), text("t", "x"), text("seq", "1"), text("note", "kept")];
  const stamped = stampHeader(forged, header);
  assert.deepEqual(
    stamped.map(({ name }) => name),
    ["src", "t", "seq", "note", "srcuuid", "hg", "ts", "ld", "ttl"],
  );
  assert.equal(stringOf(stamped, "src"), "fox");
  assert.equal(stringOf(stamped, "seq"), "1d");
  const unsequenced = stampHeader([text("t", "NS_st"), text("src", "10.0.0.1"), text("ts", "5")], header);
  assert.equal(stringOf(unsequenced, "src"), "10.0.0.1");
  assert.equal(stringOf(unsequenced, "ts"), "5");
  assert.equal(stringOf(unsequenced, "seq"), undefined);
  assert.equal(stringOf(unsequenced, "ld"), undefined);
});

test("a uuid alone is given its name, a name alone its uuid or zeros", () => {
  const byUuid = stampHeader([text("t", "x"), binary("destuuid", uuid)], { ...header, destination: owl });
  assert.equal(stringOf(byUuid, "dest"), "owl");
  assert.deepEqual(binaryOf(byUuid, "destuuid"), uuid);
  assert.deepEqual(
    binaryOf(stampHeader([text("t", "x"), text("dest", "owl")], header), "destuuid"),
    new Uint8Array(16),
  );
});
