/** Every bound of the core, with its reason. Relations between them are asserted when this file is loaded. */
import { invariant } from "../base/invariant.ts";
import { type Milliseconds, milliseconds, seconds } from "../base/units.ts";

/** Sent messages kept for retransmission: the original keeps as many (wire-protocol.md, section 8.3). */
export const historyMax = 500;
/** A node further behind than this holds up the programs of this one: half the history is left for it to ask for (section 8.4). */
export const unacknowledgedMax = 250;
/** Warn from here on, complain from there on (section 8.4). */
export const historyFilling = 375;
export const historyAlarm = 450;
/** Missing numbers remembered per sender: the sender keeps no more messages than this. */
export const missingMax = 500;
/** Notices of joins and leaves that wait for earlier messages of their node; then the oldest are told at once. */
export const heldNoticesMax = 100;
/** A larger gap means a lost connection, not lost packets: asking would be vain (section 8.2, rule 6). */
export const gapMax = 250;
/** One `NS_rexmit` may name a range; the original answers at most this many of it. */
export const retransmitsPerRequestMax = 50;
/** A request is repeated this often, then the message counts as lost: the original asks for ever (section 13). */
export const retransmitAttemptsMax = 12;
/** One turn asks for this many runs of numbers; the rest of a great loss waits for the next turn, 50 ms later. */
export const requestsPerTurnMax = 8;
/** So often in a row another node's request is taken for ours; then we ask, because its answer may not reach us. */
export const retransmitHoldBacksMax = 2;
/** Answers to all requests together, in so many milliseconds: a node that is behind must not be buried. */
export const answersPerWindowMax = 100;
export const answersWindow: Milliseconds = milliseconds(100);
/** Requests of nodes behind us in a serial ring that are remembered, and for how long. */
export const ringRequestsMax = 500;
export const ringRequestTime: Milliseconds = seconds(2);
/** Requests back off to this. */
export const retransmitDelayMax: Milliseconds = seconds(5);
/** Messages may leave out of order; a gap younger than this is normal (section 1.6). */
export const retransmitDelayMin: Milliseconds = milliseconds(50);
/** An unanswered `reqnodes` is repeated after this (section 10.2). */
export const nodeListPatience: Milliseconds = seconds(1);
/** The original gives the other side this long to show that it is stable (RQSTDELAY, resources.md section 18). */
export const originalStartWait: Milliseconds = seconds(10);
/** A question of legacy mode that nobody has answered is put again after this. */
export const legacyQuestionEvery: Milliseconds = seconds(2);
/** An original that is heard again has given up everything within this, if it does at all: 2 s and a tick (resources.md, section 13). */
export const originalRestartMax: Milliseconds = seconds(5);
/** Answer to a standby request (resources.md, section 10). */
export const standbyAnswerMax: Milliseconds = seconds(10);
/** Each later phase of a standby: scripts of the other side may be slow (resources.md, section 10). */
export const standbyPhaseMax: Milliseconds = seconds(3600);
/** What did not start here after a stand-by goes home after this: by then the original has ended its side of it. While something moves it is put off by so much again. */
export const surrenderAfterMove: Milliseconds = seconds(2);
/** A share that was to go to an original and did not is offered again after this, so often; by then a request has had its answer. */
export const surrenderRetry: Milliseconds = seconds(11);
export const surrenderAttemptsMax = 5;
/** What failed, went to an original, came back and failed again stays down: no second move within this. */
export const surrenderHoldOff: Milliseconds = seconds(600);
/** Between successors: an offered address that nobody claims is released after this. */
export const offerMax: Milliseconds = seconds(1);
/** What was released for one node is anybody's after this. */
export const giftMax: Milliseconds = seconds(5);
/** An address may be up on giver and taker for 20 ms: this long from the consent, the rest is for a giver that wakes late. */
export const overlapMax: Milliseconds = milliseconds(8);
/** A wish to move a group that its holder does not hear or cannot grant is forgotten after this. */
export const wishMax: Milliseconds = seconds(10);
/** Changes of our state are said at once, this many in a row; then one each pause, so that hundreds of groups do not flood the links. */
export const stateBurst = 10;
export const statePause: Milliseconds = milliseconds(5);
/** One start, stop or status of a script. */
export const agentTimeLimit: Milliseconds = seconds(60);
/** The runner ends a script or probe at its time limit; what has not come back so long after that never will. */
export const agentGuard: Milliseconds = seconds(15);
/** Answers that came too late and may still come are known by number, up to so many. */
export const lateAnswersMax = 1000;
/** Reports of a node that is held dead, until it is known to live: a take-over of an original has three, and its return some more. */
export const unheededReportsMax = 16;
/** Retries of a failing stop, and the pause before each (resources.md, section 3.4). */
export const stopRetriesMax = 10;
export const stopRetryPause: Milliseconds = seconds(1);
/** A program of a `respawn` line that lived shorter than this lived short, and is started again after `childWait`. */
export const childShortLife: Milliseconds = seconds(30);
export const childWait: Milliseconds = seconds(1);
/** After so many short lives in a row it is started ever more slowly, up to this (the original gives it up). */
export const childShortLivesMax = 10;
export const childLongestWait: Milliseconds = seconds(300);
/** At the end of the node each may take so long to end, then it is killed. */
export const childEndMax: Milliseconds = seconds(30);
/** Whether the processes of clients are still there is looked at this often (client-api.md, section 1.3). */
export const clientAuditEvery: Milliseconds = seconds(9);
/** What would not stop keeps a node that leaves; it is stopped again after this. */
export const uncleanRetry: Milliseconds = seconds(30);
/** An address that could not be put back is tried again after this. */
export const putBackPause: Milliseconds = seconds(1);
/** Who else claims an address of ours is contradicted every second, this often; then more slowly (RFC 5227, DEFEND_INTERVAL). */
export const defendEvery: Milliseconds = seconds(1);
export const defendsSoonMax = 10;
export const defendEveryLater: Milliseconds = seconds(10);
/** No claim for so long, and the matter is closed. */
export const claimsQuietAfter: Milliseconds = seconds(60);
/** What two nodes with different configurations tell each other of them: lines of haresources, and characters in all. */
export const comparedLinesMax = 200;
export const comparedTextMax = 4096;
/** Differences that are named. */
export const differencesMax = 10;
export const differencesToldEvery: Milliseconds = seconds(60);
/** An address that cannot be put back for so long takes its group to another node: longer than the restart of a network takes, mostly. */
export const putBackMax: Milliseconds = seconds(5);
/** After a first question so often the kernel is asked whether it would take an address for want of which a group failed. */
export const missingAddressEvery: Milliseconds = seconds(5);
/** After our last words: time for a peer to ask for one of them again. The original stays about as long. */
export const lingerAtLeave: Milliseconds = seconds(1);
/** A fencing device that fails is asked again after this (resources.md, section 11.3); the pause doubles ... */
export const fencingPauseMin: Milliseconds = seconds(5);
/** ... up to this: a device that comes back should not be waited for long. */
export const fencingPauseMax: Milliseconds = seconds(60);
/** The runner ends a device at its time limit; what has not come back so long after that never will. */
export const fencingGuard: Milliseconds = seconds(15);
/** Between two nodes that may fence each other, how far apart their attempts are; it must be longer than a device takes. */
export const fencingTurn: Milliseconds = seconds(10);
/** Devices are asked for their state so often (resources.md, section 18). */
export const deviceCheckEvery: Milliseconds = seconds(3600);
/** How long a node that hears nothing looks at what else arrives: some heartbeats of whoever is there. */
export const lookAroundFor: Milliseconds = seconds(3);
/** More patience than usual that the others are asked for before a quick restart, and how long before (resources.md, section 12.4). */
export const restartPatience: Milliseconds = seconds(30);
export const restartNotice: Milliseconds = seconds(1);
/** Events kept for `heartbeat status`. */
export const eventsMax = 50;
/** Lines about rejected datagrams: one each this long, with the number of those it stands for. */
export const rejectLogInterval: Milliseconds = seconds(1);
/** A hostile sender may sign nothing, but a broken one could name many things in `hb4`; a thousand groups in disorder need less. */
export const successorTextMax = 16_384;
/** Of which the word that `agreement.ts` puts behind it needs so much. */
export const agreementWordMax = 32;
/** Terms grow by one; a peer that names a greater one is broken, and counting on from there would leave the 15 digits of `hb4`. */
export const termMax = 10 ** 14;
/** Of unpacking a message, done in one turn: bytes of some 10 to 30 ns each, half a millisecond or one. */
export const unpackPortion = 32_768;
/** Messages that wait to be unpacked; each a datagram at most. More than that are asked for again when there is time. */
export const unpackingsMax = 32;

invariant(gapMax < historyMax, "a gap that we ask for must still be in the sender's history");
invariant(missingMax >= gapMax, "every number of an accepted gap must be remembered");
