/**
 * What `npm run test:vm` boots: qemu, a Debian kernel with its modules, and busybox. qemu is installed on the host if it is not there; the
 * kernel and busybox are only downloaded and unpacked, from the host's own package sources, into the user's cache. About 45 MB, once.
 *
 * Run it as `node scripts/vm-images.mjs`, which prints the folder, or import `ensureVmImages`.
 */
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { withLock } from "./lib/lock.mjs";

const formatVersion = 1; // of the folder: raise it when the steps below change
const emulator = "qemu-system-x86_64";
/** For virtual machines: small, with softdog, the 8250 and virtio. Its package of this name only points to the newest one. */
const kernelPackage = "linux-image-cloud-amd64";

/** { ok: true, path } or { ok: false, why }. The folder has `vmlinuz`, `modules/` with every module of the kernel, and `busybox`. */
export async function ensureVmImages({ say = (text) => console.error(`virtual machines: ${text}`) } = {}) {
  if (process.arch !== "x64")
    return { ok: false, why: "the kernel and the node binary must be those of an x86-64 host" };
  const folder = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "heartbeat-vm-images");
  const path = join(folder, `${formatVersion}`);
  if (existsSync(path) && has(emulator)) return { ok: true, path };
  if (process.getuid() !== 0) return { ok: false, why: "needs root once, to install qemu and to download a kernel" };
  mkdirSync(folder, { recursive: true });
  return await withLock(
    folder,
    () => make(path, say),
    () => say("waiting for somebody else who is making the images"),
  );
}

function make(path, say) {
  const fresh = `${path}.new`;
  try {
    if (kernelName() === undefined) {
      say("reading the host's package lists");
      run(["apt-get", "update"]);
    }
    if (!has(emulator)) {
      say("installing qemu-system-x86");
      run([
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "-y",
        "--no-install-recommends",
        "qemu-system-x86",
      ]);
    }
    if (existsSync(path)) return { ok: true, path };
    const kernel = kernelName();
    if (kernel === undefined) throw new Error(`apt on this host has no ${kernelPackage}`);
    say(`downloading ${kernel} and busybox-static (28 MB)`);
    rmSync(fresh, { recursive: true, force: true });
    mkdirSync(join(fresh, "unpacked"), { recursive: true });
    mkdirSync(join(fresh, "modules"));
    run(["apt-get", "download", kernel, "busybox-static"], fresh);
    for (const name of readdirSync(fresh).filter((name) => name.endsWith(".deb")))
      run(["dpkg", "-x", name, "unpacked"], fresh);
    collect(fresh);
    renameSync(fresh, path);
    return { ok: true, path };
  } catch (error) {
    return { ok: false, why: `the images could not be made: ${error.message}` };
  }
}

/** Takes out of the packages what is wanted, and removes the rest. */
function collect(folder) {
  const unpacked = join(folder, "unpacked");
  const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
  const kernel = files.find((file) => basename(file).startsWith("vmlinuz-"));
  const busybox = files.find((file) => file.endsWith("/bin/busybox"));
  if (kernel === undefined || busybox === undefined) throw new Error("the packages hold no kernel or no busybox");
  copyFileSync(kernel, join(folder, "vmlinuz"));
  copyFileSync(busybox, join(folder, "busybox"));
  for (const file of files.filter((file) => file.endsWith(".ko")))
    copyFileSync(file, join(folder, "modules", basename(file)));
  rmSync(unpacked, { recursive: true });
  for (const name of readdirSync(folder).filter((name) => name.endsWith(".deb"))) rmSync(join(folder, name));
}

/** The package of the newest kernel, as apt knows it. */
function kernelName() {
  const { stdout } = spawnSync("apt-cache", ["depends", "--no-recommends", kernelPackage], { encoding: "utf8" });
  return /Depends: (linux-image-\d\S+)/.exec(stdout ?? "")?.[1];
}

const has = (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0;

function run([command, ...args], cwd = "/") {
  const { status, error, stderr } = spawnSync(command, args, { cwd, encoding: "utf8", timeout: 300_000 });
  if (status !== 0)
    throw new Error(
      `${command} ${args.slice(0, 6).join(" ")}: ${error?.message ?? `exit ${status}`}\n${stderr ?? ""}`.trim(),
    );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const images = await ensureVmImages();
  console.log(images.ok ? images.path : `no virtual machines: ${images.why}`);
  process.exit(images.ok ? 0 : 1);
}
