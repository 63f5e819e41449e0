/** The kernel's table of mounts, as proc(5) has it. */
import assert from "node:assert/strict";
import test from "node:test";
import { isBelow, mountAt, readMounts } from "../../src/runner/mounts.ts";

const table = [
  "21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw",
  "30 21 7:0 / /srv rw,relatime shared:9 master:2 - ext4 /dev/loop0 rw",
  "31 21 8:1 /var/a /srv/with\\040blank rw - ext4 /dev/sda1 rw",
  "32 21 0:50 / /srv rw - nfs4 nas:/export\\040a rw,addr=10.0.0.1",
  "",
].join("\n");

test("each line is a mount, of several at one place the last is seen", () => {
  const mounts = readMounts(table);
  assert.equal(mounts.length, 4);
  assert.deepEqual(mountAt(mounts, "/srv"), {
    ...{ id: "32", device: "0:50", root: "/", place: "/srv", type: "nfs4", source: "nas:/export a" },
  });
  assert.equal(mountAt(mounts, "/srv/with blank")?.root, "/var/a");
  assert.equal(mountAt(mounts, "/sr"), undefined);
});

test("below a place is what lies in it", () => {
  assert.deepEqual(
    ["/srv/a", "/srv", "/srv2", "/"].map((path) => isBelow(path, "/srv")),
    [true, false, false, false],
  );
  assert.equal(isBelow("/srv", "/"), true);
});
