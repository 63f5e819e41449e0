import assert from "node:assert/strict";
import test from "node:test";
import type { ResourceGroup } from "../../src/agents/resource.ts";
import { looksLikeAddress, parseAddressSpec } from "../../src/config/address-spec.ts";
import { readHaresources } from "../../src/config/haresources.ts";
import { Report } from "../../src/syntax/diagnostic.ts";
import { linesOf } from "../../src/syntax/lexer.ts";

const fileKind = (path: string) =>
  ["/usr/lib/ocf/resource.d/heartbeat/IPv6addr", "/lib/systemd/system/nginx.service"].includes(path)
    ? "executable"
    : "missing";

function read(
  text: string,
  nodes = ["alpha", "beta"],
  ownScripts: readonly string[] = [],
): { groups: ResourceGroup[]; codes: string[]; helps: (string | undefined)[] } {
  const lines = linesOf(Buffer.from(text));
  const report = new Report("haresources", lines);
  const groups = readHaresources(
    lines,
    {
      ...{ nodes, pingNodes: [], fileKind },
      hasResourceScript: () => undefined,
      runsBuiltIn: (name) => !ownScripts.includes(name),
    },
    report,
  );
  const { diagnostics } = report;
  return { groups, codes: diagnostics.map(({ code }) => code), helps: diagnostics.map(({ help }) => help) };
}

const asText = (groups: readonly ResourceGroup[]): string[] =>
  groups.map(({ owner, key, resources }) => `${owner}: ${key}: ${resources.map(({ text }) => text).join(" ")}`);

// docs/reference/resources.md, section 2.1, tested there with the original's shell script.
test("comments, continued lines and blanks are those of the shell script", () => {
  const { groups, codes } = read(`# comment \\
ALPHA  10.0.0.1/24/eth0   svcA::x::y # trailing
beta\tsvcB \\
\tsvcC \\
  svcD
beta svcE svc\\
F
alpha svcG \\ # not continued
beta svcB::1 svcH
`);
  assert.deepEqual(asText(groups), [
    "alpha: 10.0.0.1/24/eth0: 10.0.0.1/24/eth0 svcA::x::y",
    "beta: svcB: svcB svcC svcD",
    "beta: svcE: svcE svcF",
    "alpha: svcG: svcG",
    "beta: svcB::1: svcB::1 svcH",
  ]);
  assert.deepEqual(codes, ["HB0805"]);
});

test("the words of what is built in are checked, unless a script of that name is there", () => {
  const right = "alpha Filesystem::LABEL=a::/srv::ext4 Delay MailTo::root::web SendArp::10.0.0.1/24/eth0\n";
  assert.deepEqual(read(right).codes, []);
  const wrong = "alpha Filesystem::/dev/sdb1 apache2\n";
  assert.deepEqual(read(wrong).codes, ["HB0808"]);
  assert.match(read(wrong).helps[0] ?? "", /^write: Filesystem::DEVICE::DIRECTORY/);
  assert.deepEqual(read(wrong).groups[0]?.resources[0], {
    ...{ kind: "script", text: "Filesystem::/dev/sdb1", script: "Filesystem", args: ["/dev/sdb1"] },
  });
  assert.deepEqual(read(wrong, undefined, ["Filesystem"]).codes, []);
});

test("a comment line ends a continued one", () => {
  const { groups, codes } = read("alpha a \\\n# comment\nbeta b\n");
  assert.deepEqual(asText(groups), ["alpha: a: a", "beta: b: b"]);
  assert.deepEqual(codes, []);
});

test("what the daemon of 3.0.6 refuses at its start is refused, what it overlooks gets a warning", () => {
  assert.deepEqual(read("alpha#x y\n").codes, ["HB0801", "HB0804"]);
  assert.deepEqual(read("alpha a \\#c\nx y\n").codes, ["HB0801"]);
  assert.deepEqual(read("alpha a # c \\\nx y\nbeta b\n").codes, ["HB0809"]);
  assert.deepEqual(asText(read("alpha a # c \\\nbeta b\n").groups), ["alpha: a: a", "beta: b: b"]);
});

test("the end of the file ends a continued line", () =>
  assert.deepEqual(asText(read("alpha a \\\n").groups), ["alpha: a: a"]));

test("what a resource is", () => {
  const { groups } = read(
    "alpha 10.0.0.1 IPaddr::10.0.0.2/24/eth0 IPaddr2::10.0.0.3 Filesystem::/dev/sda1::/data::ext2 apache2 ::\n",
  );
  assert.deepEqual(groups[0]?.resources, [
    { kind: "address", text: "10.0.0.1", address: { ip: "10.0.0.1" } },
    { kind: "address", text: "IPaddr::10.0.0.2/24/eth0", address: { ip: "10.0.0.2", prefix: 24, device: "eth0" } },
    { kind: "address", text: "IPaddr2::10.0.0.3", address: { ip: "10.0.0.3" } },
    {
      kind: "script",
      text: "Filesystem::/dev/sda1::/data::ext2",
      script: "Filesystem",
      args: ["/dev/sda1", "/data", "ext2"],
    },
    { kind: "script", text: "apache2", script: "apache2", args: [] },
    { kind: "script", text: "::", script: "", args: [] },
  ]);
});

for (const [text, address] of [
  ["2001:db8:0:0:0:0:0:10", { ip: "2001:db8::10" }],
  ["2001:DB8::10/64", { ip: "2001:db8::10", prefix: 64 }],
  ["2001:db8::/128/eth0", { ip: "2001:db8::", prefix: 128, device: "eth0" }],
  ["fe80::5/64/eth0", { ip: "fe80::5", prefix: 64, device: "eth0" }],
] as const)
  test(`an IPv6 address: ${text}`, () => {
    const { groups, codes } = read(`alpha IPv6addr::${text} a\n`);
    assert.deepEqual(groups[0]?.resources[0], { kind: "address", text: `IPv6addr::${text}`, address });
    assert.deepEqual(codes, []);
  });

for (const text of [
  "2001:db8::10::1",
  "2001:db8::10/129",
  "2001:db8::10/64/eth0/x",
  "ff02::1",
  "::1",
  "fe80::5",
  "10.0.0.1",
  "",
])
  test(`not an IPv6 address of a service: [${text}]`, () => {
    const { groups, codes } = read(`alpha IPv6addr::${text} a\n`);
    assert.equal(groups[0]?.resources[0]?.kind, "script", "it fails to start, and nothing behind it does");
    assert.deepEqual(codes, ["HB0807"]);
  });

test("a bad address stays a resource that fails, as in the original", () => {
  const { groups, codes } = read("alpha 10.0.0.999\n");
  assert.deepEqual(groups[0]?.resources, [
    { kind: "script", text: "10.0.0.999", script: "IPaddr", args: ["10.0.0.999"] },
  ]);
  assert.deepEqual(codes, ["HB0807"]);
});

test("of two groups with one key the first counts", () => {
  const { groups, codes } = read("alpha 10.0.0.1 a\nbeta 10.0.0.1 b\n");
  assert.deepEqual(asText(groups), ["alpha: 10.0.0.1: 10.0.0.1 a"]);
  assert.deepEqual(codes, ["HB0806"]);
});

for (const [text, why] of [
  ["alpha web.a x\nbeta y web-a\n", "a dot is any character"],
  ["alpha web.a x\nbeta webba\n", "also where the other is a group's name"],
  ["alpha web* x\n", "a star repeats"],
  ["alpha MailTo::a+b@c\n", "so does a plus"],
] as const)
  test(`what 3.0.6 takes for another is said: ${why}`, () => {
    assert.deepEqual(read(text).codes, ["HB0810"]);
  });

test("addresses, longer names and later resources are not taken for each other", () => {
  const text = "alpha 10.1.1.1/24/eth0 web+ x.y\nbeta 10.111.1.1 web xy x.yz\nbeta 11.1.1.1 x-y\n";
  assert.deepEqual(read(text).codes, []);
});

test("all bad lines are found, and all their resources looked at", () => {
  const { codes } = read("gamma 10.0.0.1,x\ndelta y\n");
  assert.deepEqual(codes, ["HB0801", "HB0801", "HB0807"]);
});

test("the original's pattern for addresses", () => {
  for (const text of ["10.0.0.1", "10.0.0.1/24", "1.2.3.4.5", "10.0.0.1::x", "1a.2b.3c.4"])
    assert.equal(looksLikeAddress(text), true, text);
  for (const text of ["10.0.0", "a10.0.0.1", "10.0.0.x", "apache2", ""])
    assert.equal(looksLikeAddress(text), false, text);
});

for (const [text, wanted] of [
  ["10.0.0.1", { ip: "10.0.0.1" }],
  ["10.0.0.1/255.255.255.0", { ip: "10.0.0.1", prefix: 24 }],
  ["10.0.0.1/24/eth0/10.0.0.255", { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" }],
  ["10.0.0.1/24/10.0.0.255", { ip: "10.0.0.1", prefix: 24, broadcast: "10.0.0.255" }],
  ["10.0.0.1/24/10.0.0.255/eth0", { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" }],
  ["10.0.0.1//eth0", { ip: "10.0.0.1", device: "eth0" }],
  ["10.0.0.999", undefined],
  ["10.0.0.1/33", undefined],
  ["10.0.0.1/0", undefined],
  ["10.0.0.1/255.0.255.0", undefined],
  ["10.0.0.1/24/eth0/eth1", undefined],
  ["10.0.0.1/24/eth0/10.0.0.255/x", undefined],
] as const)
  test(`the address ${text}`, () => {
    const parsed = parseAddressSpec(text);
    assert.deepEqual(parsed.ok ? parsed.value : undefined, wanted);
  });

test("agents and units: what is run, and what is missing or miswritten", () => {
  const good = read("alpha ocf::heartbeat:IPv6addr::ipv6addr=fd00::1::nic=eth0 systemd::nginx\n");
  assert.deepEqual(good.codes, []);
  assert.deepEqual(
    good.groups[0]?.resources.map(({ text: _text, ...rest }) => rest),
    [
      { kind: "ocf", script: "heartbeat/IPv6addr", args: ["ipv6addr=fd00::1", "nic=eth0"] },
      { kind: "systemd", script: "nginx", args: [] },
    ],
  );
  for (const token of [
    "ocf::heartbeat:none",
    "ocf::heartbeat",
    "ocf::../x:IPv6addr",
    "ocf::heartbeat:IPv6addr::eth0",
    "systemd::none",
    "systemd::",
    "systemd::-a",
    "systemd::nginx::x",
  ])
    assert.deepEqual(read(`alpha ${token}\n`).codes, ["HB0808"], token);
});
