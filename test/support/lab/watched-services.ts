/**
 * Services as people run them, what can befall each, and how it is asked whether it is well: nginx, MariaDB, PostgreSQL and a script of one's own.
 * Every fault is one that a restart heals. One cause for all: a start fails while /etc/ha.d/broken is there.
 */
export interface WatchedService {
  /** What it is, and what its script is called: not as its processes are, or the script would take itself for one of them. */
  readonly title: string;
  readonly name: string;
  /** Its section of ha4.cf, but for the times. */
  readonly probe: string;
  readonly script: string;
  /** Run on each node before heartbeat starts. */
  readonly prepare: string;
  /** Scripts that make it ill while it runs. */
  readonly faults: Readonly<Record<Fault, string>>;
  /** Succeeds where it answers properly. */
  readonly answers: string;
}

export const faultNames = ["killed", "hung", "wrong answer", "slow answer", "port closed"] as const;
export type Fault = (typeof faultNames)[number];

/** Of every service: gone within a second, or made to; a stopped process does not hear anything but that. */
const stopAll = (processes: string): string => `  pkill ${processes}
  for try in 1 2 3 4 5 6 7 8 9 10; do pgrep ${processes} >/dev/null || exit 0; sleep 0.1; done
  pkill -KILL ${processes}
  while pgrep ${processes} >/dev/null; do sleep 0.05; done`;

const script = (processes: string, start: string): string => `#!/bin/bash
case $1 in
start)
  [ ! -e /etc/ha.d/broken ] || exit 1
  pgrep ${processes} >/dev/null && exit 0
${start} ;;
stop)
${stopAll(processes)} ;;
status) if pgrep ${processes} >/dev/null; then echo running; else echo stopped; fi ;;
esac
`;

export const nginx: WatchedService = {
  title: "nginx",
  name: "web",
  probe: "probe http http://127.0.0.1:8080/health status=200 text=all-is-well",
  script: script(
    "-x nginx",
    "  cp /etc/nginx/good.conf /etc/nginx/now.conf; echo all-is-well > /srv/www/health; nginx -c /etc/nginx/now.conf",
  ),
  prepare: `mkdir -p /srv/www /var/log/nginx
printf '%s' 'pid /run/nginx.pid; error_log /var/log/nginx/error.log; events {}
http { access_log off; server { listen 8080; root /srv/www; limit_rate_after 8k; limit_rate 1k; } }' > /etc/nginx/good.conf`,
  faults: {
    killed: "pkill -KILL -x nginx",
    hung: "pkill -STOP -x nginx",
    "wrong answer": "echo nothing is well > /srv/www/health",
    "slow answer": "{ head -c 60000 /dev/zero; echo all-is-well; } > /srv/www/health",
    "port closed": "sed -i s/8080/8081/ /etc/nginx/now.conf; nginx -c /etc/nginx/now.conf -s reload",
  },
  answers:
    "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /health HTTP/1.0\\r\\n\\r\\n' >&3 && grep -q all-is-well <&3",
};

const mysqlSocket = "/run/mysqld/mysqld.sock";
const mariadbd =
  `mariadbd --no-defaults --datadir=/var/lib/watched --user=mysql --socket=${mysqlSocket} --pid-file=/run/mysqld/pid
  --port=3306 --bind-address=0.0.0.0 --init-file=/etc/mysql/accounts.sql --innodb-log-file-size=8M --innodb-buffer-pool-size=16M
  --innodb-use-native-aio=0 --performance-schema=0 --tmpdir=/run/mysqld`.replaceAll("\n", "");
const asRoot = `mariadb --no-defaults --socket=${mysqlSocket} -u root -e`;
const mariadb: WatchedService = {
  title: "MariaDB",
  name: "database",
  probe: `probe mysql ${mysqlSocket} credentials=/etc/ha.d/mysql.credentials`,
  script: script(
    "-x mariadbd",
    `  install -d -o mysql -g mysql /run/mysqld
  setsid ${mariadbd} </dev/null >>/var/log/mariadb.err 2>&1 &
  for try in $(seq 1 300); do
    mariadb --no-defaults --socket=${mysqlSocket} -u watch -pa-long-word -e 'select 1' >/dev/null 2>&1 && exit 0
    [ -d /proc/$! ] || exit 1
    sleep 0.1
  done
  exit 1`,
  ),
  prepare: `mariadb-install-db --no-defaults --datadir=/var/lib/watched --user=mysql --skip-test-db --innodb-log-file-size=8M \\
  --innodb-use-native-aio=0 >/dev/null
echo "CREATE OR REPLACE USER watch@localhost IDENTIFIED BY 'a-long-word'; CREATE OR REPLACE USER watch@'%' IDENTIFIED BY 'a-long-word'; FLUSH PRIVILEGES;" | tr '\\n' ' ' | sed 's/; /;\\n/g' > /etc/mysql/accounts.sql
printf 'user watch\\npassword a-long-word\\n' > /etc/ha.d/mysql.credentials; chmod 600 /etc/ha.d/mysql.credentials`,
  faults: {
    killed: "pkill -KILL -x mariadbd",
    hung: "pkill -STOP -x mariadbd",
    "wrong answer": `${asRoot} 'alter user watch@localhost account lock'`,
    "slow answer": `${asRoot} "set global init_connect='select sleep(30)'"`,
    "port closed": `rm ${mysqlSocket}`,
  },
  answers: `mariadb --no-defaults --socket=${mysqlSocket} -u watch -pa-long-word -e 'select 1'`,
};

const asPostgres = "cd /; runuser -u postgres --";
const postgres: WatchedService = {
  title: "PostgreSQL",
  name: "records",
  probe: "probe postgres 127.0.0.1:5432 credentials=/etc/ha.d/postgres.credentials",
  script: script(
    "-x postgres",
    `  ${asPostgres} /usr/lib/postgresql/*/bin/pg_ctl -D /var/lib/postgresql/watched -w -t 30 -l /var/lib/postgresql/log start >/dev/null || exit 1
  psql() { ${asPostgres} psql -h /run/postgresql -q -c "$1"; }
  psql "alter role watch login"; nft delete table inet closed 2>/dev/null; exit 0`,
  ),
  prepare: `install -d -o postgres /run/postgresql
${asPostgres} /usr/lib/postgresql/*/bin/initdb -D /var/lib/postgresql/watched --auth-local=peer --auth-host=scram-sha-256 --no-sync >/dev/null
echo "listen_addresses = '*'
unix_socket_directories = '/run/postgresql'
fsync = off
shared_buffers = 16MB" >> /var/lib/postgresql/watched/postgresql.conf
${asPostgres} /usr/lib/postgresql/*/bin/pg_ctl -D /var/lib/postgresql/watched -w start >/dev/null
${asPostgres} psql -h /run/postgresql -q -c "create role watch login password 'a-long-word'"
${asPostgres} /usr/lib/postgresql/*/bin/pg_ctl -D /var/lib/postgresql/watched -w -m fast stop >/dev/null
printf 'user watch\\npassword a-long-word\\n' > /etc/ha.d/postgres.credentials; chmod 600 /etc/ha.d/postgres.credentials`,
  faults: {
    killed: "pkill -KILL -x postgres",
    hung: "pkill -STOP -x postgres",
    "wrong answer": `${asPostgres} psql -h /run/postgresql -q -c 'alter role watch nologin'`,
    // Whoever logs in reads that table.
    "slow answer": `(${asPostgres} setsid psql -h /run/postgresql -q -c 'begin; lock table pg_authid in access exclusive mode; select pg_sleep(60)' >/dev/null 2>&1 </dev/null &); sleep 0.3`,
    // It has no way to close its port and live: a packet filter does it, which a start takes away.
    "port closed":
      "nft 'add table inet closed; add chain inet closed input { type filter hook input priority 0; }; add rule inet closed input tcp dport 5432 reject with tcp reset'",
  },
  answers: `${asPostgres} env PGPASSWORD=a-long-word psql -h 127.0.0.1 -U watch -q -c 'select 1' postgres`,
};

const own: WatchedService = {
  title: "a script of one's own",
  name: "own",
  probe: "",
  // A keeper that does nothing, and a listener that says what stands in a file.
  script: `#!/bin/bash
case $1 in
start)
  [ ! -e /etc/ha.d/broken ] || exit 1
  pgrep -f [o]wn-keeper >/dev/null && exit 0
  echo 'echo running' > /run/own-answer
  setsid bash -c ': own-keeper; socat TCP-LISTEN:7000,reuseaddr,fork EXEC:"bash /run/own-answer" & while :; do sleep 1; done' </dev/null >/dev/null 2>&1 & ;;
stop)
  pkill -KILL -f [o]wn-keeper; pkill -KILL -x socat
  while pgrep -x socat >/dev/null; do sleep 0.05; done ;;
status)
  pgrep -f [o]wn-keeper >/dev/null || { echo stopped; exit 3; }
  exec 3<>/dev/tcp/127.0.0.1/7000 && read -r line <&3 && echo "$line" ;;
esac
`,
  prepare: ":",
  faults: {
    killed: "pkill -KILL -f [o]wn-keeper; pkill -KILL -x socat",
    hung: "pkill -STOP -x socat; pkill -STOP -f [o]wn-keeper",
    "wrong answer": "echo 'echo not at all' > /run/own-answer",
    "slow answer": "echo 'sleep 20; echo running' > /run/own-answer",
    "port closed": "pkill -KILL -x socat",
  },
  answers: "/etc/ha.d/resource.d/own status | grep -q running",
};

export const watchedServices: readonly WatchedService[] = [nginx, mariadb, postgres, own];
