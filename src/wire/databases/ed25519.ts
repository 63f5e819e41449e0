/**
 * Signatures as MariaDB's method `ed25519` wants them: those of Ed25519, but with the digest of a password of any length in the place of that of a
 * seed of 32 bytes. The library beneath us signs with a seed only, so the curve is computed here; for a password of 32 bytes both must agree.
 *
 * Source: RFC 8032, section 5.1; the documentation of MariaDB's connection phase.
 * Deviations: the time that this takes depends on the secret. Whoever could measure it stands on this machine as root, or has an answer that waits for
 * a network in between; and a fresh process of computing is needed for each try, at the pace of a probe.
 */
import { createHash } from "node:crypto";

const prime = 2n ** 255n - 19n;
const order = 2n ** 252n + 27742317777372353535851937790883648493n;

const mod = (value: bigint, modulus = prime): bigint => ((value % modulus) + modulus) % modulus;

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  let square = mod(base);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

const inverse = (value: bigint): bigint => power(value, prime - 2n);

const d = mod(-121665n * inverse(121666n));

/** x = X/Z, y = Y/Z, x*y = T/Z. */
interface Point {
  readonly x: bigint;
  readonly y: bigint;
  readonly z: bigint;
  readonly t: bigint;
}

const neutral: Point = { x: 0n, y: 1n, z: 1n, t: 0n };

const affine = (x: bigint, y: bigint): Point => ({ x, y, z: 1n, t: mod(x * y) });
const basePoint = affine(
  15112221349535400772501151409588531511454012693041857206046113283949847762202n,
  mod(4n * inverse(5n)),
);

function add(p: Point, q: Point): Point {
  const a = (p.y - p.x) * (q.y - q.x);
  const b = (p.y + p.x) * (q.y + q.x);
  const c = 2n * p.t * d * q.t;
  const e = 2n * p.z * q.z;
  const [difference, minus, plus, sum] = [mod(b - a), mod(e - c), mod(e + c), mod(b + a)];
  return { x: mod(difference * minus), y: mod(plus * sum), z: mod(minus * plus), t: mod(difference * sum) };
}

function multiply(scalar: bigint): Point {
  let result = neutral;
  let doubled = basePoint;
  for (let rest = scalar; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = add(result, doubled);
    doubled = add(doubled, doubled);
  }
  return result;
}

/** 32 bytes, the last one first: y, and whether x is odd. */
function encode({ x, y, z }: Point): Buffer {
  const inverted = inverse(z);
  return littleEndian(mod(y * inverted) | ((mod(x * inverted) & 1n) << 255n));
}

const littleEndian = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(64, "0"), "hex").reverse();
const numberOf = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);

function digest(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash("sha512");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** 64 bytes. */
export function signByPassword(password: Uint8Array, message: Uint8Array): Buffer {
  const secret = digest(password);
  const scalar = (numberOf(secret.subarray(0, 32)) & (2n ** 254n - 8n)) | (1n << 254n);
  const publicKey = encode(multiply(scalar));
  const once = mod(numberOf(digest(secret.subarray(32), message)), order);
  const commitment = encode(multiply(once));
  const bound = mod(numberOf(digest(commitment, publicKey, message)), order);
  return Buffer.concat([commitment, littleEndian(mod(once + bound * scalar, order))]);
}
