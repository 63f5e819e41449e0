/**
 * The phases of a node's resource life, as the original's protocol knows them (resources.md, sections 8 and 9).
 *
 * What a peer may cause has a cell in every row, so no peer can stop us; an event of our own without a cell is an invariant
 * violation.
 */
export type Phase = "init" | "starting" | "both-starting" | "reported" | "stable" | "shutdown";
type PeerEvent = "peer-starting" | "peer-report";
type OwnEvent = "comm-up" | "settled" | "stop";
export type PhaseEvent = PeerEvent | OwnEvent;
type Row = { readonly [E in PeerEvent]: Phase } & { readonly [E in OwnEvent]?: Phase };

export const transitions: { readonly [P in Phase]: Row } = {
  init: { "peer-starting": "init", "peer-report": "init", "comm-up": "starting", stop: "shutdown" },
  starting: { "peer-starting": "both-starting", "peer-report": "reported", settled: "stable", stop: "shutdown" },
  "both-starting": { "peer-starting": "both-starting", "peer-report": "reported", settled: "stable", stop: "shutdown" },
  reported: { "peer-starting": "reported", "peer-report": "reported", settled: "stable", stop: "shutdown" },
  stable: { "peer-starting": "stable", "peer-report": "stable", stop: "shutdown" },
  shutdown: { "peer-starting": "shutdown", "peer-report": "shutdown", "comm-up": "shutdown", stop: "shutdown" },
};
