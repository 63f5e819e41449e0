/** Lines about what is started, stopped, watched and switched off, and about programs beside the daemon. */
import { line } from "./line.ts";

export const resourceLines = {
  "acquiring-group": line("Acquiring resource group: NODE RESOURCES", "Starting from left to right."),
  "address-back": line("ADDRESS is back on DEVICE.", "After address-missed."),
  "address-claimed": line(
    "Another machine claims ADDRESS: hardware address MAC, heard on DEVICE. Announcing ours again.",
    "Another machine uses a service address: one that was configured by hand, or a node that does not know that we hold it.",
    "Find the machine by its hardware address and take the address from it.",
  ),
  "address-claims-ended": line(
    "Nobody else claims ADDRESS any more; last was MAC, N claims were heard.",
    "After address-claimed.",
  ),
  "address-missed": line(
    "ADDRESS was removed by somebody else: putting it back.",
    "Something on this machine removes addresses: a network manager, a DHCP client, an administrator.",
    "Have the network manager leave the interface's service addresses alone.",
  ),
  "address-not-back": line(
    "ADDRESS cannot be put back: REASON. It is tried again every second.",
    "The interface is gone or down.",
    "ip link. After 5 s the group goes to another node that can have it; it may come home when the interface is back.",
  ),
  "built-in": line(
    "RESOURCE: WHAT",
    "What a built-in resource has to say: why a mount failed, whom an unmount ended, that a mail could not be sent.",
    "After a failure: what the program said stands at the end of the line.",
  ),
  "child-again": line(
    'Respawning client "PROGRAM":',
    "A program of respawn ended and is started again.",
    "Look at its own log.",
  ),
  "child-end": line(
    "killing PROGRAM process group N with signal 15",
    "The daemon stops, and ends what it has started.",
  ),
  "child-ended": line(
    "Managed PROGRAM process N exited with return code N. / killed by signal SIGNAL.",
    "A program of respawn ended.",
    "Return code 100 means: do not start me again.",
  ),
  "child-kill": line("PROGRAM has not ended within N s: killing it.", "It ignores SIGTERM."),
  "child-later": line("Client PROGRAM is started again in N s.", "It ended again and again: pauses grow."),
  "child-lost": line("PROGRAM ended with the runner: REASON", "See runner-lost."),
  "child-not-running": line("client [PROGRAM] is not running.", "At a stop: nothing to end."),
  "child-not-started": line(
    "Cannot exec PROGRAM: REASON",
    "The program of a respawn line cannot be run.",
    "Path, rights and user in ha.cf.",
  ),
  "child-start": line('Starting child client "PROGRAM" (UID,GID)', "A respawn line."),
  "child-started": line('Starting "PROGRAM" as uid UID  gid GID (pid N)', "A respawn line."),
  "child-too-fast": line(
    'Client PROGRAM "respawning too fast"',
    "It ends as soon as it is started.",
    "Run it by hand as that user.",
  ),
  child: line(
    "the monitored program PROGRAM ended (HOW) and is started again / started the monitored program PROGRAM, whose PID is N",
    "cl_respawn watches a program.",
    "The program's own log.",
  ),
  client: line(
    "Client ...",
    "A program that uses the client API did something that it may not, did not read, or left without a word.",
    "apiauth in ha.cf says who may; else look at the program.",
  ),
  fence: line("Resetting node NODE with [DEVICE]", "The node is silent, and its resources wait for it to be off."),
  "fence-bad-host": line(
    "Device DEVICE cannot reset host NODE.",
    "The device does not know the node.",
    "The device's host list; heartbeat fence list.",
  ),
  "fence-check": line("Checking status of STONITH device [DEVICE]", "Once an hour, and at the start."),
  "fence-check-failed": line(
    "STONITH device DEVICE not operational! / STONITH status operation failed. / This may mean that the STONITH device has failed!",
    "The device does not answer: should a node die now, its resources could not be taken over.",
    "heartbeat fence test DEVICE; network, address, password of the device.",
  ),
  "fence-check-well": line("STONITH device DEVICE is operational again.", "After fence-check-failed."),
  "fence-confirmed": line("The operator says that NODE is off.", "heartbeat fence confirm."),
  "fence-delay": line("NODE is to be reset in N s", "fence-delay: two nodes must not shoot each other at once."),
  "fence-done": line("node NODE now reset.", "The device says that the node is off, or was restarted."),
  "fence-failed": line(
    "Host NODE not reset!",
    "The device failed, with the reason in brackets. The next one is tried.",
    "heartbeat fence test DEVICE",
  ),
  "fence-given-up": line("STONITH of NODE is given up.", "The node is heard again."),
  "fence-maintenance": line(
    "NODE is not reset before maintenance ends.",
    "A node is silent during maintenance: it is fenced when maintenance ends, if it is silent still.",
    "heartbeat maintenance off, when you are done.",
  ),
  "fence-retry": line(
    "STONITH of NODE failed.  Retrying...",
    "No device has switched it off. Its resources are not taken over before that.",
    "Switch the machine off by hand and say so: heartbeat fence confirm NODE.",
  ),
  "giving-up-group": line(
    "Giving up resources due to failure of RESOURCE",
    "A start or a running resource failed: the group is stopped here and moves.",
    "See start-failed or resource-failed before it.",
  ),
  ipfail: line(
    "ipfail: WHAT",
    "The node that sees fewer ping nodes gives its resources away.",
    "If unwanted: look at the ping nodes of ha.cf and the network to them.",
  ),
  "left-over": line(
    "GROUP is not in haresources any more as it runs: stopping it.",
    "haresources was changed before a restart.",
  ),
  "releasing-group": line("Releasing resource group: NODE RESOURCES", "Stopping from right to left."),
  "resource-failed": line(
    "RESOURCE has failed: WHAT",
    "Its status or a probe of ha4.cf says that it does not do its work.",
    "The service's own log. What follows from it (restart, move) is in the brackets.",
  ),
  "resource-healed": line("RESOURCE does its work again.", "After resource-failed."),
  "restarting-resource": line("Restarting RESOURCE ...", "After resource-failed: a restart in its place."),
  running: line("Running SCRIPT start", "A start script is called."),
  "start-failed": line(
    "RESOURCE did not start: REASON",
    "Its script said so, hung, or is not there.",
    "Run it by hand: /etc/ha.d/resource.d/SCRIPT ARGUMENTS start; its output is in debugfile.",
  ),
  "stop-failed": line(
    "RESOURCE did not stop: REASON",
    "Its script said so or hung. It is tried again.",
    "Its output is in debugfile.",
  ),
  "stop-failure": line(
    "Resource STOP failure. Reboot required! RESOURCE is still running.",
    "It must not run on two nodes: this machine restarts, unless ha4.cf says hold.",
    "Mend the script's stop.",
  ),
  "stop-failure-held": line(
    "RESOURCE would not stop, and ha4.cf says to hold it: nobody takes it over until heartbeat has stopped it.",
    "stop-failure hold.",
    "Stop it by hand; the next attempt finds it stopped.",
  ),
  "stop-must-succeed": line(
    "it (RESOURCE) MUST succeed on a stop when already stopped",
    "See stop-not-lsb.",
    "See stop-not-lsb.",
  ),
  "stop-not-lsb": line(
    "Resource script for RESOURCE probably not LSB-compliant.",
    "Its stop fails when it is stopped already.",
    "Have its stop end with 0 when nothing runs.",
  ),
  "stop-retry": line("Retrying failed stop operation [RESOURCE]", "After stop-failed."),
  "units-heard": line("systemd tells of its units again.", "After units-unheard."),
  "units-unheard": line(
    "systemd does not tell of its units: REASON. They are asked at their intervals, and what happens between is noticed then.",
    "The system bus of D-Bus is not there, or does not let us in.",
    "Install dbus; systemctl status dbus.",
  ),
} as const;
