/** The npm tarball: installs where there is no compiler and no registry, with the addon for this machine, and its programs and library run. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { checkout } from "../../support/lab/machine.ts";

export const npmTarball = {
  name: "the npm tarball needs neither compiler nor registry, and its programs run",
  run: async (t: TestContext): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), "heartbeat-npm-test-"));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const must = (argv: readonly string[]): string => {
      const [program = "", ...args] = argv;
      const { status, stdout, stderr } = spawnSync(program, args, { cwd: checkout, encoding: "utf8" });
      assert.equal(status, 0, `${argv.join(" ")}: ${stdout}${stderr}`);
      return stdout;
    };
    must([process.execPath, "scripts/dist.mjs", "--only", "npm", "--arch", "x64,arm64", "--output", folder]);
    const tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "none");
    const npm = join(dirname(process.execPath), "npm");
    must([npm, "install", "--global", "--offline", "--prefix", join(folder, "usr"), tarball]);
    const installed = join(folder, "usr", "lib", "node_modules", "heartbeat");
    const manifest: unknown = JSON.parse(readFileSync(join(installed, "package.json"), "utf8"));
    assert.ok(typeof manifest === "object" && manifest !== null);
    assert.deepEqual(
      ["scripts", "dependencies"].filter((each) => each in manifest),
      [],
      "nothing is compiled or fetched",
    );
    for (const arch of ["x64", "arm64"]) assert.ok(existsSync(join(installed, "build", `hbsys-${arch}.node`)), arch);
    const programs = join(folder, "usr", "bin");
    assert.match(must([join(programs, "heartbeat"), "-V"]), /^4\.\d/m);
    assert.match(must([join(programs, "heartbeat"), "explain", "deadtime"]), /deadtime/);
    const library = 'import("heartbeat").then(({ HeartbeatClient }) => console.log(typeof HeartbeatClient.signOn))';
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", library], {
      cwd: join(folder, "usr", "lib"),
      encoding: "utf8",
    });
    assert.equal(stdout, "function\n", stderr);
    const addon = `const { loadNative } = await import(${JSON.stringify(join(installed, "dist/src/drivers/sys/load.js"))}); console.log(loadNative().ok)`;
    assert.equal(must([process.execPath, "--input-type=module", "-e", addon]), "true\n", "the addon loads");
  },
};
