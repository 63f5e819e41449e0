/**
 * Who may sign on under which name: users, groups and `apiauth` lines, each tried for real at both daemons, the original's word
 * being the right one.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

const probe = `${checkout}/dist/test/support/sign-on-probe.js`;

const users = ["root", "hacluster", "nobody"];
const groups = ["root", "haclient", "nogroup"];
/** Supplementary membership opens the directory of the socket, and must open nothing else. */
const supplements = ["", "haclient"];
const identities = users.flatMap((user) =>
  groups.flatMap((group) => supplements.map((supplement) => ({ user, group, supplement }))),
);
type Identity = (typeof identities)[number];

/** Names to sign on under, by the lines of ha.cf that allow or forbid them. */
const configurations = [
  {
    title: "built-in permissions",
    lines: [],
    names: ["casual", "ipfail", "ccm", "ping", "lha-snmpagent", "cib", "stonithd", "unheard-of"],
  },
  {
    title: "apiauth lines",
    lines: [
      "apiauth anon gid=haclient",
      "apiauth ipfail uid=nobody",
      "apiauth by-user uid=nobody",
      "apiauth by-group gid=nogroup",
      "apiauth by-either uid=hacluster gid=nogroup",
      "apiauth by-list uid=root,nobody",
      "apiauth by-number uid=65534 gid=0",
      "apiauth a-name-that-is-longer-than-31-c uid=root",
    ],
    names: [
      ...["casual", "ipfail", "ccm", "by-user", "by-group", "by-either", "by-list", "by-number", "unheard-of"],
      ...["BY-USER", "a-name-that-is-longer-than-31-c", "a-name-that-is-longer-than-31-characters"],
    ],
  },
  {
    title: "a default",
    lines: ["apiauth default uid=nobody", "apiauth strict uid=hacluster"],
    names: ["casual", "strict", "ping", "unheard-of", "default", "anon"],
  },
];

async function answers(
  kind: "original" | "ours",
  lines: readonly string[],
  names: readonly string[],
  who: readonly Identity[],
): Promise<Map<string, unknown>> {
  await using lab = await Lab.create({
    nodes: { fox: kind },
    haCf: [...lines, "keepalive 250ms", "warntime 1500ms", "deadtime 3", "initdead 6"],
  });
  await lab.start();
  await lab.until("it answers", async () => (await lab.exec("fox", ["cl_status", "hbstatus"])).code === 0, 60);
  const said = new Map<string, unknown>();
  for (const { user, group, supplement } of who) {
    const membership = supplement === "" ? ["--clear-groups"] : ["--groups", supplement];
    const as = ["setpriv", "--reuid", user, "--regid", group, ...membership];
    const { code, stdout, stderr } = await lab.exec("fox", [...as, "node", probe, ...names]);
    assert.equal(code, 0, stderr);
    said.set(`${user}:${group}+${supplement}`, JSON.parse(stdout));
  }
  return said;
}

for (const { title, lines, names } of configurations)
  test(title, async (t) => {
    // The usual tier leaves out who cannot even reach the socket.
    const who = rows(identities, ({ user, group, supplement }) => {
      return (supplement === "haclient") !== (group === "haclient") || (user === "nobody" && group === "nogroup");
    });
    const [theirs, ours] = await Promise.all([
      answers("original", lines, names, who),
      answers("ours", lines, names, who),
    ]);
    assert.deepEqual(ours, theirs);
    const all = [...theirs.values()].flatMap((row) => Object.values(row as Record<string, string>));
    const count = (outcome: string) => all.filter((each) => each === outcome).length;
    assert.ok(count("OK") > 5 && count("client failed authorization") > 5, `${all}`); // it is a test of both
    t.diagnostic(`${all.length} attempts, ${count("OK")} may, the others are refused for the same reasons`);
  });
