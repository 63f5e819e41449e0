/** The rules of the client socket that no captured exchange shows: refusals, filters, signals, departures, rubbish. */
import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { clientId, instant } from "../../../src/base/units.ts";
import { type ClientOutput, Clients, type Treatment } from "../../../src/core/clients/clients.ts";
import type { Effect } from "../../../src/core/effect.ts";
import type { ClientCloseReason, PeerCredentials } from "../../../src/core/input.ts";
import { decodePlain, encodePlain } from "../../../src/wire/framing.ts";
import { type Message, text } from "../../../src/wire/message.ts";
import { haclient, hacluster, hostOf, uuids } from "../../support/client-cluster.ts";

const at = (ms: number) => ({ instant: instant(ms), wallSeconds: 1_800_000_000, load: "n/a" });
const root: PeerCredentials = { pid: 1000, uid: 0, gid: 0 };

/** `t=status st=up` as a message; `~` stands for a blank. */
const message = (words: string): Message =>
  words.split(" ").map((word) => {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/.exec(word) ?? [];
    return text(name, value.replaceAll("~", " "));
  });

/** A message as words again; binary values in base64. */
const words = (told: Message): string =>
  told
    .map(({ name, type, value }) => {
      const shown = type === "binary" ? Buffer.from(value).toString("base64") : String(value);
      return `${name}=${shown.replaceAll(" ", "~")}`;
    })
    .join(" ");

function bodyOf(told: Message): Uint8Array {
  const body = encodePlain(told, "classic");
  assert.ok(body.ok);
  return body.value;
}

function read(body: Uint8Array): string {
  const decoded = decodePlain(body);
  assert.ok(decoded.ok);
  return words(decoded.value);
}

/** What came of a step, each in a line: `1< ...` sent to client 1, `1 closed`, `cluster: ...`, `signal ...`. */
function lines(outputs: readonly ClientOutput[]): string[] {
  return outputs.flatMap((output) => {
    if (output.is === "send") return [`cluster: ${words(output.body)}`];
    const { effect } = output;
    if (effect.do === "client-send") return [`${effect.client}< ${read(effect.body)}`];
    if (effect.do === "client-close") return [`${effect.client} closed`];
    if (effect.do === "client-signal") return [`signal ${effect.signal} to ${effect.pid}`];
    return [];
  });
}

const logOf = (outputs: readonly ClientOutput[]): Extract<Effect, { do: "log" }>[] =>
  outputs.flatMap((output) => (output.is === "effect" && output.effect.do === "log" ? [output.effect] : []));

class Desk {
  readonly clients: Clients;

  constructor(host = hostOf("node-a")) {
    this.clients = new Clients(host);
  }

  connect(client: number, peer = root): void {
    this.clients.step({ on: "client-connected", client: clientId(client), peer }, at(0));
  }

  frame(client: number, told: string, ms = 0): readonly ClientOutput[] {
    return this.clients.step({ on: "client-frame", client: clientId(client), body: bodyOf(message(told)) }, at(ms));
  }

  say(client: number, told: string): string[] {
    return lines(this.frame(client, told));
  }

  ask(client: number, request: string, pid = root.pid): string[] {
    return this.say(
      client,
      `t=hbapi-req reqtype=${request.split(" ")[0]} pid=${pid} ${request.split(" ").slice(1).join(" ")}`.trim(),
    );
  }

  close(client: number, reason: ClientCloseReason): string[] {
    return lines(this.clients.step({ on: "client-closed", client: clientId(client), reason }, at(0)));
  }

  deliver(told: string, treatment: Treatment = "keep"): string[] {
    return lines(this.clients.deliver(message(told), treatment));
  }

  signOn(client: number, id: string, peer = root): string[] {
    this.connect(client, peer);
    return this.say(client, `t=hbapi-req reqtype=signon pid=${peer.pid} from_id=${id} uid=${peer.uid} gid=${peer.gid}`);
  }
}

const facts =
  "deadtime=fa0 keepalive=1f4 node=node-a hbversion=3.0.6~(node:~958e11be8686759f1b99204c17812f2c2633b169) pacemaker=off logfacility=128";
const welcome = (client: number): string => `${client}< t=hbapi-resp reqtype=signon result=OK ${facts}`;
const refused = (client: number, info: string): string =>
  `${client}< t=hbapi-resp reqtype=signon info=${info} result=badreq ${facts}`;
const left = (client: number, id: string, info: string, generation: number): string =>
  `${client}< t=hbapi-clstat st=leave from_id=${id} to_id=${id} src=node-a info=${info} client_gen=${generation}`;
const nobody = { uids: [], gids: [] };

test("sign-on: each refusal, its reason, and who is told that a client left (section 3)", () => {
  const cases: [says: string, request: string, expected: string[]][] = [
    ["no pid", "from_id=aptest uid=0 gid=0", [refused(1, "bad~pid"), left(1, "", "bad~pid", 0), "1 closed"]],
    ["pid zero", "pid=0 uid=0 gid=0", [refused(1, "bad~pid"), left(1, "", "bad~pid", 0), "1 closed"]],
    ["no ids", "pid=1000", [refused(1, "invalid~id~info"), "1 closed"]],
    ["ids of words", "pid=1000 uid=root gid=0", [refused(1, "invalid~id~info"), "1 closed"]],
    ["another's uid", "pid=1000 uid=5 gid=0", [refused(1, "incorrect/false~credentials"), "1 closed"]],
    ["another's gid", "pid=1000 uid=0 gid=5", [refused(1, "incorrect/false~credentials"), "1 closed"]],
    [
      "a name without an entry",
      "pid=1000 from_id=zork uid=0 gid=0",
      [refused(1, "no~default~client~auth"), left(1, "zork", "no~default~client~auth", 0), "1 closed"],
    ],
    [
      "not allowed",
      "pid=1000 from_id=ipfail uid=0 gid=0",
      [refused(1, "client~failed~authorization"), left(1, "ipfail", "client~failed~authorization", 0), "1 closed"],
    ],
    [
      "another's pid",
      "pid=1 from_id=aptest uid=0 gid=0",
      [refused(1, "pid~mismatch"), left(1, "aptest", "pid~mismatch", 0), "1 closed"],
    ],
    ["casual", "pid=1000 uid=0 gid=0", [welcome(1)]],
    ["casual by the number it begins with", "pid=1000 from_id=1000x uid=0 gid=0", [welcome(1)]],
  ];
  for (const [says, request, expected] of cases) {
    const desk = new Desk();
    desk.connect(1);
    assert.deepEqual(desk.say(1, `t=hbapi-req reqtype=signon ${request}`), expected, says);
  }
});

test("sign-on: a name can be used once at a time; generations count every attempt", () => {
  const desk = new Desk();
  assert.deepEqual(desk.signOn(1, "aptest"), [
    "cluster: t=hbapi-clstat st=join from_id=aptest to_id=aptest src=node-a info=signon client_gen=0",
    welcome(1),
  ]);
  const twice = desk.signOn(2, "aptest");
  assert.deepEqual(twice, [refused(2, "duplicate~add~request"), left(2, "", "duplicate~add~request", 1), "2 closed"]);
  assert.deepEqual(desk.close(1, "end"), [
    "cluster: t=hbapi-clstat st=leave from_id=aptest to_id=aptest src=node-a info=EOF client_gen=0",
  ]);
  assert.match(desk.signOn(3, "aptest")[0] ?? "", /st=join .* client_gen=2$/);
});

test("sign-on: `default` stands for names without an entry, `anon` for casual clients, primary groups count", () => {
  const apiAuth = new Map([
    ["default", { uids: [], gids: [haclient] }],
    ["closed", nobody],
  ]);
  const desk = new Desk(hostOf("node-a", {}, { apiAuth }));
  const member = { pid: 7, uid: 65534, gid: haclient };
  assert.match(desk.signOn(1, "zork", member)[0] ?? "", /st=join/);
  assert.match(desk.signOn(2, "closed", member)[0] ?? "", /info=client~failed~authorization/);
  assert.match(desk.signOn(3, "7", member)[0] ?? "", /info=apiauth~anon~missing/);
  assert.match(
    desk.signOn(4, "other", { pid: 8, uid: hacluster, gid: 8 })[0] ?? "",
    /info=client~failed~authorization/,
  );
});

test("names are cut at 31 characters, and what is left of one is not had by those who may not have it", () => {
  const mine = "x".repeat(31);
  const apiAuth = new Map([["default", { uids: [0], gids: [] }]]);
  const open = new Desk(hostOf("node-a", {}, { apiAuth }));
  assert.match(open.signOn(1, `${mine}y`)[0] ?? "", new RegExp(` from_id=${mine} `));
  const reserved = new Desk(hostOf("node-a", {}, { apiAuth: new Map([...apiAuth, [mine, nobody]]) }));
  assert.deepEqual(reserved.signOn(1, `${mine}y`)[0], refused(1, "client~failed~authorization"));
  const closed = new Desk(hostOf("node-a", {}, { apiAuth: new Map([[mine, { uids: [0], gids: [] }]]) }));
  assert.deepEqual(closed.signOn(1, `${mine}y`)[0], refused(1, "no~default~client~auth"));
});

test("a stranger gets no answer, stays, and may sign on later; a member may not do so twice", () => {
  const desk = new Desk();
  desk.connect(1);
  assert.deepEqual(desk.ask(1, "nodelist"), []);
  assert.deepEqual(desk.say(1, "t=hello"), []);
  assert.deepEqual(desk.say(1, "t=hbapi-req reqtype=signon"), []);
  assert.deepEqual(desk.ask(1, "signon uid=0 gid=0"), [welcome(1)]);
  assert.deepEqual(desk.ask(1, "signon uid=0 gid=0"), ["1< t=hbapi-resp reqtype=signon result=badreq"]);
  assert.deepEqual(desk.ask(1, "numnodes"), ["1< t=hbapi-resp reqtype=numnodes numnodes=2 result=OK"]);
});

test("requests: each error has the original's words (section 4)", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  const bad = (request: string, info = "EINVAL"): void => {
    const name = request.split(" ")[0];
    assert.deepEqual(
      desk.ask(1, request),
      [`1< t=hbapi-resp reqtype=${name} result=badreq${info && ` info=${info}`}`],
      request,
    );
  };
  bad("bogus", "");
  for (const fmask of ["", " fmask=0", " fmask=zz", " fmask=40"]) bad(`setfilter${fmask}`);
  bad("setsignal", "");
  for (const signal of ["9", "19", "32", "x", "-1"]) bad(`setsignal signal=${signal}`);
  for (const request of ["nodestatus", "nodeweight", "nodesite", "nodetype", "iflist"]) {
    bad(request);
    bad(`${request} node=nosuch`);
  }
  bad("ifstatus node=node-b");
  bad("ifstatus node=node-b ifname=eth7");
  bad("clientstatus node=node-a");
  bad("clientstatus node=nosuch cn=aptest");
  bad("getparm");
  bad("getuuid", "no~query~node~name~found");
  bad("getnodename", "no~query~node~name~found");
});

test("requests: node names in any case, zero uuids, unknown parameters and names", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  const ok = (request: string, fields: string): void => {
    const name = request.split(" ")[0];
    assert.deepEqual(desk.ask(1, request), [`1< t=hbapi-resp reqtype=${name} ${fields}result=OK`], request);
  };
  ok("nodestatus node=NODE-B", "st=active ");
  ok("setfilter fmask=41", "");
  ok("getparm pname=crm", "pvalue=off ");
  ok("getparm pname=nosuch", "");
  ok("getuuid queryname=10.77.1.254", "queryuuid=AAAAAAAAAAAAAAAAAAAAAA== ");
  ok("getuuid queryname=nosuch", "");
  ok("clientstatus node=node-a cn=nosuch", "subt=respond-cstatus cs=offline ");
});

test("a node of weight and site; a zero uuid is nobody's", () => {
  const host = hostOf("node-a");
  const view = host.view();
  const nodes = view.nodes.map((node) => ({ ...node, weight: 42, site: "paris" }));
  const desk = new Desk({ ...host, view: () => ({ ...view, nodes }) });
  desk.signOn(1, "aptest");
  assert.deepEqual(desk.ask(1, "nodeweight node=node-b"), ["1< t=hbapi-resp reqtype=nodeweight weight=42 result=OK"]);
  assert.deepEqual(desk.ask(1, "nodesite node=node-b"), ["1< t=hbapi-resp reqtype=nodesite site=paris result=OK"]);
  for (const [uuid, answer] of [
    [new Uint8Array(16), "result=OK"],
    [uuids.get("node-b") ?? new Uint8Array(), "queryname=node-b result=OK"],
  ] as const) {
    const request: Message = [
      ...message("t=hbapi-req reqtype=getnodename pid=1000"),
      { type: "binary", name: "queryuuid", value: uuid },
    ];
    const outputs = desk.clients.step({ on: "client-frame", client: clientId(1), body: bodyOf(request) }, at(0));
    assert.deepEqual(lines(outputs), [`1< t=hbapi-resp reqtype=getnodename ${answer}`]);
  }
});

test("a node without links cannot be listed: an error instead of silence", () => {
  const view = hostOf("node-a").view();
  const desk = new Desk(hostOf("node-a", { nodes: view.nodes.map((node) => ({ ...node, links: [] })) }));
  desk.signOn(1, "aptest");
  assert.deepEqual(desk.ask(1, "iflist node=node-b"), ["1< t=hbapi-resp reqtype=iflist result=badreq"]);
  assert.deepEqual(desk.ask(1, "iflist node=10.77.1.254"), ["1< t=hbapi-resp reqtype=iflist result=badreq info=UhOh"]);
});

test("who asks is told by pid or name; another's are not answered (section 2)", () => {
  const desk = new Desk();
  desk.signOn(2, "ipfail", { pid: 362, uid: hacluster, gid: haclient });
  desk.signOn(1, "aptest");
  const answer = ["1< t=hbapi-resp reqtype=numnodes numnodes=2 result=OK"];
  const ask = (who: string) => desk.say(1, `t=hbapi-req reqtype=numnodes ${who}`);
  assert.deepEqual(ask("pid=1000 from_id=ipfail"), answer);
  assert.deepEqual(ask("from_id=aptest"), answer);
  assert.deepEqual(ask("pid=1000"), answer);
  assert.deepEqual(ask("pid=77 from_id=ipfail"), []);
  assert.deepEqual(desk.say(1, "t=hbapi-req reqtype=numnodes"), []);
  assert.deepEqual(desk.say(1, "t=hbapi-req pid=1000"), []);
});

test("two connections of one process are both served", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  desk.signOn(2, "1000");
  for (const client of [1, 2])
    assert.deepEqual(desk.ask(client, "numnodes"), [`${client}< t=hbapi-resp reqtype=numnodes numnodes=2 result=OK`]);
});

test("messages to namesakes carry the sender's name and number, wherever the client put its own", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  assert.deepEqual(desk.say(1, "t=hello from_id=mallory n=1 to_id=ipfail"), [
    "cluster: t=hello from_id=aptest n=1 to_id=aptest client_gen=0",
  ]);
});

test("what nodes say among themselves is not taken from clients", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  for (const type of ["status", "NS_rexmit", "shutdone", "hbapi-clstat", "repnodes", "STATUS", "Shutdone", "ns_ackmsg"])
    assert.deepEqual(desk.say(1, `t=${type}`), [], type);
  assert.deepEqual(desk.say(1, "n=1"), []);
  assert.deepEqual(desk.say(1, "t=ask_resources rsc_hold=all info=me"), [
    "cluster: t=ask_resources rsc_hold=all info=me from_id=aptest to_id=aptest client_gen=0",
  ]);
});

test("what moves resources only root's programs may say, in whatever case", () => {
  const desk = new Desk();
  desk.signOn(1, "ipfail", { pid: 362, uid: hacluster, gid: haclient });
  desk.signOn(2, "aptest");
  for (const type of ["resource", "starting", "ip-request", "ip-request-resp", "stonith", "Resource", "STONITH"]) {
    assert.deepEqual(desk.say(1, `t=${type} node=node-b result=OK`), [], type);
    assert.equal(desk.say(2, `t=${type} node=node-b result=OK`).length, 1, type);
  }
  assert.equal(desk.say(1, "t=ask_resources rsc_hold=all info=me").length, 1);
});

test("a casual client that speaks to the cluster is put out", () => {
  const desk = new Desk();
  desk.signOn(1, "1000");
  assert.deepEqual(desk.say(1, "t=hello"), ["1 closed"]);
  assert.deepEqual(desk.ask(1, "numnodes"), []);
});

test("who hears what: names, filters, other nodes' post (section 6.1)", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  desk.signOn(2, "ipfail", { pid: 362, uid: hacluster, gid: haclient });
  desk.connect(3);
  assert.deepEqual(desk.deliver("t=ifstat node=b"), ["1< t=ifstat node=b", "2< t=ifstat node=b"]);
  assert.deepEqual(desk.deliver("t=num_ping_nodes to_id=ipfail"), ["2< t=num_ping_nodes to_id=ipfail"]);
  assert.deepEqual(desk.deliver("t=hello dest=node-b"), []);
  for (const treatment of ["no-change", "drop", "duplicate", "protocol"] as const)
    assert.deepEqual(desk.deliver("t=status src=node-b", treatment), []);
  for (const type of ["query-cstatus", "reqnodes", "repnodes", "NS_ackmsg"])
    assert.deepEqual(desk.deliver(`t=${type}`), [], type);
});

test("filters: each bit lets its treatment through, and more than the first is for root", () => {
  const bits = [
    ["2", "no-change"],
    ["4", "drop"],
    ["8", "duplicate"],
    ["20", "protocol"],
  ] as const;
  for (const [fmask, treatment] of bits) {
    const desk = new Desk();
    desk.signOn(1, "aptest");
    desk.ask(1, `setfilter fmask=${fmask}`);
    assert.deepEqual(desk.deliver("t=x", treatment), ["1< t=x"]);
    assert.deepEqual(desk.deliver("t=x", "keep"), []);
  }
  const desk = new Desk();
  desk.signOn(1, "ipfail", { pid: 362, uid: hacluster, gid: haclient });
  assert.deepEqual(desk.ask(1, "setfilter fmask=3f", 362), [
    "1< t=hbapi-resp reqtype=setfilter result=badreq info=EPERM",
  ]);
});

test("filters: copies of every request go to who wants them, before the answer", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  desk.signOn(2, "1001", { pid: 1001, uid: 0, gid: 0 });
  desk.ask(1, "setfilter fmask=10");
  assert.deepEqual(desk.ask(2, "numnodes", 1001), [
    "1< t=hbapi-req reqtype=numnodes pid=1001",
    "2< t=hbapi-resp reqtype=numnodes numnodes=2 result=OK",
  ]);
});

test("signals follow each message; the queue's length goes with it", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  desk.ask(1, "setsignal signal=10");
  assert.deepEqual(desk.deliver("t=x"), ["1< t=x", "signal 10 to 1000"]);
  assert.deepEqual(desk.ask(1, "set_sendqlen sendqlen=128"), []);
  const queueLimit = () =>
    desk.clients
      .deliver(message("t=x"), "keep")
      .map((output) => output.is === "effect" && output.effect.do === "client-send" && output.effect.queueLimit)[0];
  assert.equal(queueLimit(), 128);
  desk.ask(1, "set_sendqlen sendqlen=0");
  assert.equal(queueLimit(), 128);
  desk.ask(1, "set_sendqlen sendqlen=999999999");
  assert.equal(queueLimit(), 4096);
});

test("a question about another active node's client goes there; about a silent one it is answered here", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  assert.deepEqual(desk.ask(1, "clientstatus node=NODE-B cn=ipfail"), [
    "cluster: t=query-cstatus dest=node-b cn=ipfail from_id=aptest",
  ]);
  const view = hostOf("node-a").view();
  const alone = new Desk(hostOf("node-a", { nodes: view.nodes.map((node) => ({ ...node, status: "dead" as const })) }));
  alone.signOn(1, "aptest");
  assert.deepEqual(alone.ask(1, "clientstatus node=node-b cn=aptest"), [
    "1< t=hbapi-resp reqtype=clientstatus subt=respond-cstatus cs=offline result=OK",
  ]);
});

test("other nodes' questions about our clients are answered, those for others are not (section 6.3)", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  const answer = (cs: string, cn: string) => [
    `cluster: t=respond-cstatus dest=node-b result=OK cn=${cn} to_id=77 cs=${cs}`,
  ];
  assert.deepEqual(
    desk.deliver("t=query-cstatus dest=node-a cn=aptest from_id=77 src=node-b"),
    answer("online", "aptest"),
  );
  assert.deepEqual(desk.deliver("t=query-cstatus cn=nosuch from_id=77 src=node-b"), answer("offline", "nosuch"));
  assert.deepEqual(desk.deliver("t=query-cstatus dest=node-c cn=aptest from_id=77 src=node-b"), []);
  assert.deepEqual(desk.deliver("t=query-cstatus dest=node-a cn=aptest from_id=77 src=node-b", "duplicate"), []);
  assert.deepEqual(desk.deliver("t=query-cstatus cn=aptest"), []);
});

test("leaving: signed off, fallen behind, or gone", () => {
  const leave = (info: string) =>
    `cluster: t=hbapi-clstat st=leave from_id=aptest to_id=aptest src=node-a info=${info} client_gen=0`;
  const desk = () => {
    const made = new Desk();
    made.signOn(1, "aptest");
    return made;
  };
  assert.deepEqual(desk().ask(1, "signoff"), [left(1, "aptest", "signoff", 0), "1 closed", leave("signoff")]);
  assert.deepEqual(desk().close(1, "end"), [leave("EOF")]);
  assert.deepEqual(desk().close(1, "rubbish"), [leave("EOF")]);
  assert.deepEqual(desk().close(1, "overflow"), [leave("send~failed,farside_pid=1000,~sendq~length=64(max~is~64)")]);
  const casual = new Desk();
  casual.signOn(1, "1000");
  assert.deepEqual(casual.ask(1, "signoff"), ["1 closed"]);
});

test("a client whose process is gone while its connection stays is found within nine seconds, or by its signal", () => {
  const desk = new Desk();
  const gone = (pid: number, looked: boolean) => lines(desk.clients.step({ on: "process-gone", pid, looked }, at(0)));
  const audit = (ms: number) => lines(desk.clients.step({ on: "deadline" }, at(ms)));
  assert.equal(desk.clients.nextDeadline(), undefined, "nobody to look for");
  desk.signOn(1, "aptest");
  desk.signOn(2, "1000");
  desk.signOn(3, "ipfail", { pid: 1001, uid: hacluster, gid: haclient });
  assert.equal(desk.clients.nextDeadline(), 9000);
  assert.deepEqual(audit(8999), []);
  assert.deepEqual(audit(9000), ["signal 0 to 1000", "signal 0 to 1001"]);
  assert.equal(desk.clients.nextDeadline(), 18_000);
  assert.deepEqual(gone(4711, true), []);
  assert.deepEqual(gone(1000, true), [
    left(1, "aptest", "died-audit", 0),
    "1 closed",
    "cluster: t=hbapi-clstat st=leave from_id=aptest to_id=aptest src=node-a info=died-audit client_gen=0",
    "2 closed",
  ]);
  assert.deepEqual(
    gone(1001, false).at(-1),
    "cluster: t=hbapi-clstat st=leave from_id=ipfail to_id=ipfail src=node-a info=died client_gen=2",
  );
  assert.deepEqual(audit(18_000), []);
  assert.equal(desk.clients.nextDeadline(), undefined);
});

test("a resident has its name like a client: it joins, speaks, is online and leaves; nobody else may have its name", () => {
  const desk = new Desk();
  const { clients } = desk;
  const about = (status: string, info: string) =>
    `cluster: t=hbapi-clstat st=${status} from_id=ipfail to_id=ipfail src=node-a info=${info} client_gen=0`;
  assert.deepEqual(lines(clients.admit("ipfail")), [about("join", "signon")]);
  assert.deepEqual(lines(clients.speakFor("ipfail", message("t=you_are_dead dest=node-b"))), [
    "cluster: t=you_are_dead dest=node-b from_id=ipfail to_id=ipfail client_gen=0",
  ]);
  assert.match(desk.deliver("t=query-cstatus cn=ipfail from_id=77 src=node-b").join(), /cs=online/);
  const asker = { pid: 1001, uid: hacluster, gid: haclient };
  assert.match(desk.signOn(1, "ipfail", asker)[0] ?? "", /info=duplicate~add~request result=badreq/);
  assert.deepEqual(lines(clients.dismiss("ipfail")), [about("leave", "signoff")]);
  assert.deepEqual(lines(clients.dismiss("ipfail")), []);
  assert.match(desk.signOn(2, "ipfail", asker).join(), /result=OK/);
});

test("ten bodies in a row that are no message put a client out; a good one in between does not count", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  const rubbish = () =>
    lines(desk.clients.step({ on: "client-frame", client: clientId(1), body: Buffer.from("?") }, at(0)));
  for (let i = 0; i < 9; i++) assert.deepEqual(rubbish(), []);
  desk.ask(1, "numnodes");
  for (let i = 0; i < 9; i++) assert.deepEqual(rubbish(), []);
  assert.deepEqual(rubbish().slice(0, 2), [left(1, "aptest", "noinput", 0), "1 closed"]);
  assert.deepEqual(rubbish(), []);
});

test("a client out of its mind cannot fill the log", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  const complaints = (ms: number) =>
    logOf(desk.frame(1, "t=hbapi-req reqtype=bogus pid=1000", ms)).filter(({ text: says }) => !says.startsWith("MSG"))
      .length;
  let told = 0;
  for (let i = 0; i < 1000; i++) told += complaints(100);
  assert.equal(told, 10);
  assert.ok(complaints(1200) > 0);
});

test("a rejected request is dumped in the log as the original does", () => {
  const desk = new Desk();
  desk.signOn(1, "aptest");
  assert.deepEqual(
    logOf(desk.frame(1, "t=hbapi-req reqtype=bogus pid=1000")).map(({ level, text: says }) => `${level}: ${says}`),
    [
      "error: Unknown API request",
      "error: api_process_request: bad request [bogus]",
      "error: MSG: Dumping message with 3 fields",
      "error: MSG[0] : [t=hbapi-req]",
      "error: MSG[1] : [reqtype=bogus]",
      "error: MSG[2] : [pid=1000]",
    ],
  );
});

test("netstring clusters speak netstring to their clients", () => {
  const desk = new Desk(hostOf("node-a", {}, { messageFormat: "netstring" }));
  desk.signOn(1, "1000");
  const [answer] = desk.frame(1, "t=hbapi-req reqtype=numnodes pid=1000");
  assert.ok(answer?.is === "effect" && answer.effect.do === "client-send");
  assert.equal(Buffer.from(answer.effect.body).toString("latin1", 0, 4), "###\n");
});

test("no bytes from a client make the node throw", () => {
  const values = fc.constantFrom(
    "hbapi-req",
    "signon",
    "signoff",
    "setfilter",
    "1000",
    "0",
    "3f",
    "aptest",
    "node-b",
    "x",
  );
  const names = fc.constantFrom(
    "t",
    "reqtype",
    "pid",
    "from_id",
    "uid",
    "gid",
    "node",
    "cn",
    "fmask",
    "signal",
    "dest",
  );
  const told = fc
    .array(fc.tuple(names, values))
    .map((fields) => bodyOf(fields.map(([name, value]) => text(name, value))));
  fc.assert(
    fc.property(fc.array(fc.oneof(told, fc.uint8Array())), (bodies) => {
      const desk = new Desk();
      desk.signOn(1, "aptest");
      desk.connect(2);
      for (const body of bodies)
        for (const client of [clientId(1), clientId(2)]) desk.clients.step({ on: "client-frame", client, body }, at(0));
    }),
  );
});
