/** Lines about decisions: which node holds which resources, and why. */
import { line } from "./line.ts";

export const takeoverLines = {
  acquire: line("Acquiring GROUP.", "A group is started here; the reason is in brackets."),
  release: line("Releasing GROUP.", "A group is stopped here; the reason is in brackets."),
  "already-leaving": line("Heartbeat shutdown already underway.", "A second stop."),
  "both-own-foreign": line(
    "Both machines own foreign resources!",
    "Two nodes say that they hold the same resources, after a cut of the network.",
    "Look at shared data; heartbeat why GROUP. One of both releases them by itself.",
  ),
  "both-own-ours": line(
    "Both machines own our resources!",
    "Two nodes say that they hold the same resources, after a cut of the network.",
    "Look at shared data; heartbeat why GROUP. One of both releases them by itself.",
  ),
  cleanup: line("GROUP may be started here again.", "heartbeat cleanup, or what had failed is well again."),
  "dead-node-gave-up": line(
    "Dead node NODE gave up resources.",
    "It had said goodbye before: nothing has to be fenced.",
  ),
  failback: line("Giving NODE's resources back.", "auto_failback is on, and their owner is back."),
  "giving-up": line("Giving up all HA resources.", "The daemon stops and releases what it holds."),
  "group-down": line(
    "GROUP runs nowhere: it did not start on NODES. Repair it, then: heartbeat cleanup GROUP",
    "It failed on every node that may have it.",
    "Mend what the start scripts say, then heartbeat cleanup GROUP.",
  ),
  "local-elsewhere": line(
    "Local Resource acquisition completed. (none)",
    "Another node holds what is ours by preference.",
  ),
  "local-stable": line("local resource transition completed.", "What was to be decided at the start is decided."),
  maintenance: line(
    "Maintenance: nothing is started, stopped or moved until heartbeat maintenance off. / Maintenance has ended.",
    "heartbeat maintenance: nothing is started, stopped or moved while it is on.",
  ),
  "node-fit": line(
    "This node may hold resources again.",
    "What node-health of ha4.cf looks at has been well for as long as it asks for.",
  ),
  "node-unfit": line(
    "This node is not fit to hold resources.",
    "A service interface, a disk or the ping nodes (node-health of ha4.cf); what is wrong is in brackets. A fit node takes what runs here.",
    "Mend it; the node is fit again after the recovery time.",
  ),
  "no-stonith": line(
    "No STONITH device configured.",
    "A silent node's resources are taken over without being sure that it is off.",
    "Configure fencing (docs/fencing.md) if a group must never run twice.",
  ),
  "not-managed": line(
    "Standby request ignored: heartbeat was started with -M and manages no resources.",
    "hb_standby on a node that only takes part in membership.",
  ),
  "original-in-crowd": line(
    "NODE runs 3.0.6, which knows two nodes only: while it is here, no more than two of the N nodes are safe to run.",
    "3.0.6 manages resources of two nodes only.",
    "Upgrade the remaining nodes.",
  ),
  "owner-overdue": line(
    "NODE was started again and does not take part yet.",
    "It waits for a node or a ping node that is silent. Its groups go to the next node meanwhile.",
  ),
  "peer-shutdown-done": line("Received shutdown notice from 'NODE'.", "It stopped in order and holds nothing."),
  relinquished: line("All HA resources relinquished.", "Everything is stopped, the daemon ends."),
  "remote-stable": line("remote resource transition completed.", "The other node has settled."),
  "resources-from-dead": line(
    "Resources being acquired from NODE.",
    "The node is dead, or off, and its resources are started here.",
  ),
  "restart-holds": line("restart: i_hold_resources = WORD", "The daemon takes over what ran before its restart."),
  "restart-triggered": line(
    "Heartbeat restart triggered.",
    "New files: the daemon replaces itself and keeps what it holds.",
  ),
  "restart-waits": line(
    "Restart delayed until current resource activity finishes.",
    "Files were read again while something starts or stops.",
    "If it takes long: see which script is running.",
  ),
  restarting: line("Restarting heartbeat. / Performing heartbeat restart exec.", "See restart-triggered."),
  "shutdown-complete": line("NODE Heartbeat shutdown complete.", "The daemon has ended in order."),
  "standby-acquire": line(
    "standby: acquire [SET] resources from NODE",
    "A planned move: the other node has released them.",
  ),
  "standby-acquired": line("Standby resource acquisition done [SET].", "The planned move is over."),
  "standby-agreed": line("standby: NODE can take our SET resources", "The other node agrees to a planned move."),
  "standby-alone": line(
    "No reply to standby request.  Standby request cancelled.",
    "No other node is active: there is nobody to take the resources.",
    "Start heartbeat on another node first.",
  ),
  "standby-busy": line(
    "Standby in progress- new request from NODE ignored [N seconds left]",
    "A planned move is under way.",
    "Ask again when it is over.",
  ),
  "standby-called-off": line("NODE did not give up [SET].", "Something there would not stop: it stays where it is."),
  "standby-cancelled": line("Cancelling pending standby operation", "The other node died or left meanwhile."),
  "standby-completed": line("Other node completed standby takeover of SET resources.", "The planned move is over."),
  "standby-legacy": line(
    "Standby mode only implemented when nice_failback on",
    "auto_failback legacy knows no planned moves.",
    "Write auto_failback on or off.",
  ),
  "standby-maintenance": line(
    "Nothing is moved: heartbeat maintenance is on.",
    "hb_standby during maintenance.",
    "heartbeat maintenance off",
  ),
  "standby-malformed": line(
    "Received standby message without info/from",
    "A broken message of a script or another node.",
  ),
  "standby-no-reply": line(
    "No reply to standby request.  Standby request cancelled.",
    "The other node does not answer to a planned move.",
    "Look at its log.",
  ),
  "standby-nobody": line(
    "No other node can take GROUP.",
    "hb_standby, and the group failed everywhere else or may run here only.",
    "heartbeat why GROUP",
  ),
  "standby-other-in-flux": line(
    "standby message [WORD] from NODE ... Other side is in flux.",
    "The other node has not settled yet.",
    "Ask again in a moment.",
  ),
  "standby-own-in-flux": line(
    "standby message [WORD] from NODE ignored.  local resources in flux.",
    "Something starts or stops here.",
    "Ask again in a moment.",
  ),
  "standby-released": line(
    "Local standby process completed [SET].",
    "Our part of a planned move is done: all is stopped here.",
  ),
  "standby-stuck": line(
    "Not everything of [SET] could be stopped: it is not handed over.",
    "A stop failed during a planned move.",
    "Mend the script's stop; what still runs is named in the lines before.",
  ),
  "standby-unexpected": line("Ignored standby message 'WORD' from NODE in state STATE", "A late or repeated message."),
  "standby-wanted": line("NODE wants to go standby [SET]", "hb_standby or hb_takeover was called, or ipfail asks."),
  "stays-unclean": line(
    "GROUP would not stop: heartbeat stays until it is down, or others would start what still runs here.",
    "A stop failed while the daemon was stopped. It is tried again every 30 s.",
    "Stop by hand what still runs, then ask once more: heartbeat -k.",
  ),
  stopping: line("Heartbeat shutdown in progress. (PID)", "The daemon was told to stop."),
  surrender: line(
    "Giving the resources of NODE to the other node, which cannot be told of a single group.",
    "A group failed here, and the other node is 3.0.6: all of an owner's groups move together.",
  ),
  "surrender-held-off": line(
    "GROUP was given to the other node within the last N minutes, and has failed again: it stays down.",
    "It fails on both nodes.",
    "Mend it, then heartbeat cleanup GROUP.",
  ),
  unheard: line(
    "NODE does not hear us, and holds us dead: what both hold is given up here.",
    "The network works in one direction only.",
    "Look at the links and the packet filters between the two nodes.",
  ),
  unprotected: line("Shared disks are not protected.", "See no-stonith.", "See no-stonith."),
  yield: line(
    "GROUP is held twice: releasing ours.",
    "After a cut of the network two nodes hold a group; one of them gives way.",
    "Look at shared data.",
  ),
} as const;
