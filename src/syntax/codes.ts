/**
 * Every finding about a configuration file has a code that never changes its meaning. This table says what each is, how grave,
 * and where the original 3.0.6 judges differently; `heartbeat explain CODE` prints from it.
 *
 * Hundreds: 01 files and lines, 02 directives and values, 03 nodes and times, 04 media, 05 logging, 06 programs, devices and
 * permissions, 07 authkeys, 08 haresources, 09 logd.cf, 11 ha4.cf.
 */
export interface CodeEntry {
  readonly severity: "error" | "warning" | "note";
  /**
   * Where 3.0.6 judges differently. "refuses": we let it pass. "accepts": we refuse it. Nothing: as we do, except that it
   * has no warnings.
   */
  readonly original?: "refuses" | "accepts";
  /** An error of `heartbeat check`, although the daemon starts. */
  readonly checked?: "error";
  /** What was found. */
  readonly says: string;
  /** Why that matters, or what to do; complete sentences. */
  readonly explains: string;
}

const error = (says: string, explains: string): CodeEntry => ({ severity: "error", says, explains });
/** An error of ours that 3.0.6 lets pass, or dies of later. */
const stricter = (says: string, explains: string): CodeEntry => ({ ...error(says, explains), original: "accepts" });
/** The daemon starts with it, as 3.0.6 does; `heartbeat check` is stricter, because a group will not work. */
const checked = (says: string, explains: string): CodeEntry => ({ ...warning(says, explains), checked: "error" });
const warning = (says: string, explains: string): CodeEntry => ({ severity: "warning", says, explains });
/** Passes here, with a warning, and not with 3.0.6. */
const milder = (says: string, explains: string): CodeEntry => ({ ...warning(says, explains), original: "refuses" });
const note = (says: string, explains: string): CodeEntry => ({ severity: "note", says, explains });
/** Nothing to worry about here, and an error of 3.0.6. */
const milderNote = (says: string, explains: string): CodeEntry => ({ ...note(says, explains), original: "refuses" });

const entries = {
  HB0101: warning(
    "a very long line",
    "3.0.6 cuts lines after 5118 bytes and reads the rest as a line of its own. Here a line has any length, so the two may understand the file differently.",
  ),
  HB0102: milder(
    "a very long line that 3.0.6 refuses",
    "3.0.6 cuts lines after 5118 bytes; the rest is no legal line of its own, so that version would not start.",
  ),
  HB0103: error(
    "a byte-order mark",
    "Some editors put three bytes in front of a UTF-8 file. They become part of the first word, here and in 3.0.6.",
  ),
  HB0104: warning("a NUL byte", "The line ends there, as in 3.0.6. The file was probably damaged."),
  HB0105: warning(
    "a carriage return inside a line",
    "The line ends there, as in 3.0.6. A file with carriage returns only is one single line. Lines may end in CR LF, though.",
  ),
  HB0106: warning(
    "not UTF-8",
    "The bytes are kept as they are. If a name contains them, all nodes must use the same encoding.",
  ),
  HB0107: warning(
    "quotes or a backslash",
    "There is no quoting and no continuation of lines in ha.cf: these characters are part of the value.",
  ),
  HB0108: stricter("the file is too large", "Configuration files are a few kilobytes. This is some other file."),
  HB0109: error("more findings than are listed", "Correct the listed ones first."),
  HB0110: error("the file cannot be read", "Without it the daemon does not start."),

  HB0201: error(
    "an unknown directive",
    "The first word of a line must be a directive, in lower case, followed by a blank. heartbeat explain lists them all.",
  ),
  HB0202: error("a directive that may stand once only stands twice", "baud and watchdog may each be given one time."),
  HB0203: warning("a directive without a value", "The line does nothing, as in 3.0.6. Probably the value got lost."),
  HB0204: warning(
    "several values where one is meant",
    "Blanks and commas separate values; each is applied in turn, so that the last one wins.",
  ),
  HB0205: warning("an old name", "The directive has a new name and works under both."),
  HB0206: warning("a directive is repeated", "The later line wins. In a long file that is easily overlooked."),
  HB0210: error(
    "not a time",
    "A time is a number of seconds (2, 1.5, .5) or has the unit ms or us (500ms). There are no other units; no blank may stand in front of the unit.",
  ),
  HB0211: error("a time of nothing", "This time must be at least one millisecond."),
  HB0212: warning("an odd time", "It was understood as 3.0.6 understands it, which may not be what was meant."),
  HB0213: error("not a switch", "Write on or off. Also understood, in any case: true, yes, y, 1, false, no, n, 0."),
  HB0214: error("a word that is not legal here", "The directive takes one of a few words only. Case matters."),
  HB0215: error("a number out of range", "heartbeat explain DIRECTIVE shows the legal values."),
  HB0216: warning("not just a number", "Only leading digits are read, as in 3.0.6; what has none is 0."),

  HB0301: error("no node is declared", "All nodes of the cluster stand in ha.cf, the same on every node."),
  HB0302: stricter(
    "a node name is too long",
    "Names have up to 99 bytes. 3.0.6 writes longer ones past the end of its memory.",
  ),
  HB0303: error("too many nodes", "100 nodes and ping nodes at most, as in 3.0.6."),
  HB0304: warning("a node is declared twice", "It counts once here; 3.0.6 makes two entries, and waits for both."),
  HB0305: error(
    "this node is not declared",
    "The name is what uname -n prints, or the first line of /etc/ha.d/nodeinfo. It must stand in a node line exactly so, case aside: the short name and the full one are different names.",
  ),
  HB0306: warning(
    "nice_failback",
    "The directive was replaced by auto_failback in version 1.2. 3.0.6 turns a lone nice_failback into legacy whatever its value; here on means auto_failback off.",
  ),
  HB0307: warning(
    "a cluster of one node",
    "It is accepted, but nothing can be taken over. 3.0.6 never even acquires its resources in this case.",
  ),
  HB0308: error("autojoin with haresources", "Nodes cannot join by themselves where haresources names the owners."),
  HB0309: note("this node joins by itself", "It is not declared, and autojoin any makes that unnecessary."),
  HB0310: error(
    "deadtime too short",
    "One lost heartbeat must not kill a node, so deadtime must be above twice keepalive; four times and more is usual.",
  ),
  HB0311: warning(
    "warntime without effect",
    "The warning about a late heartbeat would come after the node was declared dead.",
  ),
  HB0312: warning("warntime too short", "Every heartbeat would be called late."),
  HB0313: error("initdead too short", "The time to wait after our own start cannot be shorter than deadtime."),
  HB0314: warning(
    "initdead is short",
    "Networks need several seconds after a boot. A node that hears nobody for initdead takes everything over.",
  ),
  HB0315: error("deadping too short", "It must be above twice keepalive, as deadtime."),
  HB0316: note("initdead is near deadtime", "Twice deadtime is the usual choice."),
  HB0317: warning(
    "auto_failback legacy",
    "This protocol of version 1.0 knows neither standby nor ipfail. It is the default for historic reasons.",
  ),

  HB0401: error("no medium", "Nodes need at least one path to hear each other, better two."),
  HB0402: error("an interface that does not exist", "The name must be one of those that ip link shows."),
  HB0403: error(
    "an interface without address",
    "The medium needs an IPv4 address on the interface when the daemon starts.",
  ),
  HB0404: error(
    "a medium with missing arguments",
    "heartbeat explain with the medium's name shows what is needed. 3.0.6 crashes on ucast and mcast without any.",
  ),
  HB0405: stricter(
    "ucast over an interface that does not exist",
    "3.0.6 says that all is well, goes into the background and dies there.",
  ),
  HB0406: warning("an abbreviated address", "10.77 is 10.0.0.77 to the system's address reader."),
  HB0407: error(
    "a host name that cannot be resolved",
    "Names are looked up when the daemon starts, which may be before the network is up: addresses, or names in /etc/hosts, are safer.",
  ),
  HB0408: warning("arguments that are ignored", "The medium does not take them."),
  HB0409: error("a bad address", "The medium needs another kind of address."),
  HB0410: error("a bad port", "1 to 65535. Only the lower 16 bits of a number count, as in 3.0.6."),
  HB0411: error("a bad ttl", "0 to 4, although other texts say more."),
  HB0412: warning("ttl 0", "Datagrams with ttl 0 do not leave the host, so no other node hears them."),
  HB0413: error("a bad loop", "0, or 1 for nodes that share one host."),
  HB0414: warning(
    "a number that is cut",
    "The original reads leading digits and keeps 16 bits of a port, 8 bits of other numbers; so does this version.",
  ),
  HB0415: error(
    "scope and interface differ",
    "A link-local address belongs to one interface: the one named on the line.",
  ),
  HB0416: error("a bad serial port", "It must be the full path of a serial device."),
  HB0417: stricter(
    "a device that is no serial line",
    "3.0.6 says that all is well, goes into the background and dies there.",
  ),
  HB0418: warning("a host of a ping group that cannot be resolved", "It counts as a member that never answers."),
  HB0419: warning("a ping group without usable host", "It would be dead for ever, on every node."),
  HB0420: stricter(
    "port 0",
    "Only the lower 16 bits of the number count, and they are 0. 3.0.6 starts and cannot send.",
  ),
  HB0421: warning("a port above 65535", "Only the lower 16 bits of the number count, as in 3.0.6."),
  HB0422: warning("a port with a name", "Another service has this UDP port in /etc/services."),
  HB0423: warning(
    "udpport comes too late",
    "A medium takes the port in force at the first line of its kind. Scripts and clients are shown the last one, though.",
  ),
  HB0424: error("a speed that serial lines do not have", "heartbeat explain baud lists them."),
  HB0425: warning("baud comes too late", "Serial lines take the speed in force where they stand."),
  HB0426: error("too many media", "64 at most. 3.0.6 counts only some kinds and dies of the others."),
  HB0427: warning(
    "a medium stands twice",
    "That sends each message twice over the same path and protects against nothing.",
  ),
  HB0428: warning(
    "only ping media",
    "Ping nodes carry no heartbeats: the nodes cannot hear each other, and each takes over everything.",
  ),
  HB0429: warning("a cluster node as ping node", "When it dies, the survivor believes that its own network is broken."),

  HB0502: warning("logfacility kern", "It has number 0, as none, and means no syslog."),
  HB0503: warning("a relative path", "It depends on the directory the daemon happens to run in."),
  HB0504: warning("a log file in a missing directory", "The daemon starts and writes nothing there."),
  HB0505: error("no place for messages", "A cluster that cannot say what it does cannot be run."),
  HB0506: note("no place for messages is named", "The logging daemon is assumed, as in 3.0.6."),
  HB0507: warning(
    "two places for messages",
    "With use_logd the files of /etc/logd.cf are used; those of ha.cf are for the time when that daemon cannot be reached.",
  ),

  HB0602: warning("a missing directory for core files", "The daemon starts without it."),
  HB0603: warning("a watchdog that does not work", "3.0.6 logs an error and runs without protection."),
  HB0604: warning("use_apphbd", "The program behind it does not exist any more."),
  HB0605: error("a variable without name", "Write NAME=value."),
  HB0606: stricter("a variable without value", "3.0.6 exports whatever it finds in its memory behind the name."),
  HB0607: error("an unknown user", "A program is run as a user of this host, given by name."),
  HB0608: error("no full path", "Programs are named by their full path."),
  HB0609: error("not executable", "The file does not exist or has no execute permission."),
  HB0610: warning("a directory instead of a program", "3.0.6 accepts it and fails to start it, again and again."),
  HB0611: warning("the same program twice", "Two copies run."),
  HB0612: note("several fencing devices", "They are tried in turn; 3.0.6 uses the last one and says nothing."),
  HB0613: error("a fencing device with missing arguments", "heartbeat explain stonith shows what is needed."),
  HB0614: error("an unknown type of fencing device", "stonith -L lists the types."),
  HB0615: error("a fencing device without its parameters", "stonith -t TYPE -h explains them."),
  HB0616: warning(
    "a fencing device that another node refuses",
    "All nodes have the same file, but each checks only its own lines.",
  ),
  HB0617: error(
    "an incomplete apiauth",
    "A client's name and at least one list are needed: apiauth ipfail uid=hacluster.",
  ),
  HB0618: error("a client name too long", "Names of clients have up to 31 characters."),
  HB0619: error("a repeated apiauth", "One line per client, one list of each kind."),
  HB0620: warning("an empty list", "It lets nobody in."),
  HB0621: error(
    "an unknown user or group",
    "The name does not exist on this host. The usual user is hacluster, the usual group haclient.",
  ),
  HB0622: warning("a number without name", "No user or group of this host has it."),
  HB0623: stricter("pacemaker", "This Heartbeat manages resources itself, as told by haresources."),
  HB0624: milder("pacemaker twice", "3.0.6 refuses the second line even if it says the same."),
  HB0625: milder(
    "crm_daemon_dir",
    "The line has no effect. 3.0.6 refuses it in front of pacemaker by mistake, and without a word.",
  ),
  HB0626: warning("crm_daemon_dir behind pacemaker", "The line has no effect."),
  HB0627: error("crmd_spawns_pengine behind pacemaker", "The line has no effect anyway: remove it."),
  HB0628: warning("ipfail without ping nodes", "It compares how many ping nodes either node reaches."),
  HB0629: warning(
    "ipfail without permission",
    "Clients are let in by user or group, as told by apiauth; without a line, ipfail must run as hacluster.",
  ),
  HB0640: warning(
    "a command for a shell",
    "3.0.6 has a shell read the line. Here the program is started as it stands, with quotes taken away.",
  ),
  HB0641: milderNote("ipfail is part of the daemon", "3.0.6 refuses the line when the program is not installed."),
  HB0642: warning(
    "a kernel that does not restart after a panic",
    "With kernel.panic 0 a machine whose kernel panics stands still until its watchdog resets it; the others may have taken over before.",
  ),

  HB0701: error("authkeys cannot be read", "Nodes recognise each other by these keys. Root can read the file."),
  HB0702: error("others can read the keys", "The file must be readable by root only: mode 600."),
  HB0703: warning(
    "others can write the keys",
    "3.0.6 does not look at this. Whoever can write the file decides who belongs to the cluster.",
  ),
  HB0704: warning("the keys do not belong to root", "The owner can read and change them."),
  HB0705: error("a line of authkeys is too long", "3.0.6 cuts it, and so signs with another key than is written."),
  HB0706: error(
    "a bad auth line",
    "auth and the number of the key that signs: auth 1. Any line that begins with an a is taken for one.",
  ),
  HB0707: warning("words behind the auth line", "One key signs; all keys of the file verify what arrives."),
  HB0708: warning("several auth lines", "The number in force when a key is read counts."),
  HB0709: error("a bad line in authkeys", "A key is a number, a method and, except for crc, a word: 1 sha1 secret."),
  HB0710: error("a bad key number", "0 to 15."),
  HB0711: error("an unknown method", "crc, md5 or sha1, in lower case."),
  HB0712: error("a key for crc", "crc takes none. A comment must stand on a line of its own."),
  HB0713: error("a method without its key", "md5 and sha1 need one."),
  HB0714: warning("a key is defined twice", "The last line wins, as in 3.0.6."),
  HB0715: warning(
    "special characters in a key",
    "They are part of the key: nothing quotes, nothing begins a comment behind the start of the line.",
  ),
  HB0716: warning("words behind a key", "A key is one word."),
  HB0717: warning("a short key", "Such a key can be guessed from recorded messages."),
  HB0718: warning("crc", "It finds damage, not forgery."),
  HB0719: warning("auth names a key that does not follow", "An earlier pair of auth line and key still signs."),
  HB0720: error("no auth line", "One line must say which key signs, in front of it: auth 1."),
  HB0721: error("the key to sign with is missing", "auth names a key that must be defined behind it."),

  HB0801: error(
    "an unknown node in haresources",
    "Each line begins with the node that prefers the group, as named in ha.cf.",
  ),
  HB0802: error("haresources cannot be read", "It must exist on every node with the same content, and may be empty."),
  HB0803: warning("a ping node owns resources", "It runs nothing. The group would start only by a takeover."),
  HB0804: warning("a node without resources", "The line does nothing."),
  HB0805: warning(
    "a backslash that does not continue its line",
    "Only the very last character of a line does. The shell scripts of 3.0.6 take it for a resource.",
  ),
  HB0806: checked(
    "a resource stands twice",
    "3.0.6 finds groups by any of their resources and would mix them up. Here the first line with a key counts.",
  ),
  HB0807: checked("a bad service address", "It is accepted as by 3.0.6, and the group will fail to start."),
  HB0808: checked(
    "a resource without script",
    "It is accepted as by 3.0.6, and the group will fail to start on this node.",
  ),
  HB0809: warning(
    "a line of haresources that is hidden from the daemon",
    "3.0.6 overlooks it when it starts and finds no group in it later, because its two readers understand comments differently.",
  ),
  HB0810: checked(
    "a name that 3.0.6 takes for another",
    "It searches haresources for a group's first resource, and for a node, as a regular expression: a dot stands for any character, and * + ? ( ) [ ] { } | ^ $ mean something else. It would start or stop the wrong group, or none.",
  ),

  HB0901: error("an unknown directive of logd.cf", "useapphbd, which the shipped sample shows, is none either."),
  HB0902: error("a bad value in logd.cf", "The logging daemon does not start with it."),
  HB0903: warning("a value in logd.cf that has no effect as written", "It is accepted as by 3.0.6."),
  HB0904: warning("logd.cf cannot be read", "The logging daemon then uses its defaults."),

  HB1101: error("an unknown option in ha4.cf", "Sections and options of ha4.cf: heartbeat explain ha4.cf."),
  HB1102: error("an option outside of a section", "Open a section first: defaults, group KEY or resource TEXT."),
  HB1103: error("a bad line in ha4.cf", "Each option has one value, each section but defaults a name."),
  HB1104: warning("a section for nothing", "haresources has no such group or resource."),
  HB1105: error("a faulty fencing device in ha4.cf", "Its lines: agent, nodes, option, plug, timeout."),
  HB1106: warning(
    "passwords that others can read",
    "The file holds parameters of fencing devices, and everybody who can read it can switch nodes off.",
  ),
  HB1107: error("a watchdog-timeout that resets a machine that is well", "The watchdog is patted once in a keepalive."),
  HB1108: warning("a watchdog-timeout that does not fit", "More than two keepalives, less than deadtime."),
};

export type Code = keyof typeof entries;
export const codes: Readonly<Record<Code, CodeEntry>> = entries;

export const isCode = (text: string): text is Code => Object.hasOwn(codes, text);
