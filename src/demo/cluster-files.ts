/**
 * The files of the demonstration's two computers, as an administrator would write them.
 *
 * Names and layout are those of the classic sample: test3 owns an address and a web service, test4 stands by. Times are the
 * shortest that a quiet machine keeps without real-time priority.
 */
import { address } from "./stage.ts";

export const keepalive = 100;
export const deadtime = 500;
export const owner = "test3";
export const standby = "test4";
export const serviceAddress = address(100);
export const httpPort = 80;
/** RFC 862. */
export const echoPort = 7;

/** The last number of each node's own address. */
export const hostNumber = { [owner]: 3, [standby]: 4, client: 1 } as const;

export interface DemoFile {
  /** Below /etc/ha.d. */
  readonly path: string;
  readonly mode: number;
  readonly text: string;
}

/** What differs between the nodes and between the two scenes. */
export interface Place {
  readonly node: string;
  /** The line of ha.cf that names the medium, and its port. */
  readonly medium: string;
  readonly udpport: number;
  /** What test3 owns, beside the web service. */
  readonly address: string;
  readonly web: WebServer;
  readonly pidfile: string;
}

export interface WebServer {
  readonly says: string;
  /** The line of the resource script that starts it. */
  readonly start: string;
  /** nginx reads a file of ours. */
  readonly configured: boolean;
}

/** The absolute paths of what the resource script may start. */
export interface WebPrograms {
  /** Undefined where it is not installed. */
  readonly nginx: string | undefined;
  readonly node: string;
  readonly service: string;
}

/** In namespaces everything has its usual place. */
export function machinePlace(node: string, programs: WebPrograms): Place {
  const { nginx } = programs;
  return {
    node,
    medium: "bcast eth0",
    udpport: 694,
    address: `IPaddr::${serviceAddress}/24/eth0 `,
    pidfile: "/run/http.pid",
    web:
      nginx === undefined
        ? {
            says: "a small one of ours: nginx is not installed",
            start: background(node, programs, httpPort, "0.0.0.0"),
            configured: false,
          }
        : { says: "nginx", start: `"${nginx}" -c /etc/ha.d/nginx.conf`, configured: true },
  };
}

/** On a host that forbids namespaces: everything below `root`, and ports that an ordinary user may open. */
export function loopbackPlace(
  node: string,
  root: string,
  ports: { readonly udp: number; readonly http: number },
  programs: WebPrograms,
): Place {
  const start = background(node, programs, ports.http, "127.0.0.1");
  return {
    node,
    medium: `mcast lo 225.0.0.1 ${ports.udp} 1 1`,
    udpport: ports.udp,
    address: "",
    pidfile: `${root}/run/http.pid`,
    web: { says: "a small one of ours", start, configured: false },
  };
}

const background = (name: string, { node, service }: WebPrograms, port: number, address: string): string =>
  `"${node}" "${service}" "$pidfile" ${port} ${address} ${name} </dev/null >/dev/null 2>&1 &`;

export function clusterFiles(key: string, place: Place): readonly DemoFile[] {
  return [
    { path: "ha.cf", mode: 0o644, text: haCf(place) },
    { path: "authkeys", mode: 0o600, text: `auth 1\n1 sha1 ${key}\n` },
    { path: "haresources", mode: 0o644, text: `${owner} ${place.address}http\n` },
    { path: "resource.d/http", mode: 0o755, text: resourceScript(place) },
    ...(place.web.configured ? [{ path: "nginx.conf", mode: 0o644, text: nginxConf(place.node) }] : []),
  ];
}

const haCf = ({ medium, udpport }: Place): string => `# Written by the demonstration.
logfile /var/log/ha-log
logfacility none
keepalive ${keepalive}ms
warntime ${2 * keepalive}ms
deadtime ${deadtime}ms
initdead 5
udpport ${udpport}
${medium}
auto_failback on
node ${owner}
node ${standby}
`;

/**
 * A resource script as heartbeat wants them: start and stop are repeatable, stop returns when everything has ended, and
 * status says "running" or "stopped" (resources.md, section 3.1).
 */
const resourceScript = ({ pidfile, web }: Place): string => `#!/bin/sh
# The web service of the demonstration: start, stop, status.
pidfile=${pidfile}

alive() {
  [ -s "$pidfile" ] && kill -0 "$(cat "$pidfile")" 2>/dev/null
}

case "$1" in
start)
  alive && exit 0
  rm -f "$pidfile"
  ${web.start}
  patience=500
  until alive; do
    [ "$patience" -gt 0 ] || exit 1
    patience=$((patience - 1))
    sleep 0.01
  done
  ;;
stop)
  alive || exit 0
  kill "$(cat "$pidfile")"
  while alive; do sleep 0.01; done
  rm -f "$pidfile"
  ;;
status)
  if alive; then echo running; else echo stopped; fi
  ;;
*)
  echo "usage: http start|stop|status" >&2
  exit 2
  ;;
esac
`;

/** One process and no other user, which a user namespace would not have; temporary folders where we may write. */
const nginxConf = (node: string): string => `user root;
pid /run/http.pid;
master_process off;
error_log /var/log/nginx.log;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path /run/http-body;
  proxy_temp_path /run/http-proxy;
  fastcgi_temp_path /run/http-fastcgi;
  uwsgi_temp_path /run/http-uwsgi;
  scgi_temp_path /run/http-scgi;
  server {
    listen ${httpPort};
    location / { default_type text/plain; return 200 "${node}\\n"; }
  }
}
`;
