/**
 * A resource script of the laboratory: a service that runs as long as its file exists, in memory, so that a crash ends it.
 *
 * It writes down every call with the time since boot, and can be told to fail, to hang or to take 6 s, action by action, by a file
 * /etc/ha.d/misbehave/NAME.ACTION with the word `fail`, `hang` or `slow` in it.
 */
export const callLog = "/var/log/service-calls";
export const stateFile = (service: string): string => `/run/services/${service}`;
export const misbehaviourFile = (service: string, action: string): string => `/etc/ha.d/misbehave/${service}.${action}`;

export const serviceScript = `#!/bin/sh
for action; do :; done
name=\${0##*/}
state=/run/services/$name
mkdir -p /run/services
read uptime idle < /proc/uptime
echo "$uptime $name $*" >> ${callLog}
order=
[ ! -e "/etc/ha.d/misbehave/$name.$action" ] || read order < "/etc/ha.d/misbehave/$name.$action"
case $order in
fail) exit 1 ;;
hang) sleep 86400 ;;
slow) sleep 6 ;;
esac
case $action in
start) : > "$state" ;;
stop) rm -f "$state" ;;
status) if [ -e "$state" ]; then echo running; else echo stopped; exit 3; fi ;;
*) echo "usage: $name start|stop|status" >&2; exit 2 ;;
esac
`;

/**
 * How the original's tools come by a `cat` that writes all it was given at once: their folder is in their search path, before the
 * system's. Every tool pipes an order's lines through `cat -` into the fifo, which keeps them together only if they come together; on a
 * busy machine they do not, and the original loses what is on its way when its clock of one second strikes (docs/reference/files-and-cli.md
 * section 3). That would be a verdict on the machine, not on the pair of nodes.
 */
export const patientCat = {
  path: "/usr/share/heartbeat/cat",
  script: `#!/bin/sh
[ "$*" != - ] || exec dd bs=64k iflag=fullblock status=none
exec /usr/bin/cat "$@"
`,
} as const;
