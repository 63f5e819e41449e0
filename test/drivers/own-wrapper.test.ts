/** Our own wrapper is known in each form in which it is installed; anything else of that name is somebody's own script. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { isOwnWrapper } from "../../src/drivers/own-wrapper.ts";

test("a link, a copy, and the two lines of the package are ours", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "hb-wrapper-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  copyFileSync("share/usr/share/heartbeat/ocf-resource", at("copy"));
  writeFileSync(at("package"), "#!/bin/sh\n. /usr/share/heartbeat/ocf-resource\n");
  writeFileSync(at("own"), "#!/bin/sh\n# instead of ocf-resource\nmount /dev/sdb1 /srv\n");
  assert.equal(isOwnWrapper("share/etc/ha.d/resource.d/Filesystem"), true);
  assert.deepEqual(
    ["copy", "package", "own", "none"].map((name) => isOwnWrapper(at(name))),
    [true, true, false, false],
  );
});
