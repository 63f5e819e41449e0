/**
 * Names and numbers that must not be mixed up.
 *
 * A cluster manager compares a great many numbers: lengths of time, points in time, sequences, generations. Each has its
 * own type here, so that adding two instants or passing a dead time where a deadline is wanted does not compile.
 */
declare const brand: unique symbol;
type Branded<T, Name extends string> = T & { readonly [brand]: Name };

/** A node's name as it stands on the wire: `uname -n` or `/etc/ha.d/nodeinfo`, in lower case. */
export type NodeName = Branded<string, "NodeName">;
/** A medium's name: the interface (`eth0`), the tty path or the ping node. Two media on one device share it. */
export type MediumName = Branded<string, "MediumName">;
/** A length of time in milliseconds. */
export type Milliseconds = Branded<number, "Milliseconds">;
/** A point on the monotonic clock in milliseconds. Never printed, never compared with a wall clock. */
export type Instant = Branded<number, "Instant">;
/** A sender's message number: 1 for the first message of a process. */
export type Seq = Branded<number, "Seq">;
/** Grows with every start of a node (field `hg`). */
export type Generation = Branded<number, "Generation">;
/** One order that the core gave (run an agent, move an address) and whose end it will be told. */
export type OperationId = Branded<number, "OperationId">;
/** One connection of a program to the client socket. */
export type ClientId = Branded<number, "ClientId">;

export const nodeName = (text: string): NodeName => text as NodeName;
export const mediumName = (text: string): MediumName => text as MediumName;
export const milliseconds = (n: number): Milliseconds => n as Milliseconds;
export const seconds = (n: number): Milliseconds => (n * 1000) as Milliseconds;
export const instant = (n: number): Instant => n as Instant;
export const seq = (n: number): Seq => n as Seq;
export const generation = (n: number): Generation => n as Generation;
export const operationId = (n: number): OperationId => n as OperationId;
export const clientId = (n: number): ClientId => n as ClientId;

export const after = (from: Instant, wait: Milliseconds): Instant => (from + wait) as Instant;
export const elapsed = (from: Instant, to: Instant): Milliseconds => (to - from) as Milliseconds;
/** The earlier of two points in time, either of which may not exist. */
export const earliest = (a: Instant | undefined, b: Instant | undefined): Instant | undefined =>
  a === undefined ? b : b === undefined || a <= b ? a : b;
