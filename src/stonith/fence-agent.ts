/**
 * Fence agents, as of the package fence-agents: programs `fence_NAME` that read their options from standard input, one `name=value` a
 * line. `reboot` is their word for a reset, `plug` theirs for what the device calls the node.
 *
 * Source: FenceAgentAPI of the ClusterLabs project; codes: 0 done, others failed.
 */
import type { DeviceType } from "./device.ts";

const folders = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
const actions = { reset: "reboot", status: "monitor", list: "list" } as const;

export const fenceAgent: DeviceType = {
  kind: "agent",
  command({ type, parameters }, action, victim) {
    const options = new Map(parameters.in === "options" ? parameters.options : []);
    const plug = parameters.in === "options" && victim !== undefined ? parameters.plugs.get(victim) : undefined;
    if (action !== "reset" || !options.has("action")) options.set("action", actions[action]);
    if (plug !== undefined) options.set("plug", plug);
    if (victim !== undefined) options.set("nodename", victim);
    return {
      program: folders.map((folder) => `${folder}/${type}`),
      argv: [],
      input: [...options].map(([name, value]) => `${name}=${value}\n`).join(""),
    };
  },
  judge: (code) => (code === 0 ? "done" : "failed"),
};
