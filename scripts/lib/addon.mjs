/** How the native addon is compiled: the same flags for this machine and for others. */
import { join } from "node:path";
import { checkout } from "./files.mjs";

export const addonSource = join(checkout, "native", "hbsys.c");
export const addonHeaders = join(checkout, "node_modules", "node-api-headers", "include");
export const addonFlags =
  "-O2 -fPIC -shared -nostdlib -ffreestanding -fvisibility=hidden -fno-stack-protector -Wall -Wextra".split(" ");
