/**
 * A terminal line in raw mode as bytes: `struct termios2` and the requests of ioctl that a serial line needs.
 *
 * Source: Linux, include/uapi/asm-generic/{termbits,ioctls}.h: the same on x86-64 and arm64.
 */
export const request = {
  /** _IOW('T', 0x2B, struct termios2) */
  setTermios2: 0x402c542b,
  /** TCFLSH; its argument: 1 what was not sent yet, 2 that and what was not read yet. */
  flush: 0x540b,
  /** TIOCSBRK and TIOCCBRK: begin and end a break; they do not wait. */
  beginBreak: 0x5427,
  endBreak: 0x5428,
} as const;
export const flushOutput = 1;
export const flushBoth = 2;

const ignoreBreak = 0x1;
const eightBits = 0x30;
const receiver = 0x80;
const noModemControl = 0x800; // CLOCAL: the line works without a carrier signal
const handshake = 0x80000000; // CRTSCTS

/** The `B...` constants of the speeds that `baud` knows (configuration.md, section 4). */
const speeds: Readonly<Record<number, number>> = {
  9600: 13,
  19200: 14,
  38400: 15,
  57600: 0x1001,
  115200: 0x1002,
  230400: 0x1003,
  460800: 0x1004,
};

/** 8 data bits, no parity, one stop bit, hardware handshake, nothing translated in either direction. Undefined: no such speed. */
export function rawLine(baud: number): Uint8Array | undefined {
  const speed = speeds[baud];
  if (speed === undefined) return undefined;
  const bytes = new Uint8Array(44);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ignoreBreak, true);
  view.setUint32(8, (speed | eightBits | receiver | noModemControl | handshake) >>> 0, true);
  const controls = 17;
  bytes[controls + 5] = 1; // VTIME
  bytes[controls + 6] = 1; // VMIN
  view.setUint32(36, baud, true);
  view.setUint32(40, baud, true);
  return bytes;
}
