/** Programs on the original's client library: compiled with the headers and libraries of the test root, and put on a machine of the laboratory. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Lab } from "./lab.ts";

/** The program made from test/support/c/NAME.c, as bytes. */
export function compiled(name: string): Buffer {
  const testRoot = process.env["HEARTBEAT_TEST_ROOT"] ?? "";
  const folder = mkdtempSync(join(tmpdir(), "hb-c-program-"));
  try {
    const program = join(folder, name);
    const processor = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
    const include = ["heartbeat", "", "glib-2.0"].map((part) => `-I${testRoot}/usr/include/${part}`);
    const libraries = ["usr/lib", `usr/lib/${processor}`].map((part) => `-L${testRoot}/${part}`);
    const linked = ["libhbclient.so.1", "libplumb.so.2", "libglib-2.0.so.0"].map((library) => `-l:${library}`);
    execFileSync(process.env["CC"] ?? "cc", [
      ...["-Wall", "-Wextra", "-Werror", "-o", program, `test/support/c/${name}.c`],
      ...[...include, `-I${testRoot}/usr/lib/${processor}/glib-2.0/include`],
      ...[...libraries, ...linked, "-Wl,--allow-shlib-undefined"],
    ]);
    return readFileSync(program);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Puts the program at /opt/NAME of a node. */
export async function installProgram(lab: Lab, node: string, name: string, program: Buffer): Promise<void> {
  await lab.machine(node).write(`/opt/${name}.64`, program.toString("base64"));
  const script = `base64 -d /opt/${name}.64 > /opt/${name} && chmod 755 /opt/${name}`;
  const { code, stderr } = await lab.exec(node, ["sh", "-c", script]);
  if (code !== 0) throw new Error(`${node}: ${stderr}`);
}
