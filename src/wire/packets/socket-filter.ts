/**
 * Programs for the kernel's packet filter: which frames a packet socket gets at all. What they let through is still looked at; what they
 * keep out costs us nothing, however much of it there is.
 *
 * Source: Linux, Documentation/networking/filter.rst and include/uapi/linux/{filter,bpf_common}.h; RFC 826; RFC 4861, section 4.4.
 */

/** An instruction: operation, jump distances when true and when false, operand. */
type Instruction = readonly [code: number, whenTrue: number, whenFalse: number, operand: number];

const loadByte = (offset: number): Instruction => [0x30, 0, 0, offset];
const loadHalf = (offset: number): Instruction => [0x28, 0, 0, offset];
const loadWord = (offset: number): Instruction => [0x20, 0, 0, offset];
const equals = (value: number, whenTrue: number, whenFalse: number): Instruction => [0x15, whenTrue, whenFalse, value];
const take: Instruction = [0x06, 0, 0, 0xffff];
const drop: Instruction = [0x06, 0, 0, 0];

/** The kernel takes no longer programs (BPF_MAXINSNS). */
const instructionsMax = 4096;

const ethernetHeader = 14;

/** ARP frames whose sender says that it has one of these addresses (four bytes each); of more than fit, all ARP frames. */
export function arpSenders(ips: readonly Uint8Array[]): Uint8Array {
  const head = [loadHalf(12), equals(0x0806, 1, 0), drop, loadWord(ethernetHeader + 14)];
  return program([...head, ...ips.flatMap((ip) => [equals(wordAt(ip, 0), 0, 1), take]), drop], [...head, take]);
}

/** Neighbour advertisements for one of these addresses (sixteen bytes each); of more than fit, all of them. */
export function advertisedTargets(ips: readonly Uint8Array[]): Uint8Array {
  const payload = ethernetHeader + 40; // no extension header may stand before one (RFC 4861 knows none)
  const target = payload + 8;
  const head = [
    ...[loadHalf(12), equals(0x86dd, 1, 0), drop],
    ...[loadByte(ethernetHeader + 6), equals(58, 1, 0), drop],
    ...[loadByte(payload), equals(136, 1, 0), drop],
  ];
  const each = (ip: Uint8Array): Instruction[] => [
    ...[0, 1, 2, 3].flatMap((word) => [
      loadWord(target + 4 * word),
      equals(wordAt(ip, 4 * word), 0, 2 * (3 - word) + 1),
    ]),
    take,
  ];
  return program([...head, ...ips.flatMap(each), drop], [...head, take]);
}

const wordAt = (ip: Uint8Array, offset: number): number =>
  new DataView(ip.buffer, ip.byteOffset, ip.byteLength).getUint32(offset);

/** `struct sock_filter` for each instruction. */
function program(exact: readonly Instruction[], coarse: readonly Instruction[]): Uint8Array {
  const instructions = exact.length <= instructionsMax ? exact : coarse;
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, whenTrue, whenFalse, operand]] of instructions.entries()) {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, whenTrue);
    view.setUint8(8 * index + 3, whenFalse);
    view.setUint32(8 * index + 4, operand, true);
  }
  return bytes;
}
