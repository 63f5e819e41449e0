/** Programs that need no heartbeat, the original's and ours beside each other: the same words, exit codes and lines in the log. */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";

test("both ha_logger at the original's logging daemon", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original" } });
  const run = async (program: string, words: string) => {
    const { code, stdout, stderr } = await lab.exec("fox", ["sh", "-c", words.replaceAll("ha_logger", program)]);
    return { words, code, stdout, stderr: stderr.replaceAll(/^\S*ha_logger: /gm, "ha_logger: ") };
  };
  const both = async (words: string) => {
    const [theirs, ours] = [await run("ha_logger", words), await run(`${checkout}/bin/ha_logger`, words)];
    assert.deepEqual(ours, theirs);
  };
  for (const words of ["ha_logger x", "ha_logger -h", "ha_logger -D bad x", "ha_logger -x", "ha_logger -t"])
    await both(words);
  await lab.machine("fox").write("/etc/logd.cf", "logfile /var/log/lines\ndebugfile /var/log/all\nlogfacility none\n");
  await lab.exec("fox", ["sh", "-c", "$(ls /usr/lib/heartbeat/ha_logd /usr/libexec/heartbeat/ha_logd 2>/dev/null) -d"]);
  await lab.until("it listens", async () => (await lab.exec("fox", ["ha_logger", "up"])).code === 0);
  for (const words of [
    "ha_logger -t app hello 'two words' ''",
    "ha_logger no tag -t late",
    "ha_logger -D ha-debug -t deb only for people who debug",
    "printf 'l1\\n\\nl3' | ha_logger -t input",
    "head -c 3000 /dev/zero | tr '\\0' z | ha_logger -t long",
    `ha_logger -t ${"n".repeat(80)} ${"y".repeat(3000)}`,
    "ha_logger -D bad x",
    "ha_logger </dev/null",
  ])
    await both(words);
  // Every line was written by both: after the time, host, name and number are cut off, each stands there twice in a row of its run.
  const lines = () =>
    lab
      .machine("fox")
      .read("/var/log/all")
      .split("\n")
      .filter((line) => / (?:app|late|deb|input|long|n+): \[/.test(line))
      .map((line) => line.replace(/^.{15} \S+ /, "").replace(/\[\d+\]/, "[PID]"));
  const expected = 2 * (3 + 2 + 5 + 3 + 3 + 3);
  await lab.until("all is written", () => lines().length === expected);
  const count = new Map<string, number>();
  for (const line of lines()) count.set(line, (count.get(line) ?? 0) + 1);
  assert.deepEqual(
    [...count].filter(([, times]) => times % 2 !== 0),
    [],
  );
});

test("both cl_respawn complain about the same arguments in the same words", async () => {
  await using lab = await Lab.create({ nodes: { fox: "original" } });
  const run = async (program: string, words: readonly string[]) => {
    const { code, stderr } = await lab.exec("fox", [program, ...words]);
    return { words, code, stderr: stderr.replaceAll(/^.*cl_respawn: (?:\[\d+\]: )?/gm, "") };
  };
  const rows = [[], ["-h"], ["true"], ["-x", "true"], ["-m"], ["/etc/passwd"], ["-p", "/nonexistent/x", "/bin/true"]];
  for (const words of rows)
    assert.deepEqual(await run(`${checkout}/bin/cl_respawn`, words), await run("cl_respawn", words));
});
