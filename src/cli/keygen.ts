/** Writes authkeys with a generated key. Never overwrites: the other nodes still use the old one. */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { defaultDirectory, optionsOf } from "./load-options.ts";
import type { Program } from "./program.ts";
import { writeNewFiles } from "./write-new-files.ts";

const usage = "heartbeat keygen [--ha-dir DIR] [--method sha1|md5]";

/** As many bytes as the digest has: more would not make it harder to guess. */
const keyBytes = { sha1: 20, md5: 16 } as const;

/** The text of an authkeys file with a new key. */
export const newAuthkeys = (method: keyof typeof keyBytes = "sha1"): string =>
  `auth 1\n1 ${method} ${randomBytes(keyBytes[method]).toString("hex")}\n`;

export const keygen: Program = {
  name: "keygen",
  summary: "Write authkeys with a new key.",
  usage,
  async run(argv, io) {
    const parsed = optionsOf(argv, {
      "ha-dir": { type: "string", default: defaultDirectory },
      method: { type: "string", default: "sha1" },
    });
    const method = parsed.ok ? parsed.values.method : undefined;
    if (!parsed.ok || (method !== "sha1" && method !== "md5")) {
      io.err(`${parsed.ok ? `no such method: ${method}` : parsed.says}\nusage: ${usage}\n`);
      return 2;
    }
    const path = join(parsed.values["ha-dir"], "authkeys");
    const written = writeNewFiles([{ path, text: newAuthkeys(method), mode: 0o600 }]);
    if (!written.ok) {
      io.err(`${written.error}\n`);
      return 1;
    }
    io.out(`${path} has a new key. Copy it to the other nodes, with its permissions: scp -p ${path} NODE:${path}\n`);
    return 0;
  },
};
