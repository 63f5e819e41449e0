/** Lines about nodes, links and what they send. */
import { line } from "./line.ts";

export const membershipLines = {
  "comm-up": line(
    "Comm_now_up(): updating status to active",
    "All nodes were heard, or initdead is over: the daemon begins to take part.",
  ),
  "configuration-differs": line(
    "The configuration of NODE differs from ours: WHAT.",
    "Something that must be the same on all nodes is not: haresources, times, the list of nodes, failback, authkeys.",
    "Copy the files (ha_propagate) and heartbeat -r; heartbeat status lists the differences.",
  ),
  "deadtime-hint": line(
    "Deadtime value may be too small.",
    "A node that was held dead is heard again and was never gone.",
    "heartbeat tune recommends times from what it sees.",
  ),
  "history-filling": line(
    "Message hist queue is filling up (N messages in queue)",
    "A node has not acknowledged messages for long; clients are slowed down when it goes on.",
    "Look at that node and the links to it.",
  ),
  keys: line("Rereading authentication file: N keys, entry N signs", "authkeys was changed and read again."),
  "late-heartbeat": line(
    "Late heartbeat: Node NODE: interval N ms",
    "A heartbeat came later than warntime. At the dead time the node counts as dead.",
    "A busy node or network; heartbeat tune shows how late heartbeats are.",
  ),
  "link-dead": line(
    "Link NODE:MEDIUM dead.",
    "Nothing was heard of the node over this medium for the dead time. While another medium works, nothing else happens.",
    "Cable, switch, firewall (UDP 694), or the other node's heartbeat.",
  ),
  "link-up": line("Link NODE:MEDIUM up.", "The node is heard over this medium."),
  "local-status": line("Local status now set to: 'STATUS'", "init, up (starting), active (takes part)."),
  "no-name": line("[NAME] cannot be the name of a node: not added", "A node with a name that ha.cf could not hold."),
  "no-such-node": line(
    "WHAT of NODE: there is no such node",
    "hb_setweight or hb_setsite for an unknown node.",
    "Look at the name.",
  ),
  "node-added": line("Adding new node NODE to configuration.", "autojoin or hb_addnode."),
  "node-dead": line(
    "node NODE: is dead",
    "Nothing was heard of it over any medium for its dead time.",
    "Look at the machine. Its resources are taken over, after fencing where that is configured.",
  ),
  "node-lists-differ": line(
    "The nodes of NODE are not ours (WHAT): compare ha.cf",
    "Two nodes of an autojoin cluster know different nodes.",
    "hb_addnode or hb_delnode what is missing or too much.",
  ),
  "node-removed": line("Removing node [NODE] from configuration.", "hb_delnode."),
  "node-renamed": line("nodename NODE uuid changed to NODE", "A known machine is heard under another name."),
  "node-stays": line(
    "deletion failed: REASON / remove_node: node NODE is STATUS. Cannot remove alive node",
    "hb_delnode for a node that is not there, or lives.",
    "Stop heartbeat there first.",
  ),
  "node-there": line("addnode: NODE is there already", "hb_addnode for a known node."),
  "nodes-fixed": line(
    "ORDER NODES: not done, the nodes are those of ha.cf",
    "Nodes join and go only with -M and autojoin.",
    "Change the node lines of ha.cf on all nodes, and heartbeat -r.",
  ),
  "nothing-heard": line(
    "WHAT",
    "Heartbeats of others do not arrive on this medium. The daemon looked around and says what it found.",
    "What the line says: a firewall, another port, another interface, a cable.",
  ),
  "partition-return": line(
    "Cluster node NODE returning after partition.",
    "A node that was held dead is heard again, and is the same process: the network was cut, or the node stood still.",
    "Until now both may have held everything: look at shared data. More media, fencing, or a longer dead time.",
  ),
  place: line("NODE now has WHAT", "hb_setweight or hb_setsite."),
  rejected: line(
    "WHAT (N of this kind) / Irretrievably lost packet: node NODE seq N (REASON) / lost a lot of packets! (from NODE)",
    "What came from the network does not count: another key, damaged, another cluster; or messages are missing. One line a second at most.",
    "Same authkeys on all nodes; own port or group for each cluster; look at a lossy network. log_badpack off keeps the bad ones quiet.",
  ),
  restart: line("Heartbeat restart on node NODE", "The daemon there was started anew."),
  stalled: line(
    "We were not running for N ms: no node is declared dead for that.",
    "The daemon got no processor: a busy or suspended machine, a hypervisor.",
    "Real time (realtime on), fewer things on the machine, a longer dead time.",
  ),
  "status-update": line("Status update for node NODE: status STATUS", "A node says another status than before."),
  "table-full": line("NODE not added: there are N nodes already", "More nodes than one cluster can have."),
  unsendable: line(
    "message of type TYPE not sent: REASON",
    "A client's or script's message is too large for a datagram, also compressed.",
    "Send less at once; compression in ha.cf.",
  ),
} as const;
