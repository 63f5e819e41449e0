/**
 * Resources of haresources that need no script: what is written behind `Filesystem`, `Delay`, `MailTo` and `SendArp`, as data.
 *
 * They keep the names and the order of words that their scripts of resource.d have. The runner carries them out by itself, unless somebody put a
 * script of his own under that name (quirk 260); nothing written here reaches a shell, or could be taken for an option of a program.
 *
 * Source: docs/reference/resources.md, section 3.6; mount(8).
 */
import { failed, ok, type Result } from "../base/result.ts";
import { type Milliseconds, milliseconds } from "../base/units.ts";

/** A file system to be mounted. */
export interface FileSystem {
  readonly name: "Filesystem";
  /** As mount(8) takes it: a path, `HOST:/PATH`, `LABEL=...`, `UUID=...`. */
  readonly source: string;
  /** Absolute, without a slash at its end. */
  readonly directory: string;
  readonly type?: string;
  readonly options?: string;
}

export interface Delay {
  readonly name: "Delay";
  readonly start: Milliseconds;
  readonly stop: Milliseconds;
}

export interface MailTo {
  readonly name: "MailTo";
  readonly recipients: readonly string[];
  readonly subject: string;
}

/** An address that is announced, but not added. */
export interface SendArp {
  readonly name: "SendArp";
  readonly ip: string;
  readonly device?: string;
}

export type BuiltIn = FileSystem | Delay | MailTo | SendArp;

/** What stands behind the name; on failure: how it is to be written. */
export type ReadBuiltIn = (args: readonly string[]) => Result<BuiltIn, string>;

/** By name, in alphabetical order. */
export const builtIns: ReadonlyMap<string, ReadBuiltIn> = new Map<string, ReadBuiltIn>([
  ["Delay", readDelay],
  ["Filesystem", readFileSystem],
  ["MailTo", readMailTo],
  ["SendArp", readSendArp],
]);

const delayUsage = "write: Delay::START-SECONDS::STOP-SECONDS, for example Delay::5";
/** What the scripts of 3.0.6 take when nothing is written; seconds. */
const usualDelay = "10";

function readDelay([start = usualDelay, stop = start, ...more]: readonly string[]): Result<Delay, string> {
  const number = /^\d{1,6}(?:\.\d{1,3})?$/;
  if (!number.test(start) || !number.test(stop) || more.length > 0) return failed(delayUsage);
  const time = (text: string): Milliseconds => milliseconds(Math.round(Number(text) * 1000));
  return ok({ name: "Delay", start: time(start), stop: time(stop) });
}

const fileSystemUsage =
  "write: Filesystem::DEVICE::DIRECTORY::TYPE::OPTIONS, for example Filesystem::/dev/sdb1::/srv::ext4::noatime";

function readFileSystem([device = "", place = "", ...rest]: readonly string[]): Result<FileSystem, string> {
  const [type, options, ...more] = rest;
  const source = sourceOf(device);
  const directory = place.replace(/(?<=.)\/+$/, "");
  if (source === undefined || !directory.startsWith("/") || directory.split("/").includes("..") || more.length > 0)
    return failed(fileSystemUsage);
  if (/^\/+$/.test(directory)) return failed(`${place} cannot be unmounted; ${fileSystemUsage}`);
  if (type !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.,-]*$/.test(type)) return failed(fileSystemUsage);
  return ok({
    name: "Filesystem",
    source,
    directory,
    ...(type === undefined ? {} : { type }),
    ...(options === undefined ? {} : { options }),
  });
}

/** `-Lx`, `--label=x` and `LABEL=x` are one, and so it is with a UUID; undefined: nothing that can be mounted. */
function sourceOf(device: string): string | undefined {
  const [, label] = /^(?:-L|--label=|LABEL=)(.+)$/.exec(device) ?? [];
  if (label !== undefined) return `LABEL=${label}`;
  const [, uuid] = /^(?:-U|--uuid=|UUID=)(.+)$/.exec(device) ?? [];
  if (uuid !== undefined) return `UUID=${uuid}`;
  return device === "" || device.startsWith("-") ? undefined : device;
}

const mailUsage = "write: MailTo::ADDRESS::SUBJECT, for example MailTo::ops@example.org::web";
const subjectMax = 200;

function readMailTo([addresses = "", subject = "", ...more]: readonly string[]): Result<MailTo, string> {
  const recipients = addresses.split(",").filter((each) => each !== "");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a line's end would begin another header
  const word = /^[^-\s\x00-\x1f\x7f][^\s\x00-\x1f\x7f]{0,253}$/;
  const readable = recipients.length > 0 && recipients.every((each) => word.test(each));
  // biome-ignore lint/suspicious/noControlCharactersInRegex: as above
  if (!readable || more.length > 0 || /[\x00-\x1f\x7f]/.test(subject)) return failed(mailUsage);
  return ok({ name: "MailTo", recipients, subject: subject.slice(0, subjectMax) });
}

const arpUsage = "write: SendArp::ADDRESS/INTERFACE, for example SendArp::10.0.0.10/eth0";

/** The original's script takes what is behind the address for the interface, a prefix too (quirk 296). */
function readSendArp([text = "", ...more]: readonly string[]): Result<SendArp, string> {
  const [ip = "", ...words] = text.split("/");
  const [prefix = "32", device, ...rest] =
    words.length === 1 && !/^[\d.]*$/.test(words[0] ?? "") ? ["32", ...words] : words;
  const octets = /^\d{1,3}(?:\.\d{1,3}){3}$/.test(ip) ? ip.split(".").map(Number) : [];
  const known = octets.length === 4 && octets.every((octet) => octet <= 255) && /^[\d.]{1,15}$/.test(prefix);
  const named = device === undefined || /^[^\s/:]{1,15}$/.test(device);
  if (!known || !named || rest.length > 0 || more.length > 0) return failed(arpUsage);
  return ok({ name: "SendArp", ip: octets.join("."), ...(device === undefined ? {} : { device }) });
}
