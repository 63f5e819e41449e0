/**
 * Runs the tests of a file in a network namespace of their own: real interfaces, real sockets, nothing of the host touched.
 *
 * The file runs twice. The first time it registers one test that starts the file again under `unshare`; the second time, inside,
 * the real ones. As root a plain namespace is made, otherwise one inside a user namespace.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

const marker = "HB_TEST_NETNS";
const timeLimit = 60_000;

/** The command that starts a program in a fresh network namespace; undefined: this host forbids it. */
export function unshareCommand(): readonly string[] | undefined {
  const candidates = process.getuid?.() === 0 ? [["unshare", "-n"]] : [["unshare", "-Urn"]];
  return candidates.find(([program = "", ...args]) => spawnSync(program, [...args, "true"]).status === 0);
}

/** `url` is the test file's `import.meta.url`; `body` registers its tests. */
export function inNetworkNamespace(url: string, body: () => void): void {
  if (process.env[marker] === "1") return body();
  const file = fileURLToPath(url);
  test("in a network namespace", { timeout: timeLimit + 5000 }, async (t) => {
    const command = unshareCommand();
    if (command === undefined) return t.skip("no network namespace can be made here: unshare -Urn is refused");
    const { code, output } = await run([...command, process.execPath, file]);
    assert.equal(code, 0, output);
    t.diagnostic(`${/^# pass (\d+)/m.exec(output)?.[1] ?? "?"} tests passed inside`);
  });
}

function run([program = "", ...args]: readonly string[]): Promise<{ code: number | null; output: string }> {
  const environment: NodeJS.ProcessEnv = { ...process.env, [marker]: "1" };
  delete environment["NODE_TEST_CONTEXT"]; // else the child speaks the runner's binary protocol
  delete environment["NODE_OPTIONS"];
  const child = spawn(program, args, { env: environment, stdio: ["ignore", "pipe", "pipe"], timeout: timeLimit });
  let output = "";
  child.stdout.on("data", (text) => {
    output += text;
  });
  child.stderr.on("data", (text) => {
    output += text;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, output })));
}

/** `ip ARGUMENTS`, inside the namespace. */
export function ip(command: string): string {
  return execFileSync("ip", command.split(" "), { encoding: "utf8" });
}

/**
 * Two interfaces joined by a cable, both here: what leaves one arrives at the other. Local source addresses are accepted, which
 * the kernel would drop as spoofed.
 */
export function cable(a: { name: string; address: string }, b: { name: string; address: string }): void {
  ip("link set lo up");
  ip(`link add dev ${a.name} type veth peer name ${b.name}`);
  for (const { name, address } of [a, b]) {
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/accept_local`, "1");
    writeFileSync(`/proc/sys/net/ipv4/conf/${name}/rp_filter`, "0");
    ip(`address add ${address} broadcast + dev ${name}`);
    ip(`link set ${name} up`);
  }
  writeFileSync("/proc/sys/net/ipv4/conf/all/rp_filter", "0");
  // Until the kernel has noticed the cable, it throws away what is sent.
  const end = performance.now() + 5000;
  while (![a, b].every(({ name }) => ip(`-o link show ${name}`).includes("state UP")))
    assert.ok(performance.now() < end, `${a.name} and ${b.name} do not come up`);
}
