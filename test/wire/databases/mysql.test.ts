import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import type { Login, Turn } from "../../../src/wire/databases/conversation.ts";
import { signByPassword } from "../../../src/wire/databases/ed25519.ts";
import { MysqlConversation } from "../../../src/wire/databases/mysql.ts";

const login: Login = { user: "fox", password: "secret", database: "", local: false };
const challenge = Buffer.from("abcdefghijklmnopqrst");
const packet = (sequence: number, payload: Uint8Array): Buffer => {
  const head = Buffer.alloc(4);
  head.writeUIntLE(payload.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, payload]);
};
const greeting = (plugin: string): Buffer => {
  const middle = Buffer.alloc(19);
  middle.writeUInt16LE(0xf7ff, 1); // behind a zero
  middle.writeUInt8(33, 3);
  middle.writeUInt16LE(2, 4);
  middle.writeUInt16LE(0x81ff, 6);
  middle.writeUInt8(21, 8);
  return packet(
    0,
    Buffer.concat([
      Buffer.from("\n10.11.6-MariaDB\0"),
      Buffer.from([7, 0, 0, 0]),
      challenge.subarray(0, 8),
      middle,
      challenge.subarray(8),
      Buffer.from(`\0${plugin}\0`),
    ]),
  );
};
const okPacket = (sequence: number) => packet(sequence, Buffer.from([0, 0, 0, 2, 0, 0, 0]));
const eof = (sequence: number) => packet(sequence, Buffer.from([0xfe, 0, 0, 2, 0]));
const one = Buffer.concat([
  packet(1, Buffer.from([1])),
  packet(2, Buffer.from("\x03def\0\0\0\x011\0\x0c\x3f\0\x01\0\0\0\x08\x81\0\0\0\0", "latin1")),
  eof(3),
  packet(4, Buffer.from([1, 0x31])),
  eof(5),
]);
const error = (sequence: number, number: number, text: string) =>
  packet(sequence, Buffer.concat([Buffer.from([0xff, number & 0xff, number >> 8]), Buffer.from(text)]));
const sent = (turn: Turn): Buffer => {
  assert.ok(turn.is === "talking", JSON.stringify(turn));
  return Buffer.from(turn.send);
};
const digest = (algorithm: string, ...parts: readonly Uint8Array[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash(algorithm)).digest();
const xor = (a: Uint8Array, b: Uint8Array) => Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
/** As a server checks it, who knows the digest's digest only. */
const proves = (algorithm: "sha1" | "sha256", answer: Buffer, password: string): boolean => {
  const stored = digest(algorithm, digest(algorithm, Buffer.from(password)));
  const mask = algorithm === "sha1" ? digest("sha1", challenge, stored) : digest("sha256", stored, challenge);
  return digest(algorithm, xor(answer, mask)).equals(stored);
};
/** Of a log-in: the user, the answer to the challenge, the method. */
const readLogin = (bytes: Buffer) => {
  const userEnd = bytes.indexOf(0, 36);
  const length = bytes.readUInt8(userEnd + 1);
  const answer = bytes.subarray(userEnd + 2, userEnd + 2 + length);
  const rest = bytes.toString("latin1", userEnd + 2 + length);
  return { sequence: bytes[3], user: bytes.toString("utf8", 36, userEnd), answer, rest };
};

test("mysql_native_password: the log-in proves the password, the query follows, and 1 is well", () => {
  const talk = new MysqlConversation(login);
  assert.equal(talk.open().length, 0);
  const said = readLogin(sent(talk.hear(greeting("mysql_native_password"))));
  assert.deepEqual([said.sequence, said.user, said.rest], [1, "fox", "mysql_native_password\0"]);
  assert.ok(proves("sha1", said.answer, "secret"));
  assert.ok(!proves("sha1", said.answer, "other"));
  assert.equal(sent(talk.hear(okPacket(2))).toString("latin1"), "\x09\0\0\0\x03SELECT 1");
  assert.deepEqual(talk.hear(one), { is: "well" });
});

test("bytes that come one by one are the same conversation", () => {
  const talk = new MysqlConversation(login);
  const said: number[] = [];
  let last: Turn | undefined;
  for (const byte of Buffer.concat([greeting("mysql_native_password"), okPacket(2), one])) {
    last = talk.hear(Buffer.from([byte]));
    if (last.is === "talking") said.push(...last.send);
  }
  assert.deepEqual(last, { is: "well" });
  assert.ok(Buffer.from(said).includes("SELECT 1"));
});

test("caching_sha2_password: the fast way; the full one only over a local socket", () => {
  const hear = (local: boolean) => {
    const talk = new MysqlConversation({ ...login, local });
    const said = readLogin(sent(talk.hear(greeting("caching_sha2_password"))));
    assert.ok(proves("sha256", said.answer, "secret"));
    return talk;
  };
  const fast = hear(false);
  assert.equal(sent(fast.hear(packet(2, Buffer.from([1, 3])))).length, 0);
  assert.ok(sent(fast.hear(okPacket(3))).includes("SELECT 1"));
  const full = packet(2, Buffer.from([1, 4]));
  assert.equal(sent(hear(true).hear(full)).toString("latin1"), "\x07\0\0\x03secret\0");
  const refused = hear(false).hear(full);
  assert.ok(refused.is === "wrong" && /local socket/.test(refused.says));
});

test("another method is agreed on; one that nobody knows is named", () => {
  const talk = new MysqlConversation({ ...login, database: "shop" });
  const first = readLogin(sent(talk.hear(greeting("client_ed25519"))));
  assert.deepEqual([first.answer.length, first.rest], [0, "shop\0client_ed25519\0"]);
  const ask = Buffer.concat([Buffer.from("\xfemysql_native_password\0", "latin1"), challenge, Buffer.from([0])]);
  const answer = sent(talk.hear(packet(2, ask)));
  assert.equal(answer[3], 3);
  assert.ok(proves("sha1", answer.subarray(4), "secret"));
  const other = new MysqlConversation(login);
  other.hear(greeting("mysql_native_password"));
  assert.deepEqual(other.hear(packet(2, Buffer.from("\xfemysql_clear_password\0", "latin1"))), {
    is: "wrong",
    says: "it asks for mysql_clear_password, which this probe does not know",
  });
});

test("client_ed25519 signs the challenge of 32 bytes, whatever its last byte is, and not the greeting's", () => {
  for (const last of [0, 7]) {
    const talk = new MysqlConversation(login);
    talk.hear(greeting("mysql_native_password"));
    const long = Buffer.from([...Buffer.alloc(31, 9), last]);
    const answer = sent(talk.hear(packet(2, Buffer.concat([Buffer.from("\xfeclient_ed25519\0", "latin1"), long]))));
    assert.deepEqual(answer.subarray(4), signByPassword(Buffer.from("secret"), long));
  }
});

test("without a password nothing is proved, and on a local socket the kernel says who we are", () => {
  for (const plugin of ["mysql_native_password", "caching_sha2_password", "unix_socket"]) {
    const talk = new MysqlConversation({ ...login, password: "" });
    assert.equal(readLogin(sent(talk.hear(greeting(plugin)))).answer.length, 0);
  }
});

test("what the server complains of is told at every stage, and its letters are harmless", () => {
  const talk = () => new MysqlConversation(login);
  assert.deepEqual(talk().hear(error(0, 1040, "Too many connections")), {
    is: "wrong",
    says: "error 1040 (Too many connections)",
  });
  const denied = talk();
  denied.hear(greeting("mysql_native_password"));
  assert.deepEqual(denied.hear(error(2, 1045, "#28000Access denied\n\x1b[31m for 'fox'")), {
    is: "wrong",
    says: "error 1045 (Access denied [31m for 'fox')",
  });
  const broken = talk();
  broken.hear(greeting("mysql_native_password"));
  broken.hear(okPacket(2));
  assert.deepEqual(broken.hear(error(1, 1290, "#HY000no")), { is: "wrong", says: "error 1290 (no)" });
});

test("another answer than 1, another protocol, and answers without end", () => {
  const asked = () => {
    const talk = new MysqlConversation(login);
    talk.hear(greeting("mysql_native_password"));
    talk.hear(okPacket(2));
    return talk;
  };
  const two = Buffer.from(one);
  two[two.lastIndexOf(0x31)] = 0x32;
  assert.deepEqual(asked().hear(two), { is: "wrong", says: "an answer to SELECT 1 that is not 1" });
  assert.deepEqual(asked().hear(okPacket(1)), { is: "wrong", says: "an answer to SELECT 1 that has no columns" });
  for (const rubbish of ["SSH-2.0-OpenSSH_9\r\n", "\x05\0\0\0hello", "\0\0\0\0", "\xff\xff\xff\0"]) {
    const turn = new MysqlConversation(login).hear(Buffer.from(rubbish, "latin1"));
    assert.deepEqual(turn, { is: "wrong", says: "this is not the MySQL protocol" }, JSON.stringify(rubbish));
  }
  assert.deepEqual(asked().hear(Buffer.alloc(300_000, 1)), { is: "wrong", says: "answers without end" });
});

test("nothing that is heard makes it throw", () => {
  const whole = Buffer.concat([greeting("caching_sha2_password"), packet(2, Buffer.from([1, 3])), okPacket(3), one]);
  for (let at = 0; at < whole.length; at++)
    for (const value of [0, 1, 0xff]) {
      const bent = Buffer.from(whole);
      bent[at] = value;
      new MysqlConversation(login).hear(bent);
    }
});
