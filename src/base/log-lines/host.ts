/** Lines of the daemon as a process of its machine: start and end, files, helpers, devices. */
import { line } from "./line.ts";

export const hostLines = {
  adopted: line(
    "Taking over what the last heartbeat held, and its runner [pid N].",
    "The daemon died or was restarted, and this one goes on with what runs: nothing is stopped or started.",
    "After a death: the reason is in the lines before, or in /var/lib/heartbeat/crash.jsonl.",
  ),
  "clients-closed": line(
    "Programs cannot connect: REASON",
    "The socket of the client API could not be made: cl_status, hb_standby and other programs find nobody.",
    "See whether /run/heartbeat is there and belongs to hacluster:haclient; restart heartbeat.",
  ),
  "configuration-changed": line(
    "Changed: FILES. Restarting; what we hold stays where it is.",
    "Files were read again (heartbeat -r, SIGHUP) and differ from those in force.",
  ),
  "configuration-error": line(
    "Configuration error, heartbeat not started.",
    "The lines before say what is wrong, with file and line.",
    "heartbeat check shows all of it; heartbeat explain CODE tells more.",
  ),
  "configuration-refused": line(
    "The new configuration has errors: heartbeat goes on with its old one, keys included.",
    "Files were read again, and one has an error. Nothing was changed.",
    "heartbeat check, mend the file, heartbeat -r.",
  ),
  "configuration-unchanged": line("Configuration unchanged.", "Files were read again and are those in force."),
  "control-malformed": line(
    "control FIFO: not a message with a type: ignored / FIFO: thrown away (REASON)",
    "A script or tool wrote something to /var/lib/heartbeat/fifo that is no message.",
    "Find the script; ha_clustermsg of shellfuncs writes what is understood.",
  ),
  "control-socket": line(
    "Cannot serve PATH: REASON",
    "heartbeat status, why and the like have nobody to ask.",
    "See whether /run/heartbeat is there and writable; restart heartbeat.",
  ),
  "core-died": line(
    "The heartbeat core process died: keeping what it held for N s, for the next one to take over. / The heartbeat core process ended without a word: giving up what it held.",
    "The daemon was killed or broke. What it held is kept for a part of the dead time, then stopped, so that another node can have it.",
    "Find out who killed it (journal, out-of-memory killer); an error of its own is in /var/lib/heartbeat/crash.jsonl.",
  ),
  "core-files": line(
    "Cannot chdir to [DIRECTORY]: REASON / REASON",
    "The directory for core files (coreroot) is not there, or core files cannot be allowed. The daemon runs all the same.",
    "Make the directory with a folder root in it, or take the line out of ha.cf.",
  ),
  "debug-level": line("debug now set to N [pid N]", "SIGUSR1 or SIGUSR2."),
  "fifo-made": line("Creating FIFO PATH.", "It was not there; scripts write to it."),
  "former-runner": line(
    "Heartbeat died; waiting until its runner [pid N] has given up what was held.",
    "The daemon died, and this one came too late to take over: what was held is stopped first.",
    "If it takes long, some script's stop hangs; see what is running.",
  ),
  "former-runner-late": line(
    "The runner of the last heartbeat is still at work; starting beside it.",
    "Something that the last daemon held does not stop.",
    "Stop it by hand before its group is started here again.",
  ),
  generation: line(
    "Heartbeat generation: N",
    "The number of this start; the others tell by it an old message from a new one.",
  ),
  "generation-guessed": line(
    "No Previous generation - starting at N / BROKEN previous generation - starting at N",
    "/var/lib/heartbeat/hb_generation is missing or damaged; the clock is taken.",
    "After an installation: nothing. Else see whether /var/lib/heartbeat survives a restart.",
  ),
  "generation-unstored": line(
    "REASON: the generation is taken from the clock, which must not go back",
    "/var/lib/heartbeat cannot be written.",
    "Make room or make it writable: the others ignore a node whose generation goes back.",
  ),
  "hook-failed": line(
    "PROGRAM WHAT",
    "A program of /etc/ha.d/events.d failed, hung, or events came faster than it ended.",
    "Run it by hand with the same two arguments.",
  ),
  "hostcache-unreadable": line(
    "cannot read PATH: REASON / Malformed node/uuid line [LINE] / Invalid host/uuid map file [PATH] - removed.",
    "The list of nodes that joined is damaged or cannot be read. It is made anew from what is heard.",
    "Give nodes that were deleted, or have a weight, to the cluster again (hb_delnode, hb_setweight).",
  ),
  "hosts-unstored": line(
    "cannot write PATH: REASON; nodes that join or go are forgotten at the next start",
    "/var/lib/heartbeat is full or not writable.",
    "Make room.",
  ),
  "internal-error": line(
    "Internal error, heartbeat ends at once; WHAT. ERROR",
    "An error of the daemon itself. It is started anew by systemd and takes over what runs.",
    "heartbeat report makes an archive for a bug report.",
  ),
  "last-will": line(
    "Removed address ADDRESS / Stopping SCRIPT of group GROUP",
    "The daemon died, and nobody took over in time.",
  ),
  "last-will-failed": line(
    "Stopping SCRIPT of group GROUP failed: REASON",
    "A stop script failed while a dead daemon's resources were given up. It is tried again.",
    "See would-not-stop.",
  ),
  "address-not-removed": line(
    "Cannot remove address ADDRESS: REASON",
    "The kernel refuses it while a dead daemon's addresses are given up: two machines may have it soon.",
    "ip address del ADDRESS dev DEVICE, at once.",
  ),
  "log-dropped": line(
    "cl_log: N messages were dropped / N messages to syslog were dropped",
    "Lines came faster than the log takes them, or its disk hangs. The daemon does not wait for its log.",
    "Look at the disk of the log file and at the syslog daemon; lower debug.",
  ),
  "log-unwritten": line(
    "cannot write FILE PATH: REASON",
    "A log file cannot be opened or written; the line is in syslog and on standard error.",
    "Make room, or mend the path in ha.cf.",
  ),
  "log-writer-lost": line(
    "hb-log ... ended with SIGNAL",
    "The process that writes the log died and was started again.",
  ),
  "logd-away": line(
    "The logging daemon does not answer at PATH: logging directly, and trying it every N s",
    "use_logd is on and ha_logd does not run, or does not read.",
    "Start it: systemctl start logd, or ha_logd -d.",
  ),
  "medium-failed": line(
    "Cannot send on MEDIUM: REASON",
    "Heartbeats cannot leave: interface down, no route, cable, a full queue. Told once a minute.",
    "ip link, ip route; heartbeat status shows the links.",
  ),
  "medium-reduced": line(
    "MEDIUM: WHAT",
    "A medium works with less than it should have.",
    "The line says what to change.",
  ),
  "medium-started": line("glib: MEDIUM: started on port N interface DEVICE", "A medium of ha.cf was opened."),
  "medium-works": line("Sending on MEDIUM works again; lost: N", "After medium-failed."),
  "no-addresses": line(
    "Service addresses cannot be handled: REASON",
    "No right to change addresses (CAP_NET_ADMIN), or the native addon is missing.",
    "Run as root; install the package of this machine's architecture.",
  ),
  "addresses-unwatched": line(
    "Addresses that somebody else removes will not be noticed: REASON / Other machines that claim a service address will not be noticed: REASON",
    "The kernel's news about addresses, or frames of the network, cannot be had.",
    "Run as root, with CAP_NET_ADMIN and CAP_NET_RAW.",
  ),
  "not-announced": line(
    "Cannot announce ADDRESS on DEVICE: REASON",
    "The others of the network were not told that the address is here: some will send to the old machine for minutes.",
    "arping -U -I DEVICE ADDRESS; see why the interface does not send.",
  ),
  "no-door": line(
    "The next core will not find the runner of this one: REASON",
    "Should the daemon die, what it holds is stopped, not taken over.",
    "See whether /run/heartbeat is writable; restart heartbeat.",
  ),
  "no-real-time": line(
    "Running without real-time priority, so heartbeats may be late: REASON",
    "No right to it (CAP_SYS_NICE, LimitRTPRIO), or a container without.",
    "Run by the package's unit; or realtime off in ha.cf, and a longer dead time.",
  ),
  "not-started": line(
    "REASON",
    "Why the daemon ends at its start: another one runs, a medium cannot be opened, a directory cannot be made.",
    "The line says what is in the way.",
  ),
  "notice-failed": line(
    "Managed TYPE process WHAT",
    "The script of /etc/ha.d/rc.d for this message failed or hung.",
    "Run /etc/ha.d/harc TYPE by hand.",
  ),
  "nothing-held": line("Nothing is held here any more.", "A dead daemon's resources are all stopped."),
  "program-changed": line(
    "Version VERSION is installed: restarting; what we hold stays where it is. / Version VERSION is installed, which speaks protocol N with its runner, and this one N: it cannot take over. / Version VERSION is installed and has errors in these files: this one goes on.",
    "Files were read again, and the program on the disk is another one: this daemon makes room for it, or goes on where that cannot be.",
    "If it cannot take over: heartbeat -k, then start it again; resources move meanwhile. If there are errors: heartbeat check.",
  ),
  rebooting: line(
    "Rebooting system.  Reason: REASON / This machine cannot be restarted: REASON",
    "Something would not stop that another node is about to start: the machine's restart is the last way.",
    "If it cannot be restarted (a container): switch it off by hand, then heartbeat fence confirm NODE on the others.",
  ),
  "runner-incompatible": line(
    "Version VERSION has left its runner [pid N], which speaks protocol N; this version speaks N and cannot take over: what was held is stopped first.",
    "The program was replaced by one that does not understand what the last one left behind. All that was held here is stopped in order, and started where it belongs.",
    "Between such versions: systemctl stop heartbeat before the upgrade, as the package does by itself.",
  ),
  "runner-lost": line(
    "hb-runner ended with SIGNAL; it is started again, scripts that ran are lost",
    "The process that runs scripts died. What was starting or stopping counts as failed.",
    "Find out who killed it; heartbeat status shows what is held.",
  ),
  starting: line(
    "Configuration validated. Starting heartbeat VERSION / heartbeat: version VERSION",
    "A daemon starts.",
  ),
  "uuid-made": line(
    "No uuid found for current node - generating a new uuid.",
    "First start, or /var/lib/heartbeat was emptied.",
  ),
  "uuid-unstored": line(
    "REASON: the uuid is taken from the node's name",
    "/var/lib/heartbeat cannot be written.",
    "Make room or make it writable.",
  ),
  watchdog: line("Using watchdog device: PATH", "The machine restarts when the daemon hangs or dies without a word."),
  "watchdog-advice": line(
    "PATH cannot be stopped (nowayout): ... / the driver of PATH stops at every close (no magic close): ...",
    "The driver was loaded so, or it can no better: it restarts the machine too often, or not when heartbeat is killed.",
    "Load it with nowayout=0; take another device.",
  ),
  "watchdog-awaited": line(
    "The last heartbeat died: its watchdog restarts this machine within N s. / The watchdog did not restart this machine: heartbeat starts. / A next heartbeat will not leave this machine to its watchdog: REASON",
    "The daemon was started again where its watchdog was armed.",
    "Nothing, or restart-adopts on in ha4.cf. If the machine was not restarted: heartbeat watchdog test.",
  ),
  "watchdog-closed": line(
    "Cannot open watchdog device: PATH: REASON / Watchdog write failure: closing PATH!",
    "There is no such device, or another program has it. The daemon runs without.",
    "modprobe softdog; systemd's RuntimeWatchdogSec must be off.",
  ),
  "watchdog-timer": line(
    "WDIOC_SETTIMEOUT: ... Failed to set watchdog timer to N seconds.: REASON / the watchdog's driver has taken N seconds instead of N",
    "The device does not take this time and keeps its own, or the next that it can count.",
    "Set watchdog-timeout of ha4.cf to one that it takes.",
  ),
  "would-not-stop": line(
    "SCRIPT of group GROUP would not stop and may still run here.",
    "The time is over in which it had to stop after the daemon's death: the machine restarts, unless stop-failure hold says no.",
    "Mend the script's stop.",
  ),
} as const;
