/**
 * The files of a virtual machine, all in memory: busybox, the host's node binary with its libraries, this checkout's program, the configuration, and
 * a process 1 that loads the network, follows heartbeat's log onto the console and then obeys what is written to it.
 */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { cpioArchive, type Entry } from "./cpio.ts";
import { inLoadingOrder, modulesDep } from "./modules.ts";

/** Of the kernel: the network now, the watchdog when somebody asks for it. */
const atBoot = ["virtio_pci", "virtio_net"];
const onDemand = ["softdog"];
const moduleFolder = "/lib/modules/current";

/** The name of the machine and its number come with the kernel's command line: `hb.name=fox hb.number=1`. */
const init = `#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /run/lock /tmp /root /var/log /sbin /usr/sbin
/bin/busybox ln -s /run /var/run
/bin/busybox ln -s /run/lock /var/lock
/bin/busybox --install -s /bin
export PATH=/bin:/usr/bin:/sbin:/usr/sbin HOME=/root
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/pts && mount -t devpts devpts /dev/pts
for word in $(cat /proc/cmdline); do case $word in hb.name=*) name=\${word#*=} ;; hb.number=*) number=\${word#*=} ;; esac; done
ln -s current "/lib/modules/$(uname -r)"
ln -s /bin/busybox /sbin/modprobe
hostname "$name"
modprobe -a ${atBoot.join(" ")}
ip link set lo up
ip addr add "10.78.0.$number/24" brd + dev eth0
ip link set eth0 up
: > /var/log/ha-log
exec </dev/ttyS0 >/dev/ttyS0 2>&1
stty raw -echo
tail -n 0 -F /var/log/ha-log 2>/dev/null &
echo "machine $name is up"
while read -r id line; do
  sh -c "$line" </dev/null >/tmp/answer 2>&1
  code=$?
  sed "s/^/@$id /" /tmp/answer
  echo "@$id= $code"
done
`;

/** A resource script that tells the console what it does. */
const service = `#!/bin/sh
mkdir -p /run/services
case $1 in
start) [ -e /run/services/web ] || echo "SERVICE started" >> /var/log/ha-log; : > /run/services/web ;;
stop) [ ! -e /run/services/web ] || echo "SERVICE stopped" >> /var/log/ha-log; rm -f /run/services/web ;;
status) if [ -e /run/services/web ]; then echo running; else echo stopped; exit 3; fi ;;
esac
`;

const accounts: readonly Entry[] = [
  text(
    "/etc/passwd",
    "root:x:0:0::/root:/bin/sh\nhacluster:x:101:101::/:/bin/false\nnobody:x:65534:65534::/:/bin/false\n",
  ),
  text("/etc/group", "root:x:0:\nhaclient:x:101:\nnogroup:x:65534:\n"),
  text("/etc/hosts", "127.0.0.1 localhost\n"),
  text("/etc/protocols", "icmp 1 ICMP\nudp 17 UDP\n"),
];

export interface Image {
  /** What scripts/vm-images.mjs made. */
  readonly images: string;
  readonly checkout: string;
  readonly haCf: string;
  readonly ha4Cf: string;
  readonly haresources: string;
}

export function initrd({ images, checkout, haCf, ha4Cf, haresources }: Image): Buffer {
  const module = (name: string): Buffer => readFileSync(join(images, "modules", `${name}.ko`));
  const modules = inLoadingOrder([...atBoot, ...onDemand], module);
  const dependencies = modulesDep(modules, module);
  return cpioArchive([
    { path: "/init", content: Buffer.from(init), mode: 0o755 },
    { path: "/bin/busybox", content: readFileSync(join(images, "busybox")), mode: 0o755 },
    ...modules.map((name) => ({ path: `${moduleFolder}/${name}.ko`, content: module(name) })),
    text(`${moduleFolder}/modules.dep`, dependencies),
    ...accounts,
    ...nodeFiles(),
    { path: "/usr/bin/env", link: "/bin/busybox" },
    ...checkoutFiles(checkout),
    text("/etc/ha.d/ha.cf", haCf),
    text("/etc/ha.d/ha4.cf", ha4Cf),
    text("/etc/ha.d/haresources", haresources),
    { path: "/etc/ha.d/authkeys", content: Buffer.from("auth 1\n1 sha1 virtual\n"), mode: 0o600 },
    { path: "/etc/ha.d/resource.d/web", content: Buffer.from(service), mode: 0o755 },
  ]);
}

/** The binary that runs this test and the libraries that it names. */
function nodeFiles(): Entry[] {
  const libraries = execFileSync("ldd", [process.execPath], { encoding: "utf8" }).matchAll(/(\/\S+) \(0x/g);
  const paths = [...libraries].map(([, path = ""]) => path);
  return [
    { path: "/usr/bin/node", content: readFileSync(process.execPath), mode: 0o755 },
    ...paths.map((path) => ({ path, content: readFileSync(realpathSync(path)), mode: 0o755 })),
  ];
}

/** The program as it was compiled, without the tests, at a place of its own. */
function checkoutFiles(checkout: string): Entry[] {
  const below = (folder: string): Entry[] =>
    readdirSync(join(checkout, folder), { recursive: true, encoding: "utf8" })
      .map((name) => join(folder, name))
      .filter((name) => statSync(join(checkout, name)).isFile() && !name.endsWith(".map"))
      .map((name) => ({
        path: `/opt/heartbeat/${name}`,
        content: readFileSync(join(checkout, name)),
        mode: statSync(join(checkout, name)).mode & 0o777,
      }));
  return [
    ...["bin", "build", "dist/src", "share"].flatMap(below),
    { path: "/opt/heartbeat/package.json", content: readFileSync(join(checkout, "package.json")) },
    { path: "/bin/heartbeat", link: "/opt/heartbeat/bin/heartbeat" },
  ];
}

function text(path: string, content: string): Entry {
  return { path, content: Buffer.from(content) };
}
