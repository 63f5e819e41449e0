/**
 * Many descriptors, looked at together and in turn: an epoll set that is asked when there is time for it.
 *
 * libuv calls back for each ready descriptor before it looks at its timers again; with hundreds of clients who all want something that is
 * tens of milliseconds during which no heartbeat goes out. A set of its own costs the loop one callback (a set is readable while anything
 * in it is ready), and whoever owns it decides how much is done now. The kernel hands out what is ready in a ring, so that a small count
 * per look does not favour anybody.
 *
 * Source: epoll(7), epoll_ctl(2); `struct epoll_event` is packed on x86-64 only (include/uapi/linux/eventpoll.h).
 */
import { ready, type System } from "./system.ts";

const operations = { add: 1, remove: 2, change: 3 } as const;
/** EPOLLIN and EPOLLOUT; EPOLLERR and EPOLLHUP are told unasked. */
const bits = { readable: 0x001, writable: 0x004, error: 0x008, hangUp: 0x010 } as const;

const eventSize = process.arch === "x64" ? 12 : 16;
const dataOffset = process.arch === "x64" ? 4 : 8;
/** Descriptors handed out per look. */
const lookMax = 64;

export class ReadySet {
  readonly fd: number;
  readonly #system: System;
  readonly #found = new Uint8Array(eventSize * lookMax);
  readonly #view = new DataView(this.#found.buffer);

  /** A negative errno instead of a set: the kernel refuses. */
  static open(system: System): ReadySet | number {
    const fd = system.epollCreate();
    return fd < 0 ? fd : new ReadySet(system, fd);
  }

  private constructor(system: System, fd: number) {
    this.#system = system;
    this.fd = fd;
  }

  /** `key` is told when `fd` is ready. Closing a descriptor takes it out. */
  add(fd: number, key: number, events: number): number {
    return this.#control(operations.add, fd, key, events);
  }

  change(fd: number, key: number, events: number): number {
    return this.#control(operations.change, fd, key, events);
  }

  /** Not even its end is told any more. */
  remove(fd: number): void {
    this.#system.epollControl(this.fd, operations.remove, fd, null);
  }

  /** What is ready now. An end and an error count as both: reading and writing will tell. */
  look(onReady: (key: number, events: number) => void): number {
    const count = this.#system.epollLook(this.fd, this.#found, lookMax);
    for (let i = 0; i < count; i++) {
      const happened = this.#view.getUint32(i * eventSize, true);
      const broken = (happened & (bits.error | bits.hangUp)) !== 0;
      const events =
        ((happened & bits.readable) !== 0 || broken ? ready.readable : 0) |
        ((happened & bits.writable) !== 0 || broken ? ready.writable : 0);
      const data = i * eventSize + dataOffset;
      onReady(this.#view.getUint32(data, true) + this.#view.getUint32(data + 4, true) * 2 ** 32, events);
    }
    return count;
  }

  close(): void {
    this.#system.close(this.fd);
  }

  #control(operation: number, fd: number, key: number, events: number): number {
    const event = new Uint8Array(eventSize);
    const wanted =
      ((events & ready.readable) !== 0 ? bits.readable : 0) | ((events & ready.writable) !== 0 ? bits.writable : 0);
    const view = new DataView(event.buffer);
    view.setUint32(0, wanted, true);
    view.setUint32(dataOffset, key % 2 ** 32, true);
    view.setUint32(dataOffset + 4, Math.floor(key / 2 ** 32), true);
    return this.#system.epollControl(this.fd, operation, fd, event);
  }
}
