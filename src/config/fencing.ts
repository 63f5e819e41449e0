/** The fencing devices of a configuration: those of ha.cf in file order, then those of ha4.cf. */
import type { NodeName } from "../base/units.ts";
import type { FencingDevice } from "../stonith/device.ts";
import { foldAscii, osText } from "../syntax/text.ts";
import type { FencingConfig } from "./cluster-config.ts";
import type { Draft } from "./draft.ts";
import type { Extension } from "./ha4-cf.ts";
import { fencingTimeLimit } from "./ha4-fence.ts";

/** Every node has the devices of ha4.cf. */
export function fencingOf(
  { kept }: Draft,
  self: NodeName,
  nodes: readonly NodeName[],
  { fences: others = [], stonithTimeout, fenceWait }: Pick<Extension, "fences" | "stonithTimeout" | "fenceWait"> = {},
): FencingConfig {
  const devices: FencingDevice[] = [];
  const armed = new Set<NodeName>(others.length > 0 ? nodes : []);
  const add = (type: string, parameters: FencingDevice["parameters"]): void => {
    const same = devices.filter((device) => device.type === type).length;
    const name = same === 0 ? type : `${type} (${same + 1})`;
    devices.push({
      name,
      kind: "glue",
      type,
      parameters,
      victims: undefined,
      timeLimit: stonithTimeout ?? fencingTimeLimit,
    });
  };
  for (const { directive, text } of kept) {
    const [first = "", second = ""] = text.split(/[ \t]+/);
    if (directive === "stonith") {
      for (const node of nodes) armed.add(node);
      add(first, { in: "file", file: osText(text.slice(first.length).trim()) });
    } else if (directive === "stonith_host") {
      const host = foldAscii(first);
      for (const node of nodes) if (host === "*" || host === node) armed.add(node);
      if (host !== "*" && host !== self) continue;
      const parameters = text.slice(text.indexOf(second, first.length) + second.length).trim();
      add(second, { in: "text", text: osText(parameters) });
    }
  }
  return {
    devices: [...devices, ...others],
    armed: nodes.filter((node) => armed.has(node)),
    ...(fenceWait === undefined ? {} : { wait: fenceWait }),
  };
}
