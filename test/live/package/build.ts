/** The package build: the same bytes from the same sources, whoever builds, and for the other architecture the same files but for what is compiled. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { checkout } from "../../support/lab/machine.ts";

/** Of an ELF file, at byte 18. */
const machines = { x64: 62, arm64: 183 } as const;
type Arch = keyof typeof machines;

interface Built {
  readonly bytes: Uint8Array;
  /** Mode, owner, size and path of each file, without the times. */
  readonly list: readonly string[];
  readonly field: (name: string) => string;
  readonly addon: Uint8Array;
}

const run = (argv: readonly string[], env = process.env) => {
  const [program = "", ...args] = argv;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: checkout, env, maxBuffer: 64 * 1024 * 1024 });
  assert.equal(status, 0, `${argv.join(" ")}: ${stderr}`);
  return stdout;
};

function build(t: TestContext, arch: Arch, umask: string, zone: string): Built {
  const folder = mkdtempSync(join(tmpdir(), "heartbeat-build-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const words = [
    "scripts/dist.mjs",
    "--quick",
    "--only",
    "deb",
    "--arch",
    arch,
    "--node",
    "system",
    "--output",
    folder,
  ];
  const script = 'umask "$1"; shift; exec "$@"';
  run(["bash", "-c", script, "build", umask, process.execPath, ...words], { ...process.env, TZ: zone });
  const file = join(folder, readdirSync(folder).find((name) => name.endsWith(".deb")) ?? "");
  run(["dpkg-deb", "-x", file, join(folder, "files")]);
  const listed = run(["dpkg-deb", "-c", file]).toString();
  return {
    bytes: readFileSync(file),
    list: listed
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/ \d{4}-\d\d-\d\d \d\d:\d\d /, " ")),
    field: (name) => run(["dpkg-deb", "-f", file, name]).toString().trim(),
    addon: readFileSync(join(folder, "files", "usr/lib/heartbeat/app/build", `hbsys-${arch}.node`)),
  };
}

const machineOf = (elf: Uint8Array): number => (elf[18] ?? 0) | ((elf[19] ?? 0) << 8);
/** But for what is compiled, and what depends on its size. */
const common = ({ list }: Built): string[] => list.filter((line) => !/hbsys-/.test(line)).map((line) => line.trim());

export const packageBuild = {
  name: "two builds of the package are the same bytes; the one for arm64 has the same files and an addon for arm64",
  run: async (t: TestContext): Promise<void> => {
    const first = build(t, "x64", "022", "UTC");
    const second = build(t, "x64", "077", "Asia/Tokyo");
    assert.ok(Buffer.from(first.bytes).equals(second.bytes), "another umask, another time zone, the same bytes");
    const arm = build(t, "arm64", "022", "UTC");
    assert.deepEqual([first.field("Architecture"), arm.field("Architecture")], ["amd64", "arm64"]);
    assert.deepEqual([machineOf(first.addon), machineOf(arm.addon)], [machines.x64, machines.arm64]);
    assert.deepEqual(common(arm), common(first));
    assert.ok(first.list.length > 300, `${first.list.length} files`);
    t.diagnostic(`${first.list.length} entries, ${first.bytes.length} bytes without Node.js`);
  },
};
