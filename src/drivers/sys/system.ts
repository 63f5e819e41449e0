/**
 * System calls by name, for the drivers. Each takes its lengths from the bytes it was given, so that the kernel never writes past
 * a buffer. Results are the kernel's: zero or more, or a negative errno (`errno.ts`).
 */
import type { Fault } from "../../base/fault.ts";
import { failed, ok, type Result } from "../../base/result.ts";
import { errno } from "./errno.ts";
import { loadNative, type Native, type SysArgument } from "./load.ts";
import { type Numbers, numbersFor } from "./numbers.ts";

/** `MSG_DONTWAIT | MSG_NOSIGNAL` (linux/socket.h): a send that never waits and never raises SIGPIPE. */
const dontWait = 0x40;
const noSignal = 0x4000;
const atCurrentDirectory = -100; // AT_FDCWD

/** Events of `watch`, as in libuv. */
export const ready = { readable: 1, writable: 2, disconnected: 4 } as const;

export class System {
  readonly #native: Native;
  readonly #numbers: Numbers;

  constructor(native: Native, numbers: Numbers) {
    this.#native = native;
    this.#numbers = numbers;
  }

  #call(name: keyof Numbers, ...args: readonly SysArgument[]): number {
    for (;;) {
      const answer = this.#native.sys(this.#numbers[name], ...args);
      // close must not be repeated: Linux has closed the descriptor even when it says EINTR.
      if (answer !== errno.EINTR || name === "close") return answer;
    }
  }

  socket(family: number, type: number, protocol: number): number {
    return this.#call("socket", family, type, protocol);
  }
  bind(fd: number, address: Uint8Array): number {
    return this.#call("bind", fd, address, address.length);
  }
  connect(fd: number, address: Uint8Array): number {
    return this.#call("connect", fd, address, address.length);
  }
  listen(fd: number, backlog: number): number {
    return this.#call("listen", fd, backlog);
  }
  /** The peer's address is not asked for. */
  accept(fd: number, flags: number): number {
    return this.#call("accept4", fd, null, null, flags);
  }
  setOption(fd: number, level: number, option: number, value: Uint8Array): number {
    return this.#call("setsockopt", fd, level, option, value, value.length);
  }
  /** Fills `value` as far as the kernel has something to say. */
  getOption(fd: number, level: number, option: number, value: Uint8Array): number {
    return this.#call("getsockopt", fd, level, option, value, int32(value.length));
  }
  /** SO_ATTACH_FILTER: instructions as `struct sock_filter`. */
  attachFilter(fd: number, program: Uint8Array): number {
    return this.#native.filter(this.#numbers.setsockopt, fd, program);
  }
  /** Without a destination: to the connected peer. Never waits. */
  send(fd: number, bytes: Uint8Array, to: Uint8Array | null): number {
    return this.#call("sendto", fd, bytes, bytes.length, dontWait | noSignal, to, to === null ? 0 : to.length);
  }
  /** Waits as long as the socket is told to by SO_RCVTIMEO, or not at all when it is non-blocking. */
  receive(fd: number, buffer: Uint8Array): number {
    return this.#call("recvfrom", fd, buffer, buffer.length, 0, null, null);
  }
  /** As `receive`; the sender's socket address goes into `from`, which must be large enough for it. */
  receiveFrom(fd: number, buffer: Uint8Array, from: Uint8Array): number {
    return this.#call("recvfrom", fd, buffer, buffer.length, 0, from, int32(from.length));
  }
  read(fd: number, buffer: Uint8Array): number {
    return this.#call("read", fd, buffer, buffer.length);
  }
  write(fd: number, bytes: Uint8Array): number {
    return this.#call("write", fd, bytes, bytes.length);
  }
  /** ioctl. Whether `argument` is a number or the structure that the kernel reads or fills depends on the request. */
  control(fd: number, request: number, argument: number | Uint8Array): number {
    return this.#call("ioctl", fd, request, argument);
  }
  close(fd: number): number {
    return this.#call("close", fd);
  }
  /** Every open descriptor from `first` on is closed in programs that are started from now on; kernels before 5.11 cannot. */
  closeOnExecFrom(first: number): number {
    const closeOnExec = 4; // CLOSE_RANGE_CLOEXEC
    return this.#call("close_range", first, 0xffff_ffff, closeOnExec);
  }
  /** A set of descriptors that are looked at together; see `ready-set.ts`. */
  epollCreate(): number {
    const closeOnExec = 0o2000000; // EPOLL_CLOEXEC
    return this.#call("epoll_create1", closeOnExec);
  }
  epollControl(set: number, operation: number, fd: number, event: Uint8Array | null): number {
    return this.#call("epoll_ctl", set, operation, fd, event);
  }
  /** What is ready now, as `struct epoll_event`, into `events`, at most `count` of them. Never waits. */
  epollLook(set: number, events: Uint8Array, count: number): number {
    return this.#call("epoll_pwait", set, events, count, 0, null, 0);
  }
  /** RLIMIT_CORE of this process and of those it will start, in bytes; undefined: none. */
  limitCore(bytes: bigint | undefined): number {
    const core = 4; // RLIMIT_CORE
    const value = bytes ?? 2n ** 64n - 1n; // RLIM_INFINITY
    return this.#call("prlimit64", 0, core, new Uint8Array(new BigUint64Array([value, value]).buffer), null);
  }
  /** A FIFO, with the mode as given less the umask. */
  makeFifo(path: string, mode: number): number {
    const fifo = 0o010000; // S_IFIFO
    return this.#call("mknodat", atCurrentDirectory, Buffer.from(`${path}\0`), fifo | mode, 0);
  }
  setScheduler(thread: number, policy: number, priority: number): number {
    return this.#call("sched_setscheduler", thread, policy, int32(priority));
  }
  /** The policy, with SCHED_RESET_ON_FORK in it. */
  getScheduler(thread: number): number {
    return this.#call("sched_getscheduler", thread);
  }
  /** PR_SET_NAME: what `ps -o comm`, `pgrep -x` and `killall` see of the calling (main) thread; at most 15 bytes are kept. */
  setThreadName(name: string): number {
    const setName = 15;
    return this.#call("prctl", setName, Buffer.from(`${name.slice(0, 15)}\0`), 0, 0, 0);
  }

  /** reboot(2), at once and without writing anything to the disks. Returns only when the kernel refuses. */
  reboot(): number {
    const magic1 = 0xfee1dead;
    const magic2 = 672274793; // LINUX_REBOOT_MAGIC2
    const restart = 0x01234567; // LINUX_REBOOT_CMD_RESTART
    return this.#call("reboot", magic1, magic2, restart, null);
  }
  /** From now on this thread sees the mounts that `table` stands for (/proc/PID/ns/mnt), and no other thread does. */
  enterMounts(table: number): number {
    const root = 0x200; // CLONE_FS: root and working directory of its own, else the kernel refuses
    const mounts = 0x20000; // CLONE_NEWNS
    const apart = this.#call("unshare", root);
    return apart < 0 ? apart : this.#call("setns", table, mounts);
  }
  /** Never through a link at the end of the path. */
  unmount(path: string): number {
    const noFollow = 8; // UMOUNT_NOFOLLOW
    return this.#call("umount2", Buffer.from(`${path}\0`), noFollow);
  }

  watch(fd: number, events: number, onReady: (events: number, status: number) => void): number {
    return this.#native.watch(fd, events, onReady);
  }
  unwatch(id: number): void {
    this.#native.unwatch(id);
  }
}

/** A C `int` as bytes; both processors are little-endian. */
export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setInt32(0, value, true);
  return bytes;
}

/** The system calls of this machine. */
export function loadSystem(): Result<System, Fault<"no-native-addon">> {
  const native = loadNative();
  if (!native.ok) return native;
  const numbers = numbersFor(process.arch);
  if (numbers === undefined)
    return failed({ code: "no-native-addon", says: `system call numbers of ${process.arch} are not known` });
  return ok(new System(native.value, numbers));
}
