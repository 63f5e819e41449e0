/** ha_propagate and ha_config, with a stand-in for scp. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { ShareTree } from "./tree.ts";

const program = "usr/share/heartbeat/ha_propagate";

test("the files go to every other node, never to one whose name is an option", () => {
  using tree = new ShareTree();
  tree.write("bin/scp", `#!/bin/sh\necho "$*" >> ${tree.root}/copied\n`, 0o755);
  tree.write("bin/heartbeat", "#!/bin/sh\nexit 0\n", 0o755);
  tree.write("etc/ha.d/ha.cf", "node fox owl # node nobody\nnode -oProxyCommand=sh\n");
  tree.write("etc/ha.d/authkeys", "auth 1\n");
  const path = { PATH: `${join(tree.root, "bin")}:${process.env["PATH"]}` };
  const ran = tree.run(program, [], path);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^Propagating HA configuration files to node owl\.$/m);
  assert.match(ran.stderr, /not a host name: -oProxyCommand=sh/);
  const ha = `${tree.root}/etc/ha.d`;
  assert.equal(readFileSync(join(tree.root, "copied"), "utf8"), `-p ${ha}/ha.cf ${ha}/authkeys root@owl:/etc/ha.d/\n`);
});

test("files with errors are not copied, and neither are files that are not there", () => {
  using tree = new ShareTree();
  const path = { PATH: `${join(tree.root, "bin")}:${process.env["PATH"]}` };
  tree.write("bin/heartbeat", "#!/bin/sh\nexit 6\n", 0o755);
  assert.equal(tree.run(program, [], path).code, 6);
  tree.write("etc/ha.d/ha.cf", "node fox owl\n");
  tree.write("etc/ha.d/authkeys", "auth 1\n");
  const ran = tree.run(program, [], path);
  assert.equal(ran.code, 6);
  assert.match(ran.stderr, /nothing was copied/);
});

test("ha_config prints settings that a shell can read", () => {
  const script = 'eval "$(share/usr/share/heartbeat/ha_config)"; echo "$HA_APIGROUP $HA_RC_DIR"';
  assert.equal(execFileSync("sh", ["-c", script], { encoding: "utf8" }), "haclient /etc/ha.d/rc.d\n");
});
