/** The ways to look at a service, alphabetically: each is one line of ha4.cf, `probe NAME ...`. */

import { registry } from "../../base/registry.ts";
import { failed, ok, type Result } from "../../base/result.ts";
import { databaseWords } from "./database.ts";
import type { Probe, ProbeDescription } from "./probe.ts";
import { hostAndPort } from "./target.ts";

const path = (word: string | undefined, extra: string | undefined): Result<string, string> =>
  word?.startsWith("/") && extra === undefined ? ok(word) : failed("one path that begins with / is needed");

const probes: readonly ProbeDescription[] = [
  {
    name: "carrier",
    form: "INTERFACE",
    summary: "A network interface that is up, with a cable in it and somebody at its other end.",
    example: "probe carrier eth0",
    read: ([device = "", extra]) =>
      /^[^/\s]{1,15}$/.test(device) && !/^\.\.?$/.test(device) && extra === undefined
        ? ok({ kind: "carrier", device })
        : failed("one interface is needed"),
  },
  {
    name: "command",
    form: "PATH [ARGUMENT ...]",
    summary: "A program, run without a shell: exit code 0 is well.",
    example: "probe command /usr/local/bin/look-at-it --fast",
    read: ([program, ...args]) =>
      program?.startsWith("/")
        ? ok({ kind: "command", path: program, args })
        : failed("the program's full path is needed"),
  },
  {
    name: "disk",
    form: "PATH",
    summary: "A directory whose disk takes a write: a small file is written there and flushed.",
    example: "probe disk /var/lib/heartbeat",
    read: ([directory, extra]) => {
      const where = path(directory, extra);
      return where.ok ? ok({ kind: "disk", path: where.value }) : where;
    },
  },
  {
    name: "file-newer-than",
    form: "TIME PATH",
    summary: "A file that was changed within so many seconds: for services that leave a sign of life.",
    example: "probe file-newer-than 30 /run/worker.alive",
    read: ([age = "", file, extra]) => {
      const where = path(file, extra);
      if (!where.ok) return where;
      const seconds = Number(age);
      return /^\d+$/.test(age) && seconds > 0 && seconds < 10 ** 7
        ? ok({ kind: "file-newer-than", path: where.value, seconds })
        : failed("an age in whole seconds is needed first");
    },
  },
  {
    name: "http",
    form: "URL [status=CODE] [text=TEXT]",
    summary:
      "A web page over HTTP or HTTPS: status 200 to 399, or the given one, and the given text in the answer. Certificates are not checked.",
    example: "probe http http://10.0.0.10/health status=200 text=ok",
    read: ([url = "", ...conditions]) => {
      if (!URL.canParse(url) || !/^https?:/.test(url))
        return failed("a URL that begins with http:// or https:// is needed");
      let probe: Extract<Probe, { kind: "http" }> = { kind: "http", url };
      for (const condition of conditions) {
        const [, name, value = ""] = /^(status|text)=(.+)$/s.exec(condition) ?? [];
        if (name === "text") probe = { ...probe, text: value };
        else if (name === "status" && /^[1-5]\d\d$/.test(value)) probe = { ...probe, status: Number(value) };
        else return failed("behind the URL only status=CODE and text=TEXT may follow");
      }
      return ok(probe);
    },
  },
  {
    name: "mount",
    form: "PATH",
    summary:
      "A mounted file system that takes a write: a small file is written there and flushed. PATH is the mount point itself.",
    example: "probe mount /srv",
    read: ([directory, extra]) => {
      const where = path(directory, extra);
      return where.ok ? ok({ kind: "mount", path: where.value }) : where;
    },
  },
  {
    name: "mysql",
    form: "HOST:PORT|SOCKET [user=NAME] [credentials=FILE] [database=NAME]",
    summary:
      "MariaDB or MySQL: a log-in and SELECT 1. FILE is for root alone (mode 600): lines `user NAME` and `password WORD`; without it user heartbeat without a password.",
    example: "probe mysql /run/mysqld/mysqld.sock credentials=/etc/ha.d/mysql.credentials",
    read: (words) => databaseWords("mysql", words),
  },
  {
    name: "postgres",
    form: "HOST:PORT|SOCKET [user=NAME] [credentials=FILE] [database=NAME]",
    summary:
      "PostgreSQL: a log-in and SELECT 1, in database postgres if none is given. FILE as for mysql. SOCKET is the socket itself, not its directory.",
    example: "probe postgres 10.0.0.10:5432 credentials=/etc/ha.d/postgres.credentials",
    read: (words) => databaseWords("postgres", words),
  },
  {
    name: "process",
    form: "NAME|PIDFILE",
    summary:
      "A process of that name, or the one whose number stands in the file. One that is stopped or a zombie does not count.",
    example: "probe process /run/nginx.pid",
    read: ([what, extra]) => {
      if (what === undefined || extra !== undefined)
        return failed("one name, or the path of a file with a process number, is needed");
      return ok(
        what.startsWith("/") ? { kind: "process", pidFile: what } : { kind: "process", name: what.slice(0, commMax) },
      );
    },
  },
  {
    name: "tcp",
    form: "HOST:PORT",
    summary: "A TCP port that takes connections.",
    example: "probe tcp 10.0.0.10:25",
    read: ([target = "", extra]) => {
      const where = extra === undefined ? hostAndPort(target) : undefined;
      return where === undefined
        ? failed("one HOST:PORT is needed; an IPv6 address stands in brackets")
        : ok({ kind: "tcp", ...where });
    },
  },
  {
    name: "unix",
    form: "PATH",
    summary: "A local socket that takes connections.",
    example: "probe unix /run/mysqld/mysqld.sock",
    read: ([socket, extra]) => {
      const where = path(socket, extra);
      return where.ok ? ok({ kind: "unix", path: where.value }) : where;
    },
  },
];

/** The kernel cuts process names there. */
const commMax = 15;

export const probeKinds = registry(probes);
