/**
 * A system bus with a systemd on it, as far as whoever wants to hear of units can tell: it logs in, answers calls and broadcasts what it is told to.
 * Messages are written here byte by byte, in either byte order, independently of the program's own reader.
 */
import { once } from "node:events";
import { rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";

/** A value with its D-Bus type. */
export type Value =
  | readonly ["s" | "o" | "g", string]
  | readonly ["u" | "t", number]
  | readonly ["v", Value]
  | readonly ["as", readonly string[]]
  | readonly ["a{sv}", Readonly<Record<string, Value>>]
  | readonly ["(su)", readonly Value[]];

export const owner = ":1.0";
export const pathOf = (unit: string): string =>
  `/org/freedesktop/systemd1/unit/${unit.replace(/[^A-Za-z0-9]/g, (each) => `_${each.charCodeAt(0).toString(16)}`)}`;

class Body {
  readonly #bytes: number[] = [];
  readonly #little: boolean;

  constructor(little: boolean) {
    this.#little = little;
  }

  get bytes(): readonly number[] {
    return this.#bytes;
  }

  align(to: number): this {
    while (this.#bytes.length % to !== 0) this.#bytes.push(0);
    return this;
  }

  raw(...bytes: readonly number[]): this {
    this.#bytes.push(...bytes);
    return this;
  }

  integer(value: number, size: 4 | 8 = 4): this {
    this.align(size);
    const bytes = Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) % 256);
    return this.raw(...(this.#little ? bytes : bytes.reverse()));
  }

  put([type, value]: Value): this {
    switch (type) {
      case "s":
      case "o":
        return this.integer(Buffer.byteLength(value)).raw(...Buffer.from(value), 0);
      case "g":
        return this.raw(value.length, ...Buffer.from(value), 0);
      case "u":
        return this.integer(value);
      case "t":
        return this.integer(value, 8);
      case "v":
        return this.put(["g", value[0]]).put(value);
      case "as":
        return this.#array(4, () => {
          for (const each of value) this.put(["s", each]);
        });
      case "a{sv}":
        return this.#array(8, () => {
          for (const [name, each] of Object.entries(value)) this.align(8).put(["s", name]).put(["v", each]);
        });
      case "(su)":
        this.align(8);
        for (const each of value) this.put(each);
        return this;
    }
  }

  /** Its length counts what follows the padding behind it. */
  #array(alignment: number, fill: () => void): this {
    this.integer(0);
    const lengthAt = this.#bytes.length - 4;
    this.align(alignment);
    const start = this.#bytes.length;
    fill();
    const length = new Body(this.#little).integer(this.#bytes.length - start).bytes;
    this.#bytes.splice(lengthAt, 4, ...length);
    return this;
  }
}

const kinds = { return: 2, error: 3, signal: 4 } as const;
/** Code and value of a header field; see the specification, "Message Format". */
type HeaderField = readonly [number, Value];

export function dbusMessage(
  kind: keyof typeof kinds,
  header: readonly HeaderField[],
  values: readonly Value[] = [],
  little = true,
): Buffer {
  const body = new Body(little);
  for (const value of values) body.put(value);
  const signature: readonly HeaderField[] =
    values.length === 0 ? [] : [[8, ["g", values.map(([type]) => type).join("")]]];
  const fields = new Body(little);
  for (const [code, value] of [...header, ...signature]) fields.align(8).raw(code).put(["v", value]);
  const head = new Body(little).raw((little ? "l" : "B").charCodeAt(0), kinds[kind], 0, 1);
  head.integer(body.bytes.length).integer(7).integer(fields.bytes.length);
  head.raw(...fields.bytes).align(8);
  return Buffer.from([...head.bytes, ...body.bytes]);
}

/** A change of a unit, with some of what systemd tells beside its state. */
export const unitChange = (
  unit: string,
  state: string,
  { sender = owner, little = true, of = "org.freedesktop.systemd1.Unit" } = {},
): Buffer =>
  dbusMessage(
    "signal",
    [
      [1, ["o", pathOf(unit)]],
      [2, ["s", "org.freedesktop.DBus.Properties"]],
      [3, ["s", "PropertiesChanged"]],
      [7, ["s", sender]],
    ],
    [
      ["s", of],
      [
        "a{sv}",
        {
          StateChangeTimestamp: ["t", 1_700_000_000_000_000],
          Refs: ["as", ["a", "bc"]],
          Job: [
            "(su)",
            [
              ["s", "start"],
              ["u", 7],
            ],
          ],
          ActiveState: ["s", state],
          SubState: ["s", "dead"],
        },
      ],
      ["as", ["Conditions", "Asserts"]],
    ],
    little,
  );

export const answerTo = (serial: number, values: readonly Value[], sender = owner): Buffer =>
  dbusMessage(
    "return",
    [
      [5, ["u", serial]],
      [7, ["s", sender]],
    ],
    values,
  );

export const errorTo = (serial: number, name: string): Buffer =>
  dbusMessage("error", [
    [4, ["s", name]],
    [5, ["u", serial]],
    [7, ["s", owner]],
  ]);

/** The serial and the texts of a call that our program has written. */
export function readCall(bytes: Buffer): { readonly serial: number; readonly size: number; readonly text: string } {
  const fields = bytes.readUInt32LE(12);
  const bodyAt = Math.ceil((16 + fields) / 8) * 8;
  const size = bodyAt + bytes.readUInt32LE(4);
  return { serial: bytes.readUInt32LE(8), size, text: bytes.toString("latin1", 16, size) };
}

const members = ["Hello", "AddMatch", "Subscribe", "LoadUnit"];

/** Answers as a bus with these units. */
export class FakeBus implements AsyncDisposable {
  readonly path: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly calls: string[] = [];

  private constructor(path: string) {
    this.path = path;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async listen(path: string): Promise<FakeBus> {
    const bus = new FakeBus(path);
    bus.#server.listen(path);
    await once(bus.#server, "listening");
    return bus;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
    rmSync(this.path, { force: true });
  }

  say(bytes: Buffer): void {
    for (const socket of this.#sockets) socket.write(bytes);
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("error", () => {});
    let held = Buffer.alloc(0);
    let loggedIn = false;
    socket.on("data", (bytes) => {
      held = Buffer.concat([held, bytes]);
      if (!loggedIn && held.toString("latin1").endsWith("\r\n")) {
        this.calls.push(held.toString("latin1").trim());
        held = Buffer.alloc(0);
        socket.write("OK 1234deadbeef\r\n");
        loggedIn = true;
      }
      if (held.toString("latin1").startsWith("BEGIN\r\n")) held = held.subarray(7);
      while (held.length >= 16 && held.length >= readCall(held).size) {
        const { serial, size, text } = readCall(held);
        held = held.subarray(size);
        const member = members.find((each) => text.includes(`${each}\0`)) ?? "";
        const [, unit = ""] = /([\w.@-]+)$/.exec(text.slice(0, -1)) ?? [];
        this.calls.push(member === "LoadUnit" ? `${member} ${unit}` : member);
        if (member === "LoadUnit" && unit.startsWith("missing"))
          socket.write(errorTo(serial, "org.freedesktop.systemd1.NoSuchUnit"));
        else if (member === "LoadUnit") socket.write(answerTo(serial, [["o", pathOf(unit.replace("alias", "web"))]]));
        else socket.write(answerTo(serial, member === "Hello" ? [["s", ":1.9"]] : []));
      }
    });
  }
}
