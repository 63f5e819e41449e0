/** The wall clock of a machine, which a test may set: the kernel has one for all, so programs are started with a library that shifts it. */
import { execFileSync } from "node:child_process";
import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import { checkout, type Machine } from "./machine.ts";

const library = join(checkout, "dist", "test", "support", "lab", "wall-clock.so");
const shiftFile = "/run/clock-shift";

/** The words before a program that make it live by the machine's own clock. */
export const byOwnClock = ["env", `LD_PRELOAD=${library}`];

/** Compiled where every machine sees it: it has the checkout, and the host's own C library. */
export function buildWallClock(): void {
  if (existsSync(library)) return;
  const made = `${library}.${process.pid}`;
  const source = join(checkout, "test", "support", "lab", "wall-clock.c");
  execFileSync("cc", ["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", made, source]);
  renameSync(made, library);
}

/** Seconds that the machine's wall clock is ahead of the true time from now on. In place: the programs have the file mapped. */
export async function setWallClock(machine: Machine, seconds: number): Promise<void> {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64LE(BigInt(seconds));
  const octal = [...bytes].map((byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("");
  const script = `printf '${octal}' | dd of=${shiftFile} conv=notrunc status=none`;
  const { code, stderr } = await machine.exec(["sh", "-c", script]);
  if (code !== 0) throw new Error(`${machine.name}: clock: ${stderr}`);
}
