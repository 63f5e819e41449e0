/**
 * What the configuration reader needs to know of this host, from files and system calls that Node offers itself: it must work
 * before, and without, the native addon.
 */
import { accessSync, constants, readFileSync, readlinkSync, statSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { join } from "node:path";
import type { HostFacts } from "../config/host-facts.ts";
import type { FileKind, InterfaceFacts } from "../media/description.ts";
import { isOwnWrapper } from "./own-wrapper.ts";

/** `addresses`: host names already looked up; others are sought in /etc/hosts only, because this function does not wait. */
export function hostFacts(
  directory = "/etc/ha.d",
  addresses: ReadonlyMap<string, string> = new Map(),
  root = "",
): HostFacts {
  const nodeinfo = nodeInfo(join(directory, "nodeinfo"));
  const hosts = hostsFile();
  return {
    uname: hostname(),
    root,
    ...(nodeinfo === undefined ? {} : { nodeinfo }),
    ...kernelPanic(),
    ownUid: process.geteuid?.() ?? 0,
    interfaces: interfaces(),
    users: new Map(
      colonFile("/etc/passwd").map(([name = "", , uid, gid]) => [name, { uid: Number(uid), gid: Number(gid) }]),
    ),
    groups: new Map(colonFile("/etc/group").map(([name = "", , gid]) => [name, Number(gid)])),
    services: udpServices(),
    resolveHost: (name) => addresses.get(name) ?? hosts.get(name.toLowerCase()),
    fileKind,
    hasResourceScript: (name) => scriptOf(name, directory) !== undefined,
    runsBuiltIn: (name) => {
      const script = scriptOf(name, directory);
      return script === undefined || isOwnWrapper(script);
    },
  };
}

const scriptOf = (name: string, directory: string): string | undefined =>
  name.includes("/")
    ? undefined
    : [join(directory, "resource.d"), "/etc/init.d"]
        .map((folder) => join(folder, name))
        .find((path) => fileKind(path) === "executable");

function kernelPanic(): Pick<HostFacts, "kernelPanic"> {
  const [text = ""] = lines("/proc/sys/kernel/panic");
  return /^-?\d+$/.test(text) ? { kernelPanic: Number(text) } : {};
}

/** Latin1, as the configuration reader has its texts: one character per byte. */
function lines(path: string): string[] {
  try {
    return readFileSync(path, "latin1").split("\n");
  } catch {
    return [];
  }
}

/** The first line, if it is complete; the original takes at most 254 bytes and nothing off them. */
function nodeInfo(path: string): string | undefined {
  const [first, ...rest] = lines(path);
  return first === undefined || first === "" || rest.length === 0 ? undefined : first.slice(0, 254);
}

const colonFile = (path: string): string[][] =>
  lines(path)
    .filter((line) => /^[^#+-][^:]*:/.test(line))
    .map((line) => line.split(":"));

const fields = (path: string): string[][] =>
  lines(path)
    .map((line) => line.replace(/#.*/, "").trim().split(/\s+/))
    .filter(([first]) => first !== "");

function udpServices(): Map<string, number> {
  const services = new Map<string, number>();
  for (const [name = "", port = "", ...aliases] of fields("/etc/services")) {
    const number = /^(\d+)\/udp$/.exec(port)?.[1];
    for (const each of number === undefined ? [] : [name, ...aliases])
      if (!services.has(each)) services.set(each, Number(number));
  }
  return services;
}

/** IPv4 addresses by name. */
function hostsFile(): Map<string, string> {
  const hosts = new Map<string, string>();
  for (const [address = "", ...names] of fields("/etc/hosts"))
    if (/^\d+(\.\d+){3}$/.test(address))
      for (const name of names) if (!hosts.has(name.toLowerCase())) hosts.set(name.toLowerCase(), address);
  return hosts;
}

function fileKind(path: string): FileKind {
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) return "directory";
    if (stat.isCharacterDevice()) return isTty(stat.rdev) ? "tty" : "char-device";
    accessSync(path, constants.X_OK);
    return stat.isFile() && (stat.mode & 0o111) !== 0 ? "executable" : "file";
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EACCES" && existsForAll(path)
      ? "file"
      : "missing";
  }
}

function existsForAll(path: string): boolean {
  try {
    accessSync(path, constants.F_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without opening it, which on a serial line would move the modem's wires. Majors as in the kernel's devices.txt. */
function isTty(device: number): boolean {
  const major = ((device >>> 8) & 0xfff) | 0;
  const minor = (device & 0xff) | ((device >>> 12) & 0xfff00);
  if (major >= 136 && major <= 143) return true; // pseudo terminals are not in sysfs
  try {
    return readlinkSync(`/sys/dev/char/${major}:${minor}`).includes("/tty/");
  } catch {
    return major === 4 || major === 188 || major === 204;
  }
}

/**
 * All interfaces of our network namespace. Node lists those that are up with a carrier; a cable that is unplugged when the
 * machine boots must not keep the daemon from starting, so the others are completed from the routing tables.
 */
function interfaces(): InterfaceFacts[] {
  const running = networkInterfaces();
  return lines("/proc/net/dev").flatMap((line, position): InterfaceFacts[] => {
    const name = /^\s*([^\s:]+):/.exec(line)?.[1];
    if (name === undefined) return [];
    const listed = running[name] ?? [];
    const addresses = (family: "IPv4" | "IPv6") =>
      listed
        .filter((each) => each.family === family)
        .map(({ address, cidr }) => ({
          address,
          prefix: Number(cidr?.split("/")[1] ?? (family === "IPv4" ? 32 : 128)),
        }));
    const ipv4 = addresses("IPv4");
    return [
      {
        name,
        index: interfaceIndex(name) ?? -position,
        ipv4: ipv4.length > 0 ? ipv4 : routedAddresses(name),
        ipv6: addresses("IPv6"),
      },
    ];
  });
}

/** From /proc, not /sys, which shows the namespace in which it was mounted. Without IPv6 the index is unknown and not needed. */
function interfaceIndex(name: string): number | undefined {
  const found = fields("/proc/net/if_inet6").find((line) => line.at(-1) === name)?.[1];
  return found === undefined ? undefined : Number.parseInt(found, 16);
}

/** Addresses on an interface without carrier: the local addresses within the networks that are routed to it directly. */
function routedAddresses(name: string): { readonly address: string; readonly prefix: number }[] {
  const networks = fields("/proc/net/route")
    .filter(([device, , gateway]) => device === name && gateway === "00000000")
    .map((route) => ({ network: littleEndian(route[1] ?? "0"), mask: littleEndian(route[7] ?? "0") }))
    .filter(({ mask }) => mask !== 0);
  if (networks.length === 0) return [];
  return localAddresses().flatMap((address) => {
    const value = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
    const within = networks.find(({ network, mask }) => (value & mask) >>> 0 === network);
    return within === undefined ? [] : [{ address, prefix: within.mask.toString(2).replaceAll("0", "").length }];
  });
}

/** The route file has addresses as hexadecimal numbers in this machine's byte order. */
function littleEndian(hex: string): number {
  const bytes = Buffer.from(hex.padStart(8, "0"), "hex");
  return bytes.readUInt32LE();
}

/** Addresses that the local routing table answers itself: `|-- 10.0.0.1` followed by `/32 host LOCAL`. */
function localAddresses(): string[] {
  const all = lines("/proc/net/fib_trie");
  const found = all.flatMap((line, index) => {
    const address = /\|-- (\d+(?:\.\d+){3})$/.exec(line)?.[1];
    return address !== undefined && /\/32 host LOCAL/.test(all[index + 1] ?? "") ? [address] : [];
  });
  return [...new Set(found)];
}
