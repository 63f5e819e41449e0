/**
 * Programs of `respawn` lines: users and groups, what they find around them, being started again, exit code 100, the order of the end. The
 * same story at the original and at ours, with the same facts and the same lines in the log (docs/reference/transcripts, 14).
 */
import assert from "node:assert/strict";
import test from "node:test";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

/** Says what it finds, once for each start; then does its own part. */
const kid = (part: string): string => `#!/bin/bash
group=$(ps -o pgid= -p $$ | tr -d ' ')
[ "$group" = $$ ] && group=own
words="args=$* uid=$(id -un) gid=$(id -gn) groups=$(id -Gn | tr ' ' '\\n' | sort | xargs) cwd=$(pwd) group=$group"
words="$words stdio=$(readlink /proc/$$/fd/[012] | sort -u | xargs) policy=$(ps -o cls= -p $$ | tr -d ' ') nice=$(ps -o ni= -p $$ | tr -d ' ')"
words="$words core=$(ulimit -c) HA=$HA_keepalive,$HA_DIR,$HA_CURHOST,$HA_COLOUR"
echo "\${0##*/} $$ $words" >> /tmp/kids
${part}
`;

const parts = {
  kid1: "exec sleep 600",
  kid2: "sleep 600 & wait",
  kid100: "exit 100",
  kidquick: "exit 3",
};

const haCf = [
  "respawn hacluster /opt/kid1 one two",
  "respawn root /opt/kid2",
  "respawn root /opt/kid100",
  "respawn nobody /opt/kidquick",
  "env COLOUR=red",
  "keepalive 250ms",
  "warntime 1500ms",
  "deadtime 3",
  "initdead 6",
];

interface Facts {
  /** By program: what it found, the same at each of its starts. */
  readonly found: ReadonlyMap<string, string>;
  readonly started: ReadonlyMap<string, number>;
  /** Lines of the log about the programs, without process numbers; each once, sorted. */
  readonly lines: readonly string[];
  /** In the order of the end. */
  readonly ended: readonly string[];
}

async function story(kind: "original" | "ours"): Promise<Facts> {
  await using lab = await Lab.create({ nodes: { fox: kind, owl: kind }, haCf });
  const fox = lab.machine("fox");
  for (const [name, part] of Object.entries(parts)) await fox.write(`/opt/${name}`, kid(part), "755");
  await fox.write("/tmp/kids", "", "666");
  assert.equal((await lab.exec("fox", ["usermod", "-aG", "adm,audio", "hacluster"])).code, 0);
  const said = (): string[] => fox.read("/tmp/kids").split("\n").slice(0, -1);
  const startsOf = (name: string): string[] => said().filter((line) => line.startsWith(`${name} `));
  const pidOf = (name: string): string => startsOf(name).at(-1)?.split(" ")[1] ?? "";

  await lab.start("fox");
  await lab.until("all four have run", () => Object.keys(parts).every((name) => startsOf(name).length > 0), 60);
  await lab.exec("fox", ["kill", "-9", pidOf("kid1")]);
  await lab.until("the killed one runs again", () => startsOf("kid1").length === 2, 20);
  await lab.until("the one that ends at once was started again and again", () => startsOf("kidquick").length >= 3, 30);
  await lab.stop("fox");
  const left = await lab.exec("fox", ["ps", "-eo", "args"]);
  assert.doesNotMatch(left.stdout, /\/opt\/kid|sleep 600/, "nothing is left of them");

  const log = lab.log("fox").split("\n");
  const mention = /child client|Starting "|Managed \/opt|Respawning client|killing \/opt|client \[\/opt/;
  const lines = log
    .filter((line) => mention.test(line))
    .map((line) => line.replace(/^.*?heartbeat: \[\d+\]: /, "").replace(/(process(?: group)?|\(pid) \d+/, "$1 PID"));
  const ended = lines.filter((line) => /killing|is not running/.test(line) && !line.includes("kidquick"));
  // How often, and whether the quick one was between two lives at the end, is chance.
  const distinct = new Set(
    lines.filter((line) => !(line.includes("kidquick") && /killing|is not running|killed/.test(line))),
  );
  const found = new Map<string, string>();
  for (const line of said()) {
    const [, name = "", words = ""] = /^(\S+) \d+ (.*)$/.exec(line) ?? [];
    assert.equal(found.get(name) ?? words, words, "each start finds the same");
    found.set(name, words);
  }
  const started = new Map(["kid1", "kid2", "kid100"].map((name) => [name, startsOf(name).length]));
  return { found, started, lines: [...distinct].sort(), ended };
}

for (const kinds of rows([["ours"], ["original", "ours"]] as const, (row) => row.length === 1))
  test(`programs live with the daemon: ${kinds.join(" and ")}`, async () => {
    const [first, second] = await Promise.all(kinds.map(story));
    assert.ok(first !== undefined);
    assert.match(
      first.found.get("kid1") ?? "",
      /^args=one two uid=hacluster gid=haclient groups=adm audio haclient cwd=\/var\/lib\/heartbeat\/cores\/root group=own /,
    );
    assert.match(
      first.found.get("kid1") ?? "",
      / stdio=\/dev\/null policy=TS nice=0 core=unlimited HA=250ms,.*fox,red$/,
    );
    assert.deepEqual(Object.fromEntries(first.started), { kid1: 2, kid2: 1, kid100: 1 });
    assert.deepEqual(first.ended, [
      "info: client [/opt/kid100] is not running.",
      "info: killing /opt/kid2 process group PID with signal 15",
      "info: killing /opt/kid1 one two process group PID with signal 15",
    ]);
    if (second !== undefined) assert.deepEqual(second, first);
  });

test("a daemon that is killed, and a runner that is killed, leave no program behind or twice", async () => {
  await using lab = await Lab.create({ nodes: { fox: "ours", owl: "ours" }, haCf: ["respawn nobody /opt/kid2"] });
  const fox = lab.machine("fox");
  await fox.write("/opt/kid2", "#!/bin/sh\nexec sleep 600\n", "755");
  const running = async () =>
    (await lab.exec("fox", ["pgrep", "-u", "nobody", "-x", "sleep"])).stdout.split("\n").filter(Boolean);
  await lab.start("fox");
  await lab.until("it runs", async () => (await running()).length === 1);
  const [first] = await running();
  await lab.exec("fox", ["pkill", "-KILL", "-x", "hb-runner"]);
  await lab.until("another one runs", async () => (await running()).length === 1 && (await running())[0] !== first, 20);
  await lab.kill9("fox");
  await lab.until("none runs", async () => (await running()).length === 0, 15);
});
