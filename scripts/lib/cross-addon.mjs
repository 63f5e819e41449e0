/**
 * The native addon for any of the two architectures, wherever we are. Its object needs no library at all, so a bare compiler will do: the
 * host's own, or the one of the system root that tests boot (test-root.mjs), which has Debian's cross compiler.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { addonFlags, addonHeaders, addonSource } from "./addon.mjs";
import { checkout } from "./files.mjs";

const triplets = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** Builds into `output`, which must lie in the checkout. `systemRoot` is asked for only when the host has no compiler. */
export async function buildAddonFor(arch, output, systemRoot) {
  mkdirSync(dirname(output), { recursive: true });
  const names = [...(arch === process.arch ? ["cc", "gcc", "clang"] : []), `${triplets[arch]}-gcc`];
  const onHost = names.find((name) => spawnSync(name, ["--version"]).status === 0);
  const words = (root) => [...addonFlags, "-I", join(root, relative(checkout, addonHeaders)), "-o"];
  if (onHost !== undefined) return run([onHost, ...words(checkout), output, addonSource]);
  const tree = await systemRoot();
  const inside = (path) => join("/mnt", relative(checkout, path));
  const compile = [`${triplets[arch]}-gcc`, ...words("/mnt"), inside(output), inside(addonSource)];
  const script = 'mount --bind "$1" "$2/mnt" && tree=$2 && shift 2 && exec chroot "$tree" "$@"';
  return run(["unshare", "--mount", "--", "sh", "-c", script, "cross", checkout, tree, ...compile]);
}

function run([command, ...args]) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the addon could not be compiled by ${command}: ${error?.message ?? stderr}`);
}
