/**
 * System call numbers per processor. x86-64 has its own table, arm64 uses the kernel's generic one.
 *
 * Source: Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
 */
export interface Numbers {
  readonly socket: number;
  readonly bind: number;
  readonly connect: number;
  readonly sendto: number;
  readonly recvfrom: number;
  readonly setsockopt: number;
  readonly getsockopt: number;
  readonly listen: number;
  readonly accept4: number;
  readonly close: number;
  readonly close_range: number;
  readonly epoll_create1: number;
  readonly epoll_ctl: number;
  readonly epoll_pwait: number;
  readonly read: number;
  readonly write: number;
  readonly ioctl: number;
  readonly mknodat: number;
  readonly sched_setscheduler: number;
  readonly sched_getscheduler: number;
  readonly prctl: number;
  readonly prlimit64: number;
  readonly reboot: number;
  readonly setns: number;
  readonly umount2: number;
  readonly unshare: number;
}

const x64: Numbers = {
  socket: 41,
  bind: 49,
  connect: 42,
  sendto: 44,
  recvfrom: 45,
  setsockopt: 54,
  getsockopt: 55,
  listen: 50,
  accept4: 288,
  close: 3,
  close_range: 436,
  epoll_create1: 291,
  epoll_ctl: 233,
  epoll_pwait: 281,
  read: 0,
  write: 1,
  ioctl: 16,
  mknodat: 259,
  sched_setscheduler: 144,
  sched_getscheduler: 145,
  prctl: 157,
  prlimit64: 302,
  reboot: 169,
  setns: 308,
  umount2: 166,
  unshare: 272,
};

const arm64: Numbers = {
  socket: 198,
  bind: 200,
  connect: 203,
  sendto: 206,
  recvfrom: 207,
  setsockopt: 208,
  getsockopt: 209,
  listen: 201,
  accept4: 242,
  close: 57,
  close_range: 436,
  epoll_create1: 20,
  epoll_ctl: 21,
  epoll_pwait: 22,
  read: 63,
  write: 64,
  ioctl: 29,
  mknodat: 33,
  sched_setscheduler: 119,
  sched_getscheduler: 120,
  prctl: 167,
  prlimit64: 261,
  reboot: 142,
  setns: 268,
  umount2: 39,
  unshare: 97,
};

/** The table for a processor as `process.arch` names it; undefined: one that we do not know. */
export function numbersFor(architecture: string): Numbers | undefined {
  return architecture === "x64" ? x64 : architecture === "arm64" ? arm64 : undefined;
}
