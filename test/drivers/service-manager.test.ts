/** What systemd hears from us, on a socket of the test's own. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type TestContext } from "node:test";
import { instant } from "../../src/base/units.ts";
import { ServiceManager } from "../../src/drivers/service-manager.ts";
import { family, socketType, unixAddress } from "../../src/drivers/sys/socket.ts";
import { loadSystem } from "../../src/drivers/sys/system.ts";

function manager(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "hb-notify-"));
  const loaded = loadSystem();
  assert.ok(loaded.ok);
  const system = loaded.value;
  const path = join(folder, "notify");
  const address = unixAddress(path);
  assert.ok(address !== undefined);
  const fd = system.socket(family.unix, socketType.datagram | socketType.nonBlocking, 0);
  assert.equal(system.bind(fd, address), 0);
  t.after(() => {
    system.close(fd);
    rmSync(folder, { recursive: true, force: true });
  });
  const buffer = new Uint8Array(1000);
  const heard = (): string | undefined => {
    const length = system.receive(fd, buffer);
    return length < 0 ? undefined : Buffer.from(buffer.subarray(0, length)).toString();
  };
  return { path, heard };
}

test("up, well and stopping are said; scripts do not inherit the right to say so", (t) => {
  const { path, heard } = manager(t);
  const environment = { NOTIFY_SOCKET: path, WATCHDOG_USEC: "4000000", WATCHDOG_PID: "7", HOME: "/" };
  const service = ServiceManager.of(environment, 7);
  assert.deepEqual(environment, { HOME: "/" });
  assert.ok(service !== undefined);
  assert.equal(service.interval, 1000);
  service.starting(4000);
  assert.equal(heard(), "EXTEND_TIMEOUT_USEC=34000000");
  service.ready("node fox\nREADY=0");
  assert.equal(heard(), "READY=1\nSTATUS=node fox READY=0");
  service.alive(instant(5000));
  service.alive(instant(5999));
  assert.equal(heard(), "WATCHDOG=1");
  assert.equal(heard(), undefined, "not more often than is needed");
  service.alive(instant(6000));
  assert.equal(heard(), "WATCHDOG=1");
  service.stopping();
  assert.match(heard() ?? "", /^STOPPING=1\n/);
});

test("no watchdog, or that of another process: no signs of life", (t) => {
  const { path, heard } = manager(t);
  for (const more of [{}, { WATCHDOG_USEC: "1000000", WATCHDOG_PID: "8" }, { WATCHDOG_USEC: "soon" }]) {
    const service = ServiceManager.of({ NOTIFY_SOCKET: path, ...more }, 7);
    assert.ok(service !== undefined);
    assert.equal(service.interval, undefined);
    service.alive(instant(1));
    assert.equal(heard(), undefined);
  }
});

test("without systemd there is nobody to tell", () => {
  assert.equal(ServiceManager.of({}, 7), undefined);
  assert.equal(ServiceManager.of({ NOTIFY_SOCKET: "/nonexistent/notify" }, 7), undefined);
});
