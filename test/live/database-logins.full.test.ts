/**
 * The probes of databases against real servers, each method of logging in that MariaDB and PostgreSQL of this distribution have: with the right
 * password, with a wrong one, with none, over TCP and over the local socket. Another server than those two is told apart, too.
 */
import assert from "node:assert/strict";
import test from "node:test";
import type { Probe } from "../../src/agents/probes/probe.ts";
import { checkout } from "../support/lab/machine.ts";
import { Lab } from "../support/lab.ts";
import { rows } from "../support/tier.ts";

interface Account {
  readonly server: "mysql" | "postgres";
  readonly user: string;
  readonly method: string;
  /** What is said of it with the right password; empty: it is well. */
  readonly tcp: RegExp;
  readonly local: RegExp;
  /** The same with a wrong one; absent: the password does not matter. */
  readonly wrong?: RegExp;
  readonly none?: RegExp;
}

const well = /^$/;
const denied = /: error 1045 \(Access denied for user '/;
const failed = /: error 28P01 \(password authentication failed for user "/;
const noPassword = /: it asks for a password, and none is configured$/;
const accounts: readonly Account[] = [
  {
    server: "mysql",
    user: "native",
    method: "mysql_native_password USING PASSWORD('s3cret word')",
    tcp: well,
    local: well,
    wrong: denied,
    none: denied,
  },
  {
    server: "mysql",
    user: "ed",
    method: "ed25519 USING PASSWORD('s3cret word')",
    tcp: well,
    local: well,
    wrong: denied,
    none: denied,
  },
  // The kernel says that we are root, whatever the password.
  { server: "mysql", user: "root", method: "unix_socket", tcp: /: error 1698 \(/, local: well },
  {
    server: "mysql",
    user: "both",
    method: "ed25519 USING PASSWORD('s3cret word') OR mysql_native_password USING PASSWORD('another')",
    tcp: well,
    local: well,
    wrong: denied,
    none: denied,
  },
  { server: "mysql", user: "open", method: "mysql_native_password USING ''", tcp: denied, local: denied, none: well },
  { server: "mysql", user: "nobody", method: "", tcp: denied, local: denied, none: denied },
  {
    server: "postgres",
    user: "scram",
    method: "scram-sha-256",
    tcp: well,
    local: well,
    wrong: failed,
    none: noPassword,
  },
  { server: "postgres", user: "md", method: "md5", tcp: well, local: well, wrong: failed, none: noPassword },
  { server: "postgres", user: "open", method: "trust", tcp: well, local: well, wrong: well, none: well },
  {
    server: "postgres",
    user: "plain",
    method: "password",
    tcp: /: it asks for the password itself: let it use scram-sha-256, or the local socket$/,
    local: well,
    none: noPassword,
  },
  {
    server: "postgres",
    user: "kernel",
    method: "peer map=root",
    tcp: /: error 28000 \(/,
    local: well,
  },
  { server: "postgres", user: "shut", method: "reject", tcp: /: error 28000 \(/, local: /: error 28000 \(/ },
];

const mysqlSocket = "/run/mysqld/mysqld.sock";
const mysqlAccounts = accounts
  .filter(({ server, method }) => server === "mysql" && method !== "")
  .map(({ user, method }) => {
    const hosts = user === "root" ? ["localhost"] : ["localhost", "127.0.0.1"];
    return hosts.map((host) => `CREATE OR REPLACE USER '${user}'@'${host}' IDENTIFIED VIA ${method};`).join("\n");
  });
const mysql = `
mariadb-install-db --no-defaults --datadir=/var/lib/watched --user=mysql --skip-test-db --innodb-log-file-size=8M --innodb-use-native-aio=0 >/dev/null
install -d -o mysql -g mysql /run/mysqld
setsid mariadbd --no-defaults --datadir=/var/lib/watched --user=mysql --socket=${mysqlSocket} --pid-file=/run/mysqld/pid --port=3306 \\
  --plugin-load-add=auth_ed25519 --innodb-log-file-size=8M --innodb-use-native-aio=0 --tmpdir=/run/mysqld </dev/null >/var/log/mariadb.err 2>&1 &
for try in $(seq 1 300); do mariadb --no-defaults -S ${mysqlSocket} -e 'select 1' >/dev/null 2>&1 && break; sleep 0.1; done
mariadb --no-defaults -S ${mysqlSocket} <<'SQL'
DROP USER IF EXISTS ''@localhost;
${mysqlAccounts.join("\n")}
SQL
`;

const data = "/var/lib/postgresql/watched";
const asPostgres = "runuser -u postgres --";
const postgresAccounts = accounts.filter(({ server }) => server === "postgres");
const postgres = `
cd /
install -d -o postgres /run/postgresql
${asPostgres} /usr/lib/postgresql/*/bin/initdb -D ${data} --auth=trust --no-sync >/dev/null
cat >> ${data}/postgresql.conf <<'CONF'
unix_socket_directories = '/run/postgresql'
fsync = off
CONF
${asPostgres} /usr/lib/postgresql/*/bin/pg_ctl -D ${data} -w -l /var/lib/postgresql/log start >/dev/null
for user in ${postgresAccounts.map(({ user }) => user).join(" ")}; do
  kind=scram-sha-256; [ $user != md ] || kind=md5
  ${asPostgres} psql -q -h /run/postgresql -c "set password_encryption = '$kind'; create role $user login password 's3cret word'"
done
echo 'root root kernel' > ${data}/pg_ident.conf
cat > ${data}/pg_hba.conf <<'HBA'
${postgresAccounts
  .map(({ user, method }) =>
    method.startsWith("peer")
      ? `local all ${user} ${method}`
      : `local all ${user} ${method}\nhost all ${user} 127.0.0.1/32 ${method}`,
  )
  .join("\n")}
HBA
${asPostgres} /usr/lib/postgresql/*/bin/pg_ctl -D ${data} reload >/dev/null
sleep 0.5
`;

/** In the machine, as the runner does: what is wrong, or nothing. */
async function ask(lab: Lab, probes: readonly Probe[]): Promise<readonly string[]> {
  const program = `
const { runProbes } = await import("${checkout}/dist/src/runner/probe.js");
const said = [];
for (const probe of JSON.parse(process.argv[1])) {
  const { code, output } = await runProbes([probe], 5000, { environment: {}, workingDirectory: "/" });
  said.push(code === 0 ? "" : output);
}
console.log(JSON.stringify(said));`;
  const run = ["node", "--input-type=module", "-e", program, JSON.stringify(probes)];
  const { code, stdout, stderr } = await lab.exec("fox", run, 60);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout);
}

const places = {
  mysql: { tcp: { host: "127.0.0.1", port: 3306 }, local: { path: mysqlSocket } },
  postgres: { tcp: { host: "127.0.0.1", port: 5432 }, local: { path: "/run/postgresql/.s.PGSQL.5432" } },
} as const;

for (const server of rows(["mysql", "postgres"] as const, () => false))
  test(`${server}: every method of logging in`, async (t) => {
    await using lab = await Lab.create({ nodes: { fox: "ours" } });
    const prepared = await lab.exec("fox", ["bash", "-ec", server === "mysql" ? mysql : postgres], 120);
    assert.equal(prepared.code, 0, `${prepared.stdout}${prepared.stderr}`);
    await lab.machine("fox").write("/etc/ha.d/right", "password s3cret word\n", "600");
    await lab.machine("fox").write("/etc/ha.d/wrong", "password not this\n", "600");
    const questions = accounts
      .filter((account) => account.server === server)
      .flatMap(({ user, method, tcp, local, wrong, none }) => {
        const probe = (at: Probe & { kind: "mysql" } extends { at: infer At } ? At : never, credentials?: string) => ({
          kind: server,
          at,
          user,
          ...(server === "postgres" ? { database: "postgres" } : {}),
          ...(credentials === undefined ? {} : { credentials }),
        });
        const at = places[server];
        const by = `${user} (${method})`;
        return [
          { name: `${by} over TCP`, probe: probe(at.tcp, "/etc/ha.d/right"), expected: tcp },
          { name: `${by} locally`, probe: probe(at.local, "/etc/ha.d/right"), expected: local },
          ...(wrong === undefined
            ? []
            : [
                { name: `${by}, wrong, over TCP`, probe: probe(at.tcp, "/etc/ha.d/wrong"), expected: wrong },
                { name: `${by}, wrong, locally`, probe: probe(at.local, "/etc/ha.d/wrong"), expected: wrong },
              ]),
          ...(none === undefined ? [] : [{ name: `${by}, without`, probe: probe(at.local), expected: none }]),
        ];
      });
    const said = await ask(
      lab,
      questions.map(({ probe }) => probe),
    );
    const differ = questions.flatMap(({ name, expected }, index) =>
      expected.test(said[index] ?? "?") ? [] : [`${name}: ${said[index] || "well"}`],
    );
    assert.deepEqual(differ, []);
    t.diagnostic(`${questions.length} ways to ask ${server}`);

    const other = server === "mysql" ? "postgres" : "mysql";
    const [crossed = ""] = await ask(lab, [
      { kind: other, at: places[server].tcp, user: "scram", ...(other === "postgres" ? { database: "postgres" } : {}) },
    ]);
    assert.match(crossed, /this is not |no answer within 5000 ms|hung up/, "another protocol is no database");
  });
