/** How many heartbeats a second can be signed and opened, beside what Node's own digest of the same bytes takes: that much is not ours. */
import { createHmac } from "node:crypto";
import type { KeyRing } from "../src/wire/auth/method.ts";
import { openDatagram, sealDatagram } from "../src/wire/framing.ts";
import { binary, type Message, text } from "../src/wire/message.ts";

const message: Message = [
  text("t", "status"),
  text("st", "active"),
  text("dt", "bb8"),
  text("protocol", "1"),
  text("hb4", "1 4.0.0 ready=1 leave=0 hold=fox:2 pings=0 conf=414fe6d41fed"),
  text("src", "fox"),
  binary("srcuuid", new Uint8Array(16).fill(7)),
  text("seq", "1a2b"),
  text("hg", "3f7"),
  text("ts", "6553f13b"),
  text("ld", "0.10 0.10 0.10 1/100 1"),
  text("ttl", "4"),
];
const key = "laboratory";
const keys: KeyRing = { active: 1, entries: new Map([[1, { method: "sha1", text: key }]]) };
/** In milliseconds of processor. */
const measured = 1500;

export interface MessageFigures {
  /** A second of processor. */
  readonly sealed: number;
  readonly opened: number;
  readonly digestsOfNode: number;
  /** Opening in units of one digest. */
  readonly openedPerDigest: number;
}

export function benchMessages(): MessageFigures {
  const seal = () => sealDatagram(message, keys, "classic");
  const sealed = seal();
  if (!sealed.ok) throw new Error(`a status cannot be sealed: ${sealed.error}`);
  const bytes = sealed.value;
  const opened = rateOf(() => openDatagram(bytes, keys).ok);
  const digestsOfNode = rateOf(() => createHmac("sha1", key).update(bytes).digest("hex").length === 40);
  return {
    sealed: rateOf(() => seal().ok),
    opened,
    digestsOfNode,
    openedPerDigest: Math.round((digestsOfNode / opened) * 100) / 100,
  };
}

/** Calls a second of this process's own processor time, after as many to warm up. */
function rateOf(work: () => boolean): number {
  for (const last of [false, true]) {
    const began = used();
    let calls = 0;
    for (let now = began; now - began < measured; now = used())
      for (let i = 0; i < 500; i++, calls++) if (!work()) throw new Error("what is measured does not work");
    if (last) return Math.round((calls / (used() - began)) * 1000);
  }
  return 0;
}

function used(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
