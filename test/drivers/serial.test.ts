import assert from "node:assert/strict";
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { mediumName } from "../../src/base/units.ts";
import type { MediumDriver } from "../../src/drivers/medium.ts";
import { openSerial } from "../../src/drivers/serial.ts";
import { int32, loadSystem } from "../../src/drivers/sys/system.ts";
import { until } from "../support/until.ts";

const loaded = loadSystem();
assert.ok(loaded.ok, "the native addon is needed");
const system = loaded.value;

/** A pseudo terminal: its slave is the serial line, its master the far end of the cable. */
class Cable {
  readonly master = openSync("/dev/ptmx", constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  readonly slave: string;
  #open = true;

  constructor() {
    system.control(this.master, 0x40045431, int32(0)); // TIOCSPTLCK: unlock
    const number = new Uint8Array(4);
    assert.equal(system.control(this.master, 0x80045430, number), 0); // TIOCGPTN
    this.slave = `/dev/pts/${new DataView(number.buffer).getInt32(0, true)}`;
  }

  /** What has arrived at the far end. */
  take(): string {
    const buffer = new Uint8Array(65_536);
    let text = "";
    for (;;) {
      const length = system.read(this.master, buffer);
      if (length <= 0) return text;
      text += Buffer.from(buffer.subarray(0, length)).toString("latin1");
    }
  }

  write(text: string): void {
    assert.equal(system.write(this.master, Buffer.from(text, "latin1")), text.length);
  }

  close(): void {
    if (this.#open) closeSync(this.master);
    this.#open = false;
  }
}

interface Line {
  readonly cable: Cable;
  /** The path that was opened: a link to the slave. */
  readonly device: string;
  readonly driver: MediumDriver;
  readonly heard: string[];
  readonly warned: string[];
  readonly locks: string;
}

function open(t: TestContext, baud = 115_200): Line {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-test-serial-"));
  const cable = new Cable();
  const device = join(folder, "ttyS9");
  symlinkSync(cable.slave, device);
  const heard: string[] = [];
  const warned: string[] = [];
  const opened = openSerial(
    { kind: "serial", name: mediumName(device), device, baud },
    {
      onMessage: (bytes) => heard.push(Buffer.from(bytes).toString("latin1")),
      warn: (text) => warned.push(text),
    },
    folder,
  );
  assert.ok(opened.ok, opened.ok ? "" : opened.error.says);
  t.after(() => {
    opened.value.close();
    cable.close();
    rmSync(folder, { recursive: true });
  });
  return { cable, device, driver: opened.value, heard, warned, locks: folder };
}

const locksIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.startsWith("LCK.."));
const message = (text: string): string => `>>>\n${text}\n<<<\n`;

test("messages are cut out of the stream, with noise around them and every byte in them as it was", async (t) => {
  const { cable, heard } = open(t);
  const odd = message("t=status\nname=\xe4\r\x13\xff");
  cable.write(`rubbish\n<<<\nmore${message("t=lost")}`.replace("\n>>>", ">>>")); // no marker at the start of a line
  cable.write(`\n${odd.slice(0, 7)}`);
  cable.write(`${odd.slice(7)}>>>\nt=broken off\n${message("t=two")}${message("t=three")}`);
  await until("three messages", () => heard.length >= 3);
  assert.deepEqual(heard, [odd, message("t=two"), message("t=three")]);
});

test("what is sent arrives whole and in order, in pieces at the speed of the line", async (t) => {
  const { cable, driver, warned } = open(t, 9600);
  const sent = [message("a".repeat(700)), message("b")];
  const start = performance.now();
  for (const text of sent) assert.equal(driver.send(Buffer.from(text)), undefined);
  let arrived = "";
  await until("all of it", () => {
    arrived += cable.take();
    return arrived.length >= sent.join("").length;
  });
  assert.equal(arrived, sent.join(""));
  assert.ok(
    performance.now() - start > 250 + 512 * (10_000 / 9600) * 0.9,
    "after the break, and 512 bytes of line time",
  );
  assert.deepEqual(warned, []);
});

test("nobody reads: the queue is thrown away, one warning an hour, and later messages get through", async (t) => {
  const { cable, driver, warned } = open(t, 460_800);
  const fill = async (): Promise<void> => {
    for (let i = 0; i < 12; i++) driver.send(Buffer.from(message("x".repeat(5000))));
    await new Promise((resolve) => setTimeout(resolve, 2500)); // longer than the break, the pieces and the limit together
  };
  await fill();
  await until("the warning", () => warned.length > 0);
  assert.match(warned[0] ?? "", /TTY write timeout on \[.*ttyS9\]/);
  await fill();
  assert.equal(warned.length, 1);
  cable.take();
  await until("a new message passes", () => {
    driver.send(Buffer.from(message("t=alive")));
    return cable.take().includes(message("t=alive"));
  });
});

test("more than the queue holds is refused with advice", (t) => {
  const { driver } = open(t, 9600);
  const faults = Array.from({ length: 20 }, () => driver.send(new Uint8Array(5000))?.code);
  assert.ok(faults.includes("line-too-slow"));
  assert.equal(faults[0], undefined);
});

test("a line that is hung up is a fault without spinning, and is opened again", async (t) => {
  const { cable, device, driver, heard } = open(t);
  cable.close();
  await until("the loss is noticed", () => driver.send(Buffer.from("x"))?.code !== undefined);
  const next = new Cable();
  t.after(() => next.close());
  rmSync(device);
  symlinkSync(next.slave, device);
  await until("it is back", () => driver.send(Buffer.from("x")) === undefined);
  next.write(message("t=returned"));
  await until("it hears again", () => heard.includes(message("t=returned")));
});

test("the line is locked while it is open; whoever lives keeps his lock, a stale one is taken", (t) => {
  const { device, driver, locks } = open(t);
  const [lock = "none"] = locksIn(locks);
  assert.match(lock, /^LCK\.\.[A-Za-z0-9]*ttyS9$/);
  driver.close();
  assert.deepEqual(locksIn(locks), []);
  const hands = { onMessage: () => {}, warn: () => {} };
  const config = { kind: "serial", name: mediumName(device), device, baud: 9600 } as const;
  writeFileSync(join(locks, lock), "         1\n");
  const refused = openSerial(config, hands, locks);
  assert.equal(refused.ok ? undefined : refused.error.code, "line-in-use");
  assert.ok(existsSync(join(locks, lock)));
  writeFileSync(join(locks, lock), "4194999\n"); // above the kernel's largest process id
  const taken = openSerial(config, hands, locks);
  assert.ok(taken.ok);
  taken.value.close();
});

test("what is no tty is refused", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-test-serial-"));
  t.after(() => rmSync(folder, { recursive: true }));
  for (const device of ["/dev/null", join(folder, "none")]) {
    const opened = openSerial(
      { kind: "serial", name: mediumName(device), device, baud: 9600 },
      { onMessage: () => {}, warn: () => {} },
      folder,
    );
    assert.ok(!opened.ok);
    assert.match(opened.error.says, new RegExp(device));
  }
  assert.deepEqual(locksIn(folder), []);
});
