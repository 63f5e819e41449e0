/**
 * A C program linked with the original's client library makes every call of hb_api.h, at the original's daemons and at ours: the same
 * binary, the same lines.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after } from "node:test";
import { Lab } from "../support/lab.ts";

const folder = mkdtempSync(join(tmpdir(), "hb-api-calls-"));
after(() => rmSync(folder, { recursive: true, force: true }));

/** With the library and the headers of the test root. */
function compile(testRoot: string): string {
  const program = join(folder, "api-calls");
  const processor = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const include = ["heartbeat", "", "glib-2.0"].map((part) => `-I${testRoot}/usr/include/${part}`);
  const libraries = ["usr/lib", `usr/lib/${processor}`].map((part) => `-L${testRoot}/${part}`);
  const linked = ["libhbclient.so.1", "libplumb.so.2", "libglib-2.0.so.0"].map((name) => `-l:${name}`);
  execFileSync(process.env["CC"] ?? "cc", [
    ...["-Wall", "-Wextra", "-Werror", "-o", program, "test/support/c/api-calls.c"],
    ...[...include, `-I${testRoot}/usr/lib/${processor}/glib-2.0/include`],
    ...[...libraries, ...linked, "-Wl,--allow-shlib-undefined"],
  ]);
  return program;
}

/** Every function of `struct llc_ops`. */
function callsOf(header: string): string[] {
  const from = header.indexOf("struct llc_ops {");
  const operations = header.slice(from, header.indexOf("};", from));
  return [...new Set([...operations.matchAll(/\(\*\s*(\w+)\)\s*\(/g)].map(([, name = ""]) => name))];
}

/** A callback is called when its news arrive, between any two answers; news of one's own node come only while everything is listened to. */
const news = /^set_\w+_callback: called/;
const chance = /^set_nstatus_callback: called/;
const comparable = (output: string): string[] => {
  const lines = output
    .replaceAll(/3\.0\.6 \(node: \w+\)|4\.\d[\w.-]*/g, "VERSION")
    .split("\n")
    .filter(Boolean);
  const told = lines.filter((line) => news.test(line) && !chance.test(line)).sort();
  return [...lines.filter((line) => !news.test(line)), ...told];
};

interface Said {
  readonly asker: readonly string[];
  readonly listener: readonly string[];
}

async function run(kind: "original" | "ours", program: string): Promise<Said> {
  await using lab = await Lab.create({
    nodes: { fox: kind, owl: kind },
    services: ["web"],
    haresources: "fox web",
    haCf: [
      ...["apiauth aptest uid=root", "ping 10.77.0.254", "deadping 3", "compression_threshold 5"],
      ...["keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6", "debug 0"],
    ],
  });
  const bytes = readFileSync(program).toString("base64");
  for (const node of ["fox", "owl"]) {
    await lab.machine(node).write("/tmp/api-calls.64", bytes);
    const made = await lab.exec(node, [
      "sh",
      "-c",
      "base64 -d /tmp/api-calls.64 > /opt/api-calls && chmod 755 /opt/api-calls",
    ]);
    assert.equal(made.code, 0, made.stderr);
  }
  await lab.start();
  await lab.until(
    "both are active and all is settled",
    async () => {
      const seen = [await lab.sees("fox", "owl"), await lab.sees("owl", "fox"), await lab.sees("fox", "10.77.0.254")];
      const settled = (await lab.holds("fox")) === "local" && /none|local/.test(await lab.holds("owl"));
      return seen.join() === "active,active,ping" && settled && lab.runs("fox", "web");
    },
    60,
  );
  // The original answers up to half a second late, and later on a busy machine; an answer that comes after its time-out is taken for that of
  // the next question from then on (client-api.md, section 2). Then the whole is asked again: of the original only.
  for (let attempt = 1; ; attempt++) {
    const said = await askAll(lab);
    const late = said.asker.some((line) => /^client_status: .*NULL/.test(line));
    if (!late || kind === "ours" || attempt === 5) return said;
  }
}

async function askAll(lab: Lab): Promise<Said> {
  const listening = lab.exec("owl", ["/opt/api-calls", "listen"], 100);
  await lab.until("the listener is there", async () => {
    return (await lab.exec("owl", ["cl_status", "clientstatus", "owl", "aptest", "3000"])).stdout.trim() === "online";
  });
  const asker = await lab.exec("fox", ["/opt/api-calls", "ask", "owl"], 100);
  const listener = await listening;
  assert.equal(asker.code, 0, `${asker.stdout}\n${asker.stderr}\n${listener.stdout}`);
  assert.equal(listener.code, 0, `${listener.stdout}\n${listener.stderr}`);
  return { asker: comparable(asker.stdout), listener: comparable(listener.stdout) };
}

test("every call of the client library has the same result at both daemons", async (t) => {
  const testRoot = process.env["HEARTBEAT_TEST_ROOT"] ?? "";
  const program = compile(testRoot);
  const [theirs, ours] = await Promise.all([run("original", program), run("ours", program)]);
  assert.deepEqual(ours, theirs);
  const made = new Set(theirs.asker.map((line) => line.slice(0, line.indexOf(":"))));
  const calls = callsOf(readFileSync(`${testRoot}/usr/include/heartbeat/hb_api.h`, "utf8"));
  assert.ok(calls.length >= 40, calls.join());
  const missing = calls.filter((call) => !made.has(call) && !theirs.asker.some((line) => line.includes(`${call}: `)));
  assert.deepEqual(missing, [], "the program makes every call");
  assert.deepEqual(tableOf(calls, theirs, ours), tableInDocs(tableOf(calls, theirs, ours)));
  t.diagnostic(`${calls.length} calls, ${theirs.asker.length + theirs.listener.length} lines, all the same`);
});

const document = "docs/client-programs.md";
const table = /(?<=<!-- calls that were made -->\n)[\s\S]*?(?=<!-- end -->)/;

/** How each call was seen to be made, at either daemon. A callback is set, called, or both: which callbacks come when is chance. */
function tableOf(calls: readonly string[], theirs: Said, ours: Said): string[] {
  const seen = (call: string, { asker, listener }: Said): string =>
    [
      ...(asker.some((line) => line.includes(`${call}: `)) ? ["the asking side"] : []),
      ...(listener.some((line) => line.includes(`${call}: `)) ? ["the listening side"] : []),
    ].join(", ") || "-";
  const rows = [...calls].sort().map((call) => `| \`${call}\` | ${seen(call, theirs)} | ${seen(call, ours)} |`);
  return ["| call | original daemon | our daemon, same result |", "|---|---|---|", ...rows];
}

/** What the document says; first it is told, if somebody wants that. */
function tableInDocs(ran: readonly string[]): string[] {
  const text = readFileSync(document, "utf8");
  if (process.env["HEARTBEAT_WRITE_TABLES"] === "1")
    writeFileSync(document, text.replace(table, `${ran.join("\n")}\n`));
  return (table.exec(readFileSync(document, "utf8"))?.[0] ?? "").split("\n").filter(Boolean);
}
