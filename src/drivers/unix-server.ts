/**
 * The local socket that client programs connect to: frames in, frames out, and who is at the other end by the kernel's word.
 *
 * What is sent goes to the kernel at once; only what it does not take is queued, up to a bound. A client that does not read is cut off
 * when the bound is reached, because memory that grows with somebody else's laziness would end the node.
 *
 * A flood of requests cannot hold up the loop, nor one client another: requests are served one of each client in turn, for some milliseconds;
 * then the loop looks at everything else, and this process, which may have real time, leaves the processor to others for a moment. What
 * is not served yet waits here, at most one piece of each client; the rest waits in the kernel, and then its sender waits.
 *
 * Source: docs/reference/client-api.md, sections 1 to 1.3.
 */
import { rmSync } from "node:fs";
import type { Fault } from "../base/fault.ts";
import { failed, ok, type Result } from "../base/result.ts";
import { type ClientId, clientId } from "../base/units.ts";
import type { ClientCloseReason, PeerCredentials } from "../core/input.ts";
import { IpcFramer, ipcFrame } from "../wire/ipc-frame.ts";
import { monotonic } from "./monotonic.ts";
import { errno, errnoText } from "./sys/errno.ts";
import { ReadySet } from "./sys/ready-set.ts";
import { family, socketLevel, socketOption, socketType, unixAddress } from "./sys/socket.ts";
import { loadSystem, ready, type System } from "./sys/system.ts";

export interface UnixServerEvents {
  onConnect(client: ClientId, peer: PeerCredentials): void;
  onFrame(client: ClientId, body: Uint8Array): void;
  /** The connection is closed; also called from within `send`. Not called for what `close` and `stop` ended. */
  onClose(client: ClientId, reason: ClientCloseReason): void;
}

export interface UnixServer {
  /** Nothing happens for a client that is gone. With more than `queueLimit` frames waiting it is closed: `overflow`. */
  send(client: ClientId, body: Uint8Array, queueLimit?: number): void;
  /** Ends a connection; what the kernel has taken is still delivered, what is queued is not. */
  close(client: ClientId): void;
  /** While paused nothing is read from anybody; what they write waits in the kernel, and then they wait. Sending goes on. */
  pause(paused: boolean): void;
  /** Ends all connections and stops listening. The file stays, as the original's does. */
  stop(): void;
}

/** The original's default. */
const queueDefault = 64;
/** More programs than this talk to no node; beyond it connections wait in the backlog. */
const connectionsMax = 512;
/** All of them may come at once: a full backlog refuses a connection with EAGAIN, which programs take for a failure. */
const backlog = connectionsMax;
const acceptedPerTurn = 16;
/** Bytes read from one client before its requests are served. */
const readSize = 16_384;
/** How long requests are served in a turn of the loop, in milliseconds; the one that is underway then is brought to its end. */
const turnMax = 3;
/**
 * How long none is served then: a real-time process that never rests is stopped by the kernel, for 50 ms in a second
 * (docs/reference/node-platform.md, section 2).
 */
const restMin = 1;
/** How long no connection is accepted after the kernel refused one (no descriptors left), in milliseconds. */
const acceptPause = 1000;

const noRequests: readonly Uint8Array[] = [];

interface Connection {
  readonly id: ClientId;
  readonly fd: number;
  readonly framer: IpcFramer;
  /** Frames that the kernel has not taken; of the first maybe a part. */
  readonly queue: Uint8Array[];
  /** Bodies that were read and not served, from `served` on. */
  requests: readonly Uint8Array[];
  served: number;
  /** It has something to read or to serve, and will have its turn. */
  inLine: boolean;
  /** What the ready set looks for: 0 if it is not in there. */
  watched: number;
}

/** Listens at `path`, replacing what is there. `mode` are the socket's permissions. */
export function openUnixServer(path: string, mode: number, events: UnixServerEvents): Result<UnixServer, Fault> {
  const loaded = loadSystem();
  if (!loaded.ok) return loaded;
  const system = loaded.value;
  const address = unixAddress(path);
  if (address === undefined) return failed(serverFault(path, "the path is longer than 107 bytes"));
  const fd = system.socket(family.unix, socketType.stream | socketType.nonBlocking | socketType.closeOnExec, 0);
  if (fd < 0) return failed(serverFault(path, errnoText(fd)));
  try {
    rmSync(path, { force: true });
    // No chmod: the directory is not root's alone, and chmod would follow a link put in the socket's place.
    const umask = process.umask(0o777 & ~mode);
    const bound = system.bind(fd, address);
    process.umask(umask);
    const listening = bound < 0 ? bound : system.listen(fd, backlog);
    if (listening < 0) throw new Error(errnoText(listening));
  } catch (error) {
    system.close(fd);
    return failed(serverFault(path, error instanceof Error ? error.message : String(error)));
  }
  const clients = ReadySet.open(system);
  if (typeof clients === "number") {
    system.close(fd);
    return failed(serverFault(path, errnoText(clients)));
  }
  return ok(new Server(system, fd, clients, events));
}

const serverFault = (path: string, why: string): Fault => ({
  code: "socket-failed",
  says: `cannot listen on ${path}: ${why}`,
});

class Server implements UnixServer {
  readonly #system: System;
  readonly #events: UnixServerEvents;
  readonly #listener: number;
  readonly #clients: ReadySet;
  readonly #connections = new Map<ClientId, Connection>();
  /** Those that have something to read or to serve, the next one first. */
  readonly #line: Connection[] = [];
  readonly #buffer = new Uint8Array(readSize);
  #watching = -1;
  #watchingClients = -1;
  #pause: NodeJS.Timeout | undefined;
  #rest: NodeJS.Timeout | undefined;
  #lastId = 0;
  #stopped = false;
  #paused = false;

  constructor(system: System, listener: number, clients: ReadySet, events: UnixServerEvents) {
    this.#system = system;
    this.#listener = listener;
    this.#clients = clients;
    this.#events = events;
    this.#listen();
    this.#watchClients();
  }

  send(client: ClientId, body: Uint8Array, queueLimit = queueDefault): void {
    const connection = this.#connections.get(client);
    if (connection === undefined) return;
    const frame = ipcFrame(body);
    if (connection.queue.length > 0) {
      if (connection.queue.length >= queueLimit) return this.#drop(connection, "overflow");
      connection.queue.push(frame);
      return;
    }
    const rest = this.#write(connection, frame);
    if (rest === undefined || rest.length === 0) return;
    connection.queue.push(rest);
    this.#watch(connection);
  }

  close(client: ClientId): void {
    const connection = this.#connections.get(client);
    if (connection !== undefined) this.#forget(connection);
  }

  pause(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    for (const connection of this.#connections.values()) this.#watch(connection);
    if (this.#somebodyWaits()) this.#restAWhile();
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    clearTimeout(this.#pause);
    clearTimeout(this.#rest);
    this.#ignoreListener();
    this.#ignoreClients();
    this.#system.close(this.#listener);
    for (const connection of [...this.#connections.values()]) this.#forget(connection);
    this.#clients.close();
  }

  #listen(): void {
    if (this.#stopped || this.#watching >= 0 || this.#connections.size >= connectionsMax) return;
    this.#watching = this.#system.watch(this.#listener, ready.readable, () => this.#accept());
  }

  #ignoreListener(): void {
    if (this.#watching >= 0) this.#system.unwatch(this.#watching);
    this.#watching = -1;
  }

  #accept(): void {
    for (let i = 0; i < acceptedPerTurn && !this.#stopped; i++) {
      if (this.#connections.size >= connectionsMax) return this.#ignoreListener(); // until one of them ends
      const fd = this.#system.accept(this.#listener, socketType.nonBlocking | socketType.closeOnExec);
      if (fd === errno.EAGAIN) return;
      if (fd < 0) {
        // Most likely EMFILE: the connection stays in the backlog and would wake us without end.
        this.#ignoreListener();
        this.#pause = setTimeout(() => this.#listen(), acceptPause);
        return;
      }
      this.#welcome(fd);
    }
  }

  #welcome(fd: number): void {
    const credentials = new Uint8Array(12); // struct ucred
    const answer = this.#system.getOption(fd, socketLevel, socketOption.peerCredentials, credentials);
    const connection: Connection = {
      id: clientId(++this.#lastId),
      fd,
      framer: new IpcFramer(),
      queue: [],
      requests: noRequests,
      served: 0,
      inLine: false,
      watched: 0,
    };
    if (answer < 0 || !this.#watch(connection)) {
      this.#system.close(fd);
      return;
    }
    this.#connections.set(connection.id, connection);
    const view = new DataView(credentials.buffer);
    const peer = { pid: view.getInt32(0, true), uid: view.getUint32(4, true), gid: view.getUint32(8, true) };
    this.#events.onConnect(connection.id, peer);
  }

  /** For what there is to do: reading unless paused, writing when frames wait. False: the kernel refused. */
  #watch(connection: Connection): boolean {
    const { fd, id, queue, watched } = connection;
    const events = (this.#paused ? 0 : ready.readable) | (queue.length > 0 ? ready.writable : 0);
    if (events === watched) return true;
    connection.watched = events;
    if (events === 0) {
      this.#clients.remove(fd);
      return true;
    }
    return (watched === 0 ? this.#clients.add(fd, id, events) : this.#clients.change(fd, id, events)) >= 0;
  }

  #watchClients(): void {
    if (this.#stopped || this.#watchingClients >= 0) return;
    this.#watchingClients = this.#system.watch(this.#clients.fd, ready.readable, () => this.#serve());
  }

  #ignoreClients(): void {
    if (this.#watchingClients >= 0) this.#system.unwatch(this.#watchingClients);
    this.#watchingClients = -1;
  }

  /** One turn: writes where there is room again, reads and serves one request of each client after the other until time is up. */
  #serve(): void {
    const end = monotonic() + turnMax;
    do {
      const found = this.#clients.look((key, events) => this.#exchange(key, events));
      if (found <= 0 && !this.#somebodyWaits()) return this.#watchClients();
      while (this.#somebodyWaits() && monotonic() < end) this.#serveNext();
    } while (!this.#stopped && monotonic() < end);
    this.#restAWhile();
  }

  #somebodyWaits(): boolean {
    return this.#line.length > 0 && !this.#paused && !this.#stopped;
  }

  /** Until the timer rings clients do not wake us. */
  #restAWhile(): void {
    this.#ignoreClients();
    clearTimeout(this.#rest);
    if (!this.#stopped) this.#rest = setTimeout(() => this.#serve(), restMin);
  }

  #exchange(key: number, events: number): void {
    const connection = this.#connections.get(clientId(key));
    if (connection === undefined) return;
    if ((events & ready.writable) !== 0) this.#flush(connection);
    if ((events & ready.readable) !== 0 && !this.#paused && this.#isOpen(connection)) this.#queueUp(connection);
  }

  #queueUp(connection: Connection): void {
    if (connection.inLine) return;
    connection.inLine = true;
    this.#line.push(connection);
  }

  /** Read only now: what waits in the kernel costs no memory of ours. */
  #serveNext(): void {
    const connection = this.#line.shift();
    if (connection === undefined) return;
    connection.inLine = false;
    if (!this.#isOpen(connection)) return; // an earlier request made the core close it
    if (connection.served >= connection.requests.length && !this.#read(connection)) return;
    const body = connection.requests[connection.served++];
    if (connection.served < connection.requests.length) this.#queueUp(connection);
    else connection.requests = noRequests;
    if (body !== undefined) this.#events.onFrame(connection.id, body);
  }

  /** False: no request is complete, or the connection has ended. */
  #read(connection: Connection): boolean {
    const length = this.#system.read(connection.fd, this.#buffer);
    if (length === errno.EAGAIN) return false;
    const bodies = length > 0 ? connection.framer.push(Buffer.from(this.#buffer.subarray(0, length))) : undefined;
    if (bodies === undefined || !bodies.ok) {
      this.#drop(connection, bodies === undefined ? "end" : "rubbish");
      return false;
    }
    connection.requests = bodies.value;
    connection.served = 0;
    return bodies.value.length > 0;
  }

  #flush(connection: Connection): void {
    while (connection.queue.length > 0) {
      const rest = this.#write(connection, connection.queue[0] ?? new Uint8Array(0));
      if (rest === undefined) return;
      if (rest.length > 0) {
        connection.queue[0] = rest;
        return;
      }
      connection.queue.shift();
    }
    this.#watch(connection);
  }

  /** What the kernel did not take; undefined: the connection broke and is closed. */
  #write(connection: Connection, bytes: Uint8Array): Uint8Array | undefined {
    const sent = this.#system.send(connection.fd, bytes, null);
    if (sent >= 0) return bytes.subarray(sent);
    if (sent === errno.EAGAIN || sent === errno.ENOBUFS) return bytes;
    this.#drop(connection, "end");
    return undefined;
  }

  #isOpen(connection: Connection): boolean {
    return this.#connections.get(connection.id) === connection;
  }

  #drop(connection: Connection, reason: ClientCloseReason): void {
    if (!this.#isOpen(connection)) return;
    this.#forget(connection);
    this.#events.onClose(connection.id, reason);
  }

  #forget(connection: Connection): void {
    this.#connections.delete(connection.id);
    this.#system.close(connection.fd); // which takes it out of the ready set
    this.#listen();
  }
}
