/** A cluster whose nodes come and go, and what live tests ask of it: who is listed, who is active, what the host caches say. */
import type { Lab } from "../lab.ts";

/** Nobody is declared: everybody makes himself known. */
export const comeAndGo = {
  options: ["-M"],
  haCf: ["autojoin any"],
  declared: { fox: [], owl: [], elk: [] },
} as const;

/** With the uuids as letters in the order of their appearance. */
function hostcache(lab: Lab, node: string, file = "hostcache"): string[] {
  const uuids = new Map([["00000000-0000-0000-0000-000000000000", "none"]]);
  return lab
    .machine(node)
    .read(`/var/lib/heartbeat/${file}`)
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (uuid) => {
      if (!uuids.has(uuid)) uuids.set(uuid, "known");
      return uuids.get(uuid) ?? "";
    })
    .split("\n")
    .slice(0, -1)
    .sort();
}

const listed = async (lab: Lab, on: string): Promise<string> =>
  (await lab.exec(on, ["cl_status", "listnodes"])).stdout.trim().split("\n").sort().join(" ");

export async function allList(lab: Lab, on: readonly string[], nodes: string): Promise<void> {
  for (const node of on) await lab.until(`${node} lists ${nodes}`, async () => (await listed(lab, node)) === nodes);
}

export async function allActive(lab: Lab, names: readonly string[]): Promise<void> {
  for (const on of names)
    for (const of of names)
      await lab.until(`${on} sees ${of} active`, async () => (await lab.sees(on, of)) === "active");
}

export async function cached(lab: Lab, on: readonly string[], file: string, lines: readonly string[]): Promise<void> {
  const wanted = [...lines].sort();
  for (const node of on)
    await lab
      .until(`${node} keeps ${file}`, () => hostcache(lab, node, file).join() === wanted.join(), 10)
      .catch((error: unknown) => {
        throw new Error(`${hostcache(lab, node, file).join("\n")}\nnot\n${wanted.join("\n")}\n${error}`);
      });
}
