/**
 * When an address came and went on a node, by the kernel's own word and a clock that all nodes share: a hand-over of a millisecond falls between
 * two looks at a table.
 */
import type { Lab } from "../lab.ts";

const file = "/tmp/address-events";

export interface AddressEvent {
  /** Milliseconds of the wall clock, with their fractions. */
  readonly at: number;
  readonly gone: boolean;
}

/** Begins to write them down, in real time where that is allowed: until the node is off. */
export async function recordAddresses(lab: Lab, node: string): Promise<void> {
  const realTime = (await lab.exec(node, ["chrt", "-r", "1", "true"])).code === 0;
  const monitor = `${realTime ? "chrt -r 2 " : ""}ip -ts -4 monitor address`;
  await lab.exec(node, ["sh", "-c", `setsid ${monitor} > ${file} 2>&1 < /dev/null &`]);
}

export function addressEvents(lab: Lab, node: string, address: string): readonly AddressEvent[] {
  const lines = lab.machine(node).read(file).split("\n");
  return lines.flatMap((line) => {
    const [, second, fraction, gone, ip] =
      /^\[([^\].]+)\.(\d{6})\] (Deleted )?\d+: \S+\s+inet ([\d.]+)\//.exec(line) ?? [];
    if (second === undefined || ip !== address) return [];
    return [{ at: Date.parse(`${second}Z`) + Number(fraction) / 1000, gone: gone !== undefined }];
  });
}
