/**
 * The conversation with the system bus by which systemd tells when a unit has ended.
 *
 * It says hello, asks systemd to tell of changes, and what each unit is called on the bus: one call at a time, since a bus keeps few for
 * anybody. From then on it only listens. Anybody on the machine may send us a message: only what systemd's own connection says counts, and when another
 * connection becomes systemd's, this one has come to its end.
 *
 * Source: the D-Bus specification, chapters "Authentication Protocol" and "Message Bus"; org.freedesktop.systemd1(5).
 */
import { type Call, composeCall, DbusFramer, type DbusMessage } from "./message.ts";

export type UnitTurn =
  | {
      readonly is: "talking";
      readonly send: Uint8Array;
      /** Units that have just become inactive or failed. */
      readonly down: readonly string[];
      /** From now on nothing is missed. */
      readonly ready: boolean;
    }
  | { readonly is: "wrong"; readonly says: string };

const driver = {
  destination: "org.freedesktop.DBus",
  path: "/org/freedesktop/DBus",
  interface: "org.freedesktop.DBus",
};
const systemd = "org.freedesktop.systemd1";
const manager = { destination: systemd, path: "/org/freedesktop/systemd1", interface: `${systemd}.Manager` };
const unitInterface = `${systemd}.Unit`;
const properties = "org.freedesktop.DBus.Properties";

const unitsChange =
  `type='signal',sender='${systemd}',path_namespace='${manager.path}/unit',interface='${properties}',` +
  `member='PropertiesChanged',arg0='${unitInterface}'`;
const ownerChanges = `type='signal',sender='${driver.destination}',member='NameOwnerChanged',arg0='${systemd}'`;

/** The bus answers a login in one line. */
const lineMax = 1024;
const nothing: Uint8Array = new Uint8Array(0);

interface Step extends Call {
  /** The answer is what it is called on the bus; one that does not exist is not told of. */
  readonly unit?: string;
}

export class UnitSignals {
  readonly #uid: number;
  readonly #steps: readonly Step[];
  readonly #framer = new DbusFramer();
  /** Names may be aliases: two can be one unit. */
  readonly #unitsAt = new Map<string, string[]>();
  #line: string | undefined = "";
  /** The call that is waited for is the one before; its number is its serial. */
  #called = 0;
  /** The connection of systemd. */
  #owner: string | undefined;

  /** `units`: full names, `nginx.service`. */
  constructor(units: readonly string[], uid: number) {
    this.#uid = uid;
    this.#steps = [
      { ...driver, member: "Hello", args: [] },
      { ...driver, member: "AddMatch", args: [ownerChanges] },
      { ...driver, member: "AddMatch", args: [unitsChange] },
      { ...manager, member: "Subscribe", args: [] },
      ...units.map((unit) => ({ ...manager, member: "LoadUnit", args: [unit], unit })),
    ];
  }

  open(): Uint8Array {
    return Buffer.from(`\0AUTH EXTERNAL ${Buffer.from(String(this.#uid)).toString("hex")}\r\n`, "latin1");
  }

  hear(bytes: Uint8Array): UnitTurn {
    if (this.#line !== undefined) return this.#login(bytes);
    const messages = this.#framer.push(bytes);
    if (messages === undefined) return wrong("the bus says what is no message");
    const down: string[] = [];
    let send = nothing;
    let ready = false;
    for (const message of messages) {
      if (message.kind === "signal") {
        if (this.#isOwnerChange(message)) return wrong("systemd has another connection to the bus");
        down.push(...this.#downBy(message));
      } else if (message.replyTo === this.#called) {
        const refused = this.#answered(message);
        if (refused !== undefined) return wrong(refused);
        ready = this.#called === this.#steps.length;
        send = this.#next();
      }
    }
    return { is: "talking", send, down, ready };
  }

  #login(bytes: Uint8Array): UnitTurn {
    const line = `${this.#line}${Buffer.from(bytes).toString("latin1")}`;
    this.#line = line;
    if (!line.includes("\r\n")) return line.length > lineMax ? wrong("it is no bus") : talking(nothing);
    // Nothing may follow: the bus waits for us.
    if (!/^OK [0-9a-f]+\r\n$/.test(line)) return wrong("the bus refuses the login");
    this.#line = undefined;
    return talking(Buffer.concat([Buffer.from("BEGIN\r\n", "latin1"), this.#next()]));
  }

  #next(): Uint8Array {
    const step = this.#steps[this.#called];
    if (step === undefined) {
      this.#called = Number.POSITIVE_INFINITY; // nothing more is waited for
      return nothing;
    }
    this.#called++;
    return composeCall(step, this.#called);
  }

  /** Why it cannot go on; undefined: it can. */
  #answered(message: DbusMessage): string | undefined {
    const step = this.#steps[this.#called - 1];
    if (step === undefined) return undefined;
    if (step.unit === undefined) {
      if (step.member === "Subscribe") this.#owner = message.sender;
      return message.kind === "return" ? undefined : `${step.member}: ${message.errorName}`;
    }
    const path = message.kind === "return" && message.signature === "o" ? message.body.text() : "";
    if (path !== "") this.#unitsAt.set(path, [...(this.#unitsAt.get(path) ?? []), step.unit]);
    return undefined;
  }

  #isOwnerChange({ sender, interface: of, member, body, signature }: DbusMessage): boolean {
    const is = sender === driver.destination && of === driver.interface && member === "NameOwnerChanged";
    return is && signature === "sss" && body.text() === systemd && this.#owner !== undefined;
  }

  #downBy(message: DbusMessage): readonly string[] {
    const units = this.#unitsAt.get(message.path);
    if (units === undefined || message.sender !== this.#owner || message.member !== "PropertiesChanged") return [];
    const state = activeState(message);
    return state === "inactive" || state === "failed" ? units : [];
  }
}

/** What a change of a unit's properties says of its state; undefined: nothing. */
function activeState({ interface: of, signature, body }: DbusMessage): string | undefined {
  if (of !== properties || signature !== "sa{sv}as" || body.text() !== unitInterface) return undefined;
  const end = body.arrayEnd("{");
  while (body.at < end && !body.broken) {
    body.align(8);
    const name = body.text();
    const value = body.variantText();
    if (name === "ActiveState" && !body.broken) return value;
  }
  return undefined;
}

const talking = (send: Uint8Array): UnitTurn => ({ is: "talking", send, down: [], ready: false });
const wrong = (says: string): UnitTurn => ({ is: "wrong", says });
