/**
 * A program for test/live/fuzz: sends damaged datagrams to a node, at a steady pace.
 *
 * Arguments: address, port, number, datagrams a second, seed. The material are recorded datagrams of the original and noise; each is
 * damaged in a few places: bytes changed, cut out, doubled, or two of them joined.
 */
import { createSocket } from "node:dgram";
import { Prng } from "../../src/base/prng.ts";
import { sign } from "../../src/wire/auth/index.ts";
import type { KeyRing } from "../../src/wire/auth/method.ts";
import { netstringEnd } from "../../src/wire/netstring-format.ts";
import { datagramVectors, hexBytes } from "./vectors.ts";

const [address = "", port = "", number = "", pace = "", seed = ""] = process.argv.slice(2);
/** The laboratory's own. */
const keys: KeyRing = { active: 1, entries: new Map([[1, { method: "sha1", text: "laboratory" }]]) };
const prng = new Prng(Number(seed));
const material = datagramVectors().map((vector) => hexBytes(vector.hex));
const socket = createSocket("udp4");
const sent = Number(number);
const began = performance.now();

for (let i = 0; i < sent; ) {
  // A hundred at a time, then as long a pause as the pace asks for.
  for (const end = Math.min(sent, i + 100); i < end; i++) {
    const bytes = damaged();
    await new Promise<void>((resolve) => socket.send(bytes, Number(port), address, () => resolve()));
  }
  const ahead = (i / Number(pace)) * 1000 - (performance.now() - began);
  if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
}
socket.close();
console.log(`sent ${sent} in ${Math.round(performance.now() - began)} ms`);

function damaged(): Uint8Array {
  if (prng.chance(0.05)) return noise(prng.integer(0, 2000));
  let bytes = material[prng.integer(0, material.length - 1)] ?? new Uint8Array(0);
  for (let n = prng.integer(1, 4); n > 0; n--) bytes = damage(bytes);
  bytes = bytes.subarray(0, 60_000);
  return prng.chance(0.3) ? signed(bytes) : bytes;
}

/** With a signature that the receiver accepts, so that it looks inside. The originators in there are no nodes of its cluster. */
function signed(bytes: Uint8Array): Uint8Array {
  const end = netstringEnd(bytes, 0);
  const signature = end === undefined ? undefined : sign(keys, bytes.subarray(0, end));
  if (end === undefined || signature === undefined) return bytes;
  return joined(bytes.subarray(0, end), Buffer.from(`${signature.length}:${signature},`));
}

function damage(bytes: Uint8Array): Uint8Array {
  const at = prng.integer(0, bytes.length);
  const other = prng.integer(0, bytes.length);
  const [from, to] = [Math.min(at, other), Math.max(at, other)];
  switch (prng.integer(0, 4)) {
    case 0: {
      const changed = Uint8Array.from(bytes);
      if (at < changed.length) changed[at] = prng.integer(0, 255);
      return changed;
    }
    case 1:
      return joined(bytes.subarray(0, from), bytes.subarray(to));
    case 2:
      return joined(bytes.subarray(0, to), bytes.subarray(from));
    case 3:
      return joined(bytes.subarray(0, at), noise(prng.integer(1, 20)), bytes.subarray(at));
    default:
      return joined(bytes.subarray(0, at), material[prng.integer(0, material.length - 1)] ?? bytes);
  }
}

function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, () => prng.integer(0, 255));
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return Buffer.concat(parts);
}
