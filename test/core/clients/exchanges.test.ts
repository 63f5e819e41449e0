/**
 * The exchanges captured between the original and its own programs, replayed against our side of the socket: requests in,
 * answers compared byte by byte, what the cluster is told compared field by field.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";
import { clientId, instant } from "../../../src/base/units.ts";
import { type ClientOutput, Clients } from "../../../src/core/clients/clients.ts";
import type { PeerCredentials } from "../../../src/core/input.ts";
import { decodePlain } from "../../../src/wire/framing.ts";
import { ipcFrame } from "../../../src/wire/ipc-frame.ts";
import { binaryOf, type Message, stringOf, text, withField } from "../../../src/wire/message.ts";
import { haclient, hacluster, hostOf, uuids } from "../../support/client-cluster.ts";

interface Exchanged {
  readonly dir: string;
  readonly hex?: string;
}
interface Exchange {
  readonly command: string;
  readonly messages: readonly Exchanged[];
}

const folder = "test/vectors/client-api/exchanges";
const now = { instant: instant(0), wallSeconds: 1_800_000_000, load: "n/a" };
const asker = clientId(1);
/** What the node adds to every message of its own (wire-protocol.md, section 7.1), and what differs from run to run. */
const header = new Set(["destuuid", "dest", "src", "srcuuid", "seq", "hg", "ts", "ld", "ttl", "auth"]);

const hexOf = (body: Uint8Array): string => Buffer.from(ipcFrame(body)).toString("hex");
const bodyOf = (hex: string): Uint8Array => Buffer.from(hex, "hex").subarray(8);

function read(body: Uint8Array): Message {
  const message = decodePlain(body);
  assert.ok(message.ok);
  return message.value;
}

/** Fields that the client API itself decides, with the one number that depends on history put aside. */
const told = (message: Message): Message =>
  message
    .filter(({ name }) => !header.has(name))
    .map((field) => (field.name === "client_gen" ? text(field.name, "*") : field));

/** The part of the header that decides who hears a message. */
function stamped(body: Message, self: string): Message {
  const uuid = binaryOf(body, "destuuid");
  const dest = uuid && [...uuids].find(([, each]) => Buffer.from(each).equals(uuid))?.[0];
  return withField(dest === undefined ? body : withField(body, text("dest", dest)), text("src", self));
}

/** A node reduced to its loop-back: stamps what clients send and offers it to them again. */
class LoopBack {
  readonly answers: string[] = [];
  readonly heard: Message[] = [];
  listening = true;
  readonly #clients: Clients;
  readonly #self: string;

  constructor(clients: Clients, self: string) {
    this.#clients = clients;
    this.#self = self;
  }

  carryOut(outputs: readonly ClientOutput[]): void {
    for (const output of outputs) {
      if (output.is === "send") this.carryOut(this.#clients.deliver(stamped(output.body, this.#self), "keep"));
      else if (output.effect.do === "client-send" && output.effect.client === asker) {
        const message = read(output.effect.body);
        if (stringOf(message, "t") === "hbapi-resp") this.answers.push(hexOf(output.effect.body));
        else if (this.listening) this.heard.push(told(message));
      }
    }
  }
}

function replay({ command, messages }: Exchange): void {
  const sent = messages.filter(({ dir, hex }) => dir === "client->daemon" && hex !== undefined);
  const received = messages.flatMap(({ dir, hex }) => (dir === "daemon->client" && hex !== undefined ? [hex] : []));
  const request = read(bodyOf(sent[0]?.hex ?? ""));
  const numbered = (name: string): number => Number(stringOf(request, name));
  const peer: PeerCredentials = { pid: numbered("pid"), uid: numbered("uid"), gid: numbered("gid") };
  const signOnAnswer = received
    .map(bodyOf)
    .map(read)
    .find((message) => stringOf(message, "reqtype") === "signon");
  const self = stringOf(signOnAnswer ?? [], "node") ?? "";
  const held = received
    .map(bodyOf)
    .map(read)
    .find((message) => stringOf(message, "reqtype") === "getrsc");
  const resourceStatus = stringOf(held ?? [], "rsc_hold") === "all" ? "all" : "local";

  const clients = new Clients(hostOf(self, { resourceStatus }));
  const node = new LoopBack(clients, self);
  if (command.includes("clientstatus")) {
    const ipfail = clientId(2);
    clients.step({ on: "client-connected", client: ipfail, peer: { pid: 362, uid: hacluster, gid: haclient } }, now);
    const body = Buffer.from(
      `>>>\nt=hbapi-req\nreqtype=signon\npid=362\nfrom_id=ipfail\nuid=${hacluster}\ngid=${haclient}\n<<<\n\0`,
    );
    node.carryOut(clients.step({ on: "client-frame", client: ipfail, body }, now));
  }
  node.carryOut(clients.step({ on: "client-connected", client: asker, peer }, now));

  const expectedAnswers: string[] = [];
  const expectedHeard: Message[] = [];
  for (const { dir, hex } of messages) {
    if (hex === undefined) continue;
    const body = bodyOf(hex);
    const message = read(body);
    if (stringOf(message, "reqtype") === "signoff") node.listening = false; // they all closed without reading on
    if (dir === "client->daemon") node.carryOut(clients.step({ on: "client-frame", client: asker, body }, now));
    else if (stringOf(message, "t") === "hbapi-resp") expectedAnswers.push(hex);
    else if (stringOf(message, "src") === self && stringOf(message, "to_id") !== undefined)
      expectedHeard.push(told(message)); // its own words, come back through the cluster
    else {
      const delivered = clients.deliver(message, "keep");
      const bodies = delivered.map(
        (output) => output.is === "effect" && output.effect.do === "client-send" && hexOf(output.effect.body),
      );
      assert.deepEqual(bodies, [hex], "a message from the cluster is passed on byte by byte");
    }
  }
  assert.deepEqual(node.answers, expectedAnswers);
  assert.deepEqual(node.heard, expectedHeard);
}

for (const file of readdirSync(folder)) {
  if (file === "ha_logger.json") continue; // another protocol: the log daemon's
  const exchange: Exchange = JSON.parse(readFileSync(`${folder}/${file}`, "utf8"));
  test(`${file.replace(".json", "")}: ${exchange.command}`, () => replay(exchange));
}
