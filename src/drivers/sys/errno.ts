/** What the kernel's error numbers are called, for people and for decisions. Numbers are negative, as system calls return them. */
import { constants } from "node:os";
import { getSystemErrorMap } from "node:util";

/** Errors on which a driver decides something; negative, to be compared with what a call returned. */
export const errno = {
  EPERM: -constants.errno.EPERM,
  EINTR: -constants.errno.EINTR,
  EAGAIN: -constants.errno.EAGAIN,
  EACCES: -constants.errno.EACCES,
  EEXIST: -constants.errno.EEXIST,
  EBUSY: -constants.errno.EBUSY,
  ENODEV: -constants.errno.ENODEV,
  ENXIO: -constants.errno.ENXIO,
  ENOBUFS: -constants.errno.ENOBUFS,
  EADDRINUSE: -constants.errno.EADDRINUSE,
  EADDRNOTAVAIL: -constants.errno.EADDRNOTAVAIL,
  ENETUNREACH: -constants.errno.ENETUNREACH,
  ENOTCONN: -constants.errno.ENOTCONN,
  ECONNREFUSED: -constants.errno.ECONNREFUSED,
} as const;

const named = getSystemErrorMap();

/** `ENODEV` for -19; `errno 4711` for one that has no name. */
export const errnoName = (code: number): string => named.get(code)?.[0] ?? `errno ${-code}`;

/** `no such device (ENODEV)` for -19. */
export function errnoText(code: number): string {
  const known = named.get(code);
  return known === undefined ? `errno ${-code}` : `${known[1]} (${known[0]})`;
}
