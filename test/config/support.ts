/** The host of the recorded cases (docs/reference/configuration.md, section 12), and files as bytes. */
import type { ConfigurationFile, ConfigurationFiles } from "../../src/config/configuration-files.ts";
import type { HostFacts } from "../../src/config/host-facts.ts";
import type { FileKind } from "../../src/media/description.ts";

const hosts: Readonly<Record<string, string>> = {
  alice: "10.77.0.1",
  bob: "10.77.0.2",
  carol: "10.77.0.3",
  gw: "10.77.0.254",
};

const kinds: Readonly<Record<string, FileKind>> = {
  "/": "directory",
  "/bin/sleep": "executable",
  "/dev/null": "char-device",
  "/dev": "directory",
  "/etc/hosts": "file",
  "/usr/libexec/heartbeat/ipfail": "executable",
  "/var/lib/heartbeat/cores": "directory",
  "/var/log": "directory",
};

export const caseHost: HostFacts = {
  uname: "alice",
  ownUid: 0,
  interfaces: [
    { name: "lo", index: 1, ipv4: [{ address: "127.0.0.1", prefix: 8 }], ipv6: [{ address: "::1", prefix: 128 }] },
    {
      name: "eth0",
      index: 3,
      ipv4: [{ address: "10.77.0.1", prefix: 24, broadcast: "10.77.0.255" }],
      ipv6: [{ address: "fd77::1", prefix: 64 }],
    },
    { name: "eth1", index: 5, ipv4: [{ address: "10.77.1.1", prefix: 24, broadcast: "10.77.1.255" }], ipv6: [] },
    { name: "eth2", index: 7, ipv4: [], ipv6: [] },
  ],
  users: new Map([
    ["root", { uid: 0, gid: 0 }],
    ["hacluster", { uid: 105, gid: 111 }],
  ]),
  groups: new Map([
    ["root", 0],
    ["haclient", 111],
  ]),
  services: new Map([["domain", 53]]),
  resolveHost: (name) => hosts[name],
  fileKind: (path) => kinds[path] ?? "missing",
  hasResourceScript: (name) => ["IPaddr", "IPaddr2", "Filesystem", "apache2", "httpd", "mysql", "http"].includes(name),
  runsBuiltIn: () => false,
};

export const found = (content: string, mode = 0o644): ConfigurationFile => ({
  bytes: Buffer.from(content, "utf8"),
  mode,
  uid: 0,
});

export const minimalHaCf =
  "logfile /var/log/ha-log\nrealtime off\nkeepalive 1\ndeadtime 10\nbcast eth0\nauto_failback on\nnode alice bob\n";

/** The three files of the recorded cases, with replacements. */
export const filesWith = (own: {
  haCf?: string;
  authkeys?: string;
  haresources?: string;
  ha4Cf?: string;
}): ConfigurationFiles => ({
  haCf: found(own.haCf ?? minimalHaCf),
  authkeys: found(own.authkeys ?? "auth 1\n1 sha1 secret\n", 0o600),
  haresources: found(own.haresources ?? "alice 10.77.0.100\n"),
  ...(own.ha4Cf === undefined ? {} : { ha4Cf: found(own.ha4Cf) }),
});
