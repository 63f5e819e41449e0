/**
 * nginx and MariaDB on a shared ext4 disk behind one address, as people run them: the group, its scripts, and how a client uses them.
 */
import assert from "node:assert/strict";
import { Lab } from "../lab.ts";
import { diskScript, image, usesDirectIo } from "./shared-disk.ts";

export const address = "10.77.0.101";
/** Where the disk is mounted. */
export const place = "/srv";

const socket = "/run/mysqld/mysqld.sock";
const options = [
  ...[
    "--no-defaults",
    `--datadir=${place}/db`,
    "--user=mysql",
    `--socket=${socket}`,
    "--pid-file=/run/mysqld/mysqld.pid",
  ],
  ...["--bind-address=0.0.0.0", "--skip-grant-tables", "--skip-name-resolve"],
  ...["--innodb-flush-log-at-trx-commit=1", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M"],
  ...["--innodb-use-native-aio=0", "--performance-schema=0", "--tmpdir=/run/mysqld"],
].join(" ");

/** Returns from `start` when the database answers, from `stop` when its process has ended. */
const databaseScript = `#!/bin/sh
pid=$(cat /run/mysqld/mysqld.pid 2>/dev/null)
alive() { [ -n "$pid" ] && [ "$(cat /proc/$pid/comm 2>/dev/null)" = mariadbd ]; }
case $1 in
start)
  alive && exit 0
  install -d -o mysql -g mysql /run/mysqld
  setsid mariadbd ${options} </dev/null >>/var/log/mariadb.err 2>&1 &
  for try in $(seq 1 500); do
    mariadb-admin --no-defaults --socket=${socket} ping >/dev/null 2>&1 && exit 0
    [ -d /proc/$! ] || exit 1
    sleep 0.1
  done
  exit 1 ;;
stop)
  alive || exit 0
  kill $pid
  while alive; do sleep 0.05; done ;;
status) if alive; then echo running; else echo stopped; fi ;;
esac
`;

const webScript = `#!/bin/sh
alive() { [ -s /run/nginx.pid ] && [ "$(cat /proc/$(cat /run/nginx.pid)/comm 2>/dev/null)" = nginx ]; }
case $1 in
start) alive || exec nginx -c /etc/nginx/shared.conf ;;
stop) alive || exit 0; kill $(cat /run/nginx.pid); while alive; do sleep 0.05; done ;;
status) if alive; then echo running; else echo stopped; fi ;;
esac
`;
const webConf = `pid /run/nginx.pid;
error_log /var/log/nginx-shared.log;
events {}
http { access_log off; server { listen 80; root ${place}/www; } }
`;

const makeDisk = `set -e
mkfs.ext4 -q -F -E lazy_itable_init=0,lazy_journal_init=0 ${image}
/etc/ha.d/resource.d/shareddisk start
mkdir -p ${place}
mount -t ext4 /dev/shared ${place}
mkdir ${place}/www && echo shared > ${place}/www/index.html
mariadb-install-db --no-defaults --datadir=${place}/db --user=mysql --skip-test-db --innodb-log-file-size=8M --innodb-use-native-aio=0 >/dev/null
/etc/ha.d/resource.d/database start
mariadb --no-defaults --socket=${socket} -e "create database t; create table t.seen (id int primary key) engine=innodb"
/etc/ha.d/resource.d/database stop
umount ${place}
/etc/ha.d/resource.d/shareddisk stop
`;

/** Two nodes of ours with the disk made and the group configured, not started yet. */
export async function serviceCluster(): Promise<Lab> {
  const lab = await Lab.create({
    nodes: { fox: "ours", owl: "ours" },
    haresources: `fox ${address}/24/eth0 shareddisk Filesystem::/dev/shared::${place}::ext4 database web`,
    sharedDisk: 192,
    // As for any service that takes seconds to stop: nobody fences here, so all must be down within the dead time of a killed daemon.
    haCf: ["keepalive 250ms", "warntime 2", "deadtime 4", "initdead 8"],
  });
  try {
    for (const node of ["fox", "owl"]) {
      const write = (path: string, text: string, mode?: string) => lab.machine(node).write(path, text, mode);
      await write("/etc/ha.d/resource.d/shareddisk", diskScript, "755");
      await write("/etc/ha.d/resource.d/database", databaseScript, "755");
      await write("/etc/ha.d/resource.d/web", webScript, "755");
      await write("/etc/nginx/shared.conf", webConf);
      await write(`${place}/.empty`, "");
    }
    const made = await lab.exec("fox", ["bash", "-c", makeDisk], 120);
    assert.equal(made.code, 0, made.stdout + made.stderr + lab.machine("fox").read("/var/log/mariadb.err"));
    return lab;
  } catch (error) {
    await lab[Symbol.asyncDispose]();
    throw error;
  }
}

/** Where the whole group runs; undefined while it moves. */
export function holder(lab: Lab): string | undefined {
  const holders = ["fox", "owl"].filter(
    (node) =>
      lab.hasAddress(node, address) &&
      lab.machine(node).has("/run/mysqld/mysqld.pid") &&
      lab.machine(node).has("/run/nginx.pid"),
  );
  return holders.length === 1 ? holders[0] : undefined;
}

/** A query through the address, as a client anywhere; undefined: no answer. */
export async function query(lab: Lab, sql: string): Promise<string[] | undefined> {
  const base = ["mariadb", "--no-defaults", "-h", address, "-u", "root", "--connect-timeout=2", "-N", "-B", "-e", sql];
  const { code, stdout } = await lab.client(["timeout", "10", ...base]);
  return code === 0 ? stdout.split("\n").filter((line) => line !== "") : undefined;
}

const fetch = `exec 3<>/dev/tcp/${address}/80 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3 && cat <&3`;
export const webAnswers = async (lab: Lab): Promise<boolean> =>
  /\nshared\n$/.test((await lab.client(["timeout", "5", "bash", "-c", fetch])).stdout);

const insert = `id=$1; end=$((SECONDS + $2))
while [ $SECONDS -lt $end ]; do
  timeout 2 mariadb --no-defaults -h ${address} -u root --connect-timeout=1 -e "insert into t.seen values ($id)" 2>/dev/null && echo $id
  id=$((id + 1))
done`;

/** Inserts row after row through the address for so many seconds: the numbers of those that were acknowledged. */
export async function insertRows(lab: Lab, from: number, forSeconds: number): Promise<number[]> {
  const { stdout } = await lab.client(["bash", "-c", insert, "insert", `${from}`, `${forSeconds}`]);
  return stdout
    .split("\n")
    .filter((line) => line !== "")
    .map(Number);
}

/** Looks at the file system in a frozen copy of the image, while the services go on: what e2fsck says, empty if all is well. */
export async function checkDisk(lab: Lab, node: string): Promise<string> {
  assert.ok(usesDirectIo(lab.machine(node)), "the loop device goes around the cache");
  const script = `fsfreeze -f ${place} || exit 1
cp --sparse=always ${image} /shared/copy.img; code=$?
fsfreeze -u ${place}; [ $code = 0 ] && e2fsck -fn /shared/copy.img; code=$?
rm -f /shared/copy.img; exit $code`;
  const { code, stdout, stderr } = await lab.exec(node, ["bash", "-c", script], 60);
  return code === 0 ? "" : `exit ${code}\n${stdout}${stderr}`;
}
