import assert from "node:assert/strict";
import test from "node:test";
import { commandWords, shellCharacter } from "../../src/config/children.ts";
import { readConfiguration } from "../../src/config/index.ts";
import { caseHost, filesWith, minimalHaCf } from "./support.ts";

const read = (...lines: string[]) => {
  const haCf = `${minimalHaCf}${lines.join("\n")}\n`;
  const files = filesWith({ haCf, authkeys: "auth 1\n1 sha1 0123456789abcdef\n" });
  return readConfiguration(files, { ...caseHost, fileKind: () => "executable" }).config;
};

test("a command becomes a path and arguments as a shell would split it", () => {
  for (const [command, ...words] of [
    ["/bin/x", "/bin/x"],
    ["/bin/x  a\tb ", "/bin/x", "a", "b"],
    [`/bin/x 'a  b' "c \\"d\\" $" e\\ f ''`, "/bin/x", "a  b", 'c "d" $', "e f", ""],
    [`/bin/x --name='y z'"!"`, "/bin/x", "--name=y z!"],
    ["/bin/x 'not closed", "/bin/x", "not", "closed"],
  ] as const)
    assert.deepEqual(commandWords(command), words, command);
});

test("what only a shell would do is noticed", () => {
  for (const command of ["/bin/x '$y' \\$z", "/bin/x a-b --c=d"])
    assert.equal(shellCharacter(command), undefined, command);
  for (const command of ["/bin/x $y", '/bin/x "$y"', "/bin/x >/dev/null", "/bin/x | y", "/bin/x *.c"])
    assert.notEqual(shellCharacter(command), undefined, command);
});

test("programs are listed in file order with the numbers of their users", () => {
  assert.deepEqual(read("respawn root /bin/b 'x y'", "failfast hacluster /bin/a")?.children, [
    { kind: "respawn", user: "root", uid: 0, gid: 0, command: "/bin/b 'x y'", path: "/bin/b", args: ["x y"] },
    { kind: "failfast", user: "hacluster", uid: 105, gid: 111, command: "/bin/a", path: "/bin/a", args: [] },
  ]);
});

test("ipfail is the daemon's own work where a package would have put it, for any user", () => {
  for (const path of ["/usr/lib/heartbeat/ipfail", "/usr/libexec/heartbeat/ipfail", "/usr/lib64/heartbeat/ipfail"]) {
    const config = read("ping gw", `respawn hacluster ${path}`);
    assert.deepEqual([config?.children, config?.builtIns], [[], ["ipfail"]], path);
  }
  for (const line of ["respawn hacluster /opt/ipfail", "failfast hacluster /usr/lib/heartbeat/ipfail"]) {
    const config = read("ping gw", line);
    assert.deepEqual([config?.children.length, config?.builtIns.length], [1, 0], line);
  }
});
