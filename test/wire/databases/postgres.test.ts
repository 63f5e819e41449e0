import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import test from "node:test";
import type { Login, Turn } from "../../../src/wire/databases/conversation.ts";
import { PostgresConversation } from "../../../src/wire/databases/postgres.ts";

/** The user, the password and the words of the example in RFC 7677. */
const login: Login = { user: "user", password: "pencil", database: "postgres", local: false };
const nonce = "rOprNGfwEbeRWgbNEkqO";
const serverFirst = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";
const clientFinal =
  "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
const serverFinal = "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=";

const message = (kind: string, body: Uint8Array | string): Buffer => {
  const bytes = Buffer.from(body as string, "latin1");
  const head = Buffer.alloc(5);
  head.write(kind);
  head.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([head, bytes]);
};
const method = (number: number, rest = ""): Buffer =>
  message("R", Buffer.from(`\0\0\0${String.fromCharCode(number)}${rest}`, "latin1"));
const ready = message("Z", "I");
const start = Buffer.concat([message("S", "server_version\x0015\0"), message("K", "\0\0\0\x01\0\0\0\x02"), ready]);
const row = (value: string) => message("D", `\0\x01\0\0\0${String.fromCharCode(value.length)}${value}`);
const one = Buffer.concat([message("T", "\0\x01?column?\0"), row("1"), message("C", "SELECT 1\0"), ready]);
const sent = (turn: Turn): string => {
  assert.ok(turn.is === "talking", JSON.stringify(turn));
  return Buffer.from(turn.send).toString("latin1");
};
const talk = (changes: Partial<Login> = {}) => new PostgresConversation({ ...login, ...changes }, nonce);
const md5 = (text: string) => createHash("md5").update(text, "latin1").digest("hex");

test("trust: who we are, then the query, and 1 is well", () => {
  const conversation = talk({ password: "" });
  assert.equal(
    Buffer.from(conversation.open()).toString("latin1"),
    "\0\0\0\x40\0\x03\0\0user\0user\0database\0postgres\0application_name\0heartbeat\0\0",
  );
  assert.equal(sent(conversation.hear(method(0))), "");
  assert.equal(sent(conversation.hear(start)), "Q\0\0\0\x0dSELECT 1\0");
  assert.deepEqual(conversation.hear(one), { is: "well" });
});

test("scram-sha-256: the words of RFC 7677", () => {
  const conversation = talk();
  const first = `n,,n=user,r=${nonce}`;
  assert.equal(
    sent(conversation.hear(method(10, "SCRAM-SHA-256-PLUS\0SCRAM-SHA-256\0\0"))),
    `p\0\0\0${String.fromCharCode(4 + 14 + 4 + first.length)}SCRAM-SHA-256\0\0\0\0${String.fromCharCode(first.length)}${first}`,
  );
  assert.equal(sent(conversation.hear(method(11, serverFirst))).slice(5), clientFinal);
  assert.equal(sent(conversation.hear(method(12, serverFinal))), "");
  assert.equal(sent(conversation.hear(method(0))), "");
  assert.ok(sent(conversation.hear(start)).includes("SELECT 1"));
  assert.deepEqual(conversation.hear(one), { is: "well" });
});

test("scram-sha-256: a server that does not know the password is not believed", () => {
  const proof = { is: "wrong", says: "it did not prove who it is" } as const;
  const asked = () => {
    const conversation = talk();
    conversation.hear(method(10, "SCRAM-SHA-256\0\0"));
    return conversation;
  };
  for (const last of [method(12, "v=AAAA"), method(0)]) {
    const conversation = asked();
    conversation.hear(method(11, serverFirst));
    assert.deepEqual(conversation.hear(last), proof);
  }
  assert.deepEqual(asked().hear(method(12, "v=undefined")), proof);
  for (const bad of ["r=other,s=AAAA,i=1", `r=${nonce},s=AAAA,i=1`, `r=${nonce}x,s=AAAA,i=0`, "x"])
    assert.deepEqual(asked().hear(method(11, bad)), { is: "wrong", says: "its part of SCRAM-SHA-256 is wrong" }, bad);
  const rounds = asked().hear(method(11, `r=${nonce}x,s=AAAA,i=9999999`));
  assert.ok(rounds.is === "wrong" && /9999999 rounds/.test(rounds.says));
});

test("md5; and the password itself only over a local socket", () => {
  const inner = md5("penciluser");
  assert.equal(sent(talk().hear(method(5, "salt"))), `p\0\0\0(md5${md5(`${inner}salt`)}\0`);
  assert.equal(sent(talk({ local: true }).hear(method(3))), "p\0\0\0\x0bpencil\0");
  const refused = talk().hear(method(3));
  assert.ok(refused.is === "wrong" && /local socket/.test(refused.says));
});

test("a password that is asked for and not there, and a method that nobody knows", () => {
  assert.deepEqual(talk({ password: "" }).hear(method(5, "salt")), {
    is: "wrong",
    says: "it asks for a password, and none is configured",
  });
  const gss = talk().hear(method(7));
  assert.ok(gss.is === "wrong" && /does not know/.test(gss.says));
  const plus = talk().hear(method(10, "SCRAM-SHA-256-PLUS\0\0"));
  assert.ok(plus.is === "wrong" && /no method/.test(plus.says));
});

test("what the server complains of is told, and its letters are harmless", () => {
  const starting = message("E", "SFATAL\0VFATAL\0C57P03\0Mthe database system\n\x1bis starting up\0\0");
  assert.deepEqual(talk().hear(starting), {
    is: "wrong",
    says: "error 57P03 (the database system is starting up)",
  });
});

test("another answer than 1, another protocol, and answers without end", () => {
  const asked = () => {
    const conversation = talk();
    conversation.hear(method(0));
    conversation.hear(ready);
    return conversation;
  };
  const not1 = { is: "wrong", says: "an answer to SELECT 1 that is not 1" } as const;
  assert.deepEqual(asked().hear(Buffer.concat([row("2"), ready])), not1);
  assert.deepEqual(asked().hear(ready), not1);
  assert.deepEqual(asked().hear(Buffer.concat([message("D", "\0\x02"), ready])), not1);
  const protocol = { is: "wrong", says: "this is not PostgreSQL's protocol" } as const;
  assert.deepEqual(talk().hear(Buffer.from("HTTP/1.1 400 Bad Request\r\n")), protocol);
  assert.deepEqual(talk().hear(message("W", "")), protocol);
  assert.deepEqual(talk().hear(ready), { is: "wrong", says: "it does not ask who we are" });
  const notices = Buffer.concat(Array.from({ length: 20 }, () => message("N", "x".repeat(20_000))));
  assert.deepEqual(talk().hear(notices), { is: "wrong", says: "answers without end" });
});

test("bytes that come one by one are the same conversation, and nothing makes it throw", () => {
  const whole = Buffer.concat([method(0), start, one]);
  const slow = talk();
  assert.deepEqual([...whole].map((byte) => slow.hear(Buffer.from([byte]))).at(-1), { is: "well" });
  const scram = Buffer.concat([
    method(10, "SCRAM-SHA-256\0\0"),
    method(11, serverFirst),
    method(12, serverFinal),
    start,
  ]);
  for (let at = 0; at < scram.length; at += 11)
    for (const value of [0, 1, 0x2c, 0xff]) {
      const bent = Buffer.from(scram);
      bent[at] = value;
      talk().hear(bent);
    }
});
