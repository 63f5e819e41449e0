/** The installed scripts in a directory of their own, with stand-ins for the agents and a FIFO that somebody reads. */
import { spawnSync } from "node:child_process";
import {
  chmodSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class ShareTree implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), "heartbeat-share-"));
  #fifo: number | undefined;

  constructor() {
    cpSync("share", this.root, { recursive: true, verbatimSymlinks: true });
    mkdirSync(join(this.root, "var/lib/heartbeat"), { recursive: true });
    mkdirSync(join(this.root, "run/heartbeat/rsctmp"), { recursive: true });
    mkdirSync(join(this.root, "etc/init.d"), { recursive: true });
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }

  write(path: string, text: string, mode = 0o644): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    chmodSync(file, mode);
  }

  /** An OCF agent that prints its action and parameters and ends with a code. */
  agent(type: string, code = 0): void {
    const script = `#!/bin/sh\necho "$1 $(env | grep ^OCF_RESKEY_ | sort | tr '\\n' ' ')" >> "${this.root}/asked"\nexit ${code}\n`;
    this.write(`usr/lib/ocf/resource.d/heartbeat/${type}`, script, 0o755);
  }

  /** A service that runs as long as its file exists, and writes down each call. */
  service(name: string, more = ""): void {
    this.write(
      `etc/ha.d/resource.d/${name}`,
      `#!/bin/sh\nfor action; do :; done\necho "${name} $*" >> "${this.root}/calls"\n${more}\n` +
        `case $action in\nstart) : > "${this.root}/${name}.up" ;;\nstop) rm -f "${this.root}/${name}.up" ;;\n` +
        `status) if [ -e "${this.root}/${name}.up" ]; then echo running; else echo stopped; fi ;;\nesac\n`,
      0o755,
    );
  }

  run(program: string, args: readonly string[] = [], environment: Readonly<Record<string, string>> = {}): Ran {
    const { status, stdout, stderr } = spawnSync(join(this.root, program), args, {
      encoding: "utf8",
      env: { PATH: process.env["PATH"] ?? "", HEARTBEAT_ROOT: this.root, HA_CURHOST: "fox", ...environment },
      timeout: 20_000,
    });
    return { code: status, stdout, stderr };
  }

  /** Makes the control FIFO and opens it, so that what is written is kept. */
  openFifo(): void {
    const path = join(this.root, "var/lib/heartbeat/fifo");
    if (spawnSync("mkfifo", [path]).status !== 0) throw new Error("mkfifo failed");
    this.#fifo = openSync(path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  fifo(): string {
    const bytes = Buffer.alloc(4096);
    return this.#fifo === undefined ? "" : bytes.toString("latin1", 0, readSync(this.#fifo, bytes));
  }
}
