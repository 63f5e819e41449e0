import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "node:test";
import { openControlSocket } from "../../src/daemon/control-socket.ts";

function ask(path: string, request: string): Promise<string> {
  const socket = connect(path);
  socket.on("error", () => {}); // a server that cuts us off is what some rows expect
  socket.write(request);
  return text(socket).catch(() => "");
}

test("the view is one line of JSON for root, anything else an error, and a second start takes the place of a dead one", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "hb-control-"));
  t.after(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "control");
  const faults: string[] = [];
  const umask = process.umask();
  for (const start of [1, 2]) {
    const control = openControlSocket(
      path,
      {
        view: () => ({ node: "owl", start }),
        obey: (order) => ({ ok: true, says: JSON.stringify(order) }),
        record: () => "{}\n{}\n",
      },
      (says) => faults.push(says),
    );
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(process.umask(), umask);
    assert.equal(await ask(path, "view\n"), `{"node":"owl","start":${start}}\n`);
    assert.equal(await ask(path, "record\n"), "{}\n{}\n");
    assert.equal(await ask(path, "shutdown\n"), '{"error":"unknown request"}\n');
    assert.equal(await ask(path, "v".repeat(10_000)), '{"error":"unknown request"}\n');
    const move = { do: "move", group: "10.0.0.1", to: "fox" };
    assert.deepEqual(JSON.parse(await ask(path, `${JSON.stringify(move)}\n`)), {
      ok: true,
      says: JSON.stringify(move),
    });
    for (const wrong of [{ do: "move" }, { do: "maintenance", on: "yes" }, { do: "stop" }, null, []])
      assert.equal(await ask(path, `${JSON.stringify(wrong)}\n`), '{"error":"unknown request"}\n');
    const many = await Promise.all(Array.from({ length: 4 }, () => ask(path, "view\n")));
    assert.equal(new Set(many).size, 1);
    control.close();
    assert.throws(() => statSync(path));
  }
  assert.deepEqual(faults, []);
});
