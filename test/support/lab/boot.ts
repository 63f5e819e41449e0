/**
 * What a machine of the laboratory does when it is switched on, as its process 1.
 *
 * Its files are an overlay: the test root below, the node's own folder above (that is its disk: it survives a crash). Then
 * what a kernel and an early boot give: /proc, /dev, /run. Steps and reasons: docs/reference/running-the-original.md.
 * Whatever could reset the real machine is covered: a node that asks for a reboot writes it down and dies.
 */
/** How a machine is started. */
export interface Boot {
  readonly script: string;
  /** A command that runs the one behind it, on the host. */
  readonly before: readonly string[];
  /** Of unshare, beside those that every machine has. */
  readonly namespaces: readonly string[];
}

/** What the kernel gives: files, /proc, /sys and /dev. Scripts go on in the machine's root directory. */
const kernel = `
set -e
folder=$1 lower=$2 name=$3 checkout=$4 node=$5
shift 5
mkdir -p "$folder"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$folder/upper,workdir=$folder/work" "$folder/root"
cd "$folder/root"

mount -t proc proc proc
[ ! -e proc/sysrq-trigger ] || mount --bind /dev/null proc/sysrq-trigger
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount --bind proc/sys/net proc/sys/net
mount -o remount,bind,rw proc/sys/net
mount -t sysfs -o ro sysfs sys

mount -t tmpfs -o mode=755 dev dev
for device in null zero full random urandom tty; do
  : > dev/$device
  mount --bind /dev/$device dev/$device
done
mkdir -m 755 dev/shm dev/pts
mount -t tmpfs -o mode=1777 shm dev/shm
mount -t devpts -o newinstance,ptmxmode=666,mode=620 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
`;

/** Nothing runs but what a test starts. */
export const plainBoot: Boot = {
  before: [],
  namespaces: [],
  script: `
${kernel}
if [ -d "$folder/../shared" ]; then # a disk that both nodes reach (shared-disk.ts)
  mkdir -p shared
  mount --bind "$folder/../shared" shared
  : > dev/loop-control
  mount --bind /dev/loop-control dev/loop-control
  for number in {0..47}; do mknod -m 660 dev/loop$number b 7 $number; done
fi

mount -t tmpfs -o mode=755 run run
mkdir -p run/lock/subsys
install -d -m 1755 run/resource-agents
ids=$(awk -F: '$1 == "hacluster" { print $3 ":" $4 }' etc/passwd)
for part in "" /ccm /crm /dopd; do
  install -d -m 750 run/heartbeat$part
  chown "$ids" run/heartbeat$part
done

for file in "$node" "$@"; do
  if [ ! -e "$lower$file" ]; then # asked of the tree below: our own disk may know the place from an earlier boot
    mkdir -p ".\${file%/*}"
    : > ".$file"
    mount --bind "$file" ".$file"
  fi
done
mkdir -p ".$checkout"
mount --bind "$checkout" ".$checkout"
mount -o remount,bind,ro ".$checkout"
[ -e usr/bin/node ] || ln -s "$node" usr/bin/node

hostname "$name"
echo "127.0.0.1 localhost" > etc/hosts
: > etc/resolv.conf
printf 'icmp 1 ICMP\\nipv6-icmp 58 IPv6-ICMP\\n' > etc/protocols # the original looks them up to ping
for program in halt poweroff reboot shutdown systemctl telinit; do
  printf '#!/bin/sh\\necho "$0 $*" >> /var/log/reset-requests\\nkill -TERM 1\\n' > usr/sbin/$program
  chmod 755 usr/sbin/$program
done

pivot_root . mnt
cd /
umount -l /mnt
exec /bin/bash -c 'trap "exit 0" TERM; echo ready; while :; do sleep 86400 & wait $!; done'
`,
};

/** Keeps a service of systemd from starting that has nothing to do here, or would wait for hardware. */
const masked = [
  "mariadb.service",
  "nginx.service",
  "getty.target",
  "systemd-udevd.service",
  "systemd-udev-trigger.service",
  "systemd-networkd.service",
];

/**
 * systemd as process 1, as on an administrator's machine; packages may start their services. It gets a control group of its own, because
 * it takes the one it is in for the root of all.
 */
export const systemdBoot: Boot = {
  before: ["bash", "-c", `${inControlGroup()}; exec "$@"`, "control-group"],
  namespaces: ["--cgroup"],
  script: `
${kernel}
mount -t tmpfs -o mode=755 cgroup sys/fs/cgroup 2>/dev/null || true
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
rm -f usr/sbin/policy-rc.d
echo force-unsafe-io > etc/dpkg/dpkg.cfg.d/quick # manual pages are installed, too
hostname "$name"
echo "$name" > etc/hostname
echo "127.0.0.1 localhost" > etc/hosts
: > etc/machine-id
mkdir -p etc/systemd/system
for unit in ${masked.join(" ")}; do ln -sf /dev/null etc/systemd/system/$unit; done
pivot_root . mnt
cd /
umount -l /mnt
echo ready
exec env -i container=lab PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \\
  /lib/systemd/systemd --system --unit=multi-user.target --log-target=null --show-status=0 </dev/null >/dev/null 2>&1
`,
};

/** A script that moves the shell into a new control group, and removes those of machines that are gone. */
function inControlGroup(): string {
  return [
    "top=$(awk '$3 == \"cgroup2\" { print $2; exit }' /proc/mounts)",
    '[ -n "$top" ] || { echo "no control groups of version 2 here" >&2; exit 1; }',
    'for old in "$top"/heartbeat-lab-*; do grep -qs "^populated 1" "$old/cgroup.events" || find "$old" -depth -type d -exec rmdir {} + 2>/dev/null; done',
    'mkdir "$top/heartbeat-lab-$$" && echo $$ > "$top/heartbeat-lab-$$/cgroup.procs" || exit 1',
  ].join("; ");
}
