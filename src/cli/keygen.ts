/** Writes authkeys with a generated key. Never overwrites: the other nodes still use the old one. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { exitCode } from "./exit-code.ts";
import { haDir, isNoDirectory } from "./load-options.ts";
import { type Form, type OptionTable, optionsOf, usageOf } from "./options.ts";
import type { Program } from "./program.ts";
import { writeNewFiles } from "./write-new-files.ts";

/** As many bytes as the digest has: more would not make it harder to guess. */
const keyBytes = { sha1: 20, md5: 16 } as const;

const form = {
  command: "heartbeat keygen",
  summary: "Write authkeys with a new key. An existing file is never overwritten.",
  options: {
    "ha-dir": haDir,
    method: { type: "string", default: "sha1", value: "METHOD", says: "how messages are signed: sha1 or md5" },
  },
} as const satisfies Form<OptionTable>;

/** The text of an authkeys file with a new key. */
export const newAuthkeys = (method: keyof typeof keyBytes = "sha1"): string =>
  `auth 1\n1 ${method} ${randomBytes(keyBytes[method]).toString("hex")}\n`;

export const keygen: Program = {
  name: "keygen",
  summary: "Write authkeys with a new key.",
  usage: usageOf(form),
  async run(argv, io) {
    const given = optionsOf(form, argv, io);
    if (typeof given === "number") return given;
    const { method, "ha-dir": directory } = given.values;
    if (method !== "sha1" && method !== "md5") {
      io.err(`${form.command}: there is no method ${JSON.stringify(method)}: sha1 and md5 sign with a key\n`);
      return exitCode.usage;
    }
    if (isNoDirectory(directory, form.command, io)) return exitCode.usage;
    const path = join(directory, "authkeys");
    const written = writeNewFiles([{ path, text: newAuthkeys(method), mode: 0o600 }]);
    if (!written.ok) {
      io.err(`${form.command}: ${written.error}\n`);
      return exitCode.failed;
    }
    io.out(`${path} has a new key. Copy it to the other nodes, with its permissions: scp -p ${path} NODE:${path}\n`);
    return 0;
  },
};
