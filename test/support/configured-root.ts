/** A root directory with a small valid configuration of this machine and owl, `lines` behind those of ha.cf. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { pathsBelow } from "../../src/daemon/paths.ts";

export function configuredRoot(t: TestContext, lines: string): string {
  const root = mkdtempSync(join(tmpdir(), "hb-root-"));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const { configuration, runDirectory } = pathsBelow(root);
  mkdirSync(configuration, { recursive: true });
  mkdirSync(runDirectory, { recursive: true });
  const haCf = `logfacility local0\nauto_failback on\nbcast lo\nnode ${hostname().toLowerCase()} owl\n${lines}\n`;
  for (const [file, text] of [
    ["ha.cf", haCf],
    ["authkeys", "auth 1\n1 sha1 x\n"],
    ["haresources", "\n"],
  ] as const)
    writeFileSync(join(configuration, file), text, { mode: 0o600 });
  return root;
}
