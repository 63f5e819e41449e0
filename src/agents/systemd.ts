/**
 * Units of systemd: `systemd::UNIT` in haresources.
 *
 * Source: systemctl(1). The word of `is-active` is looked at, not its exit code: `activating` is no success there, but no unit that is
 * down either. A unit that is a resource must not be enabled, or every node starts it at boot.
 */
import { failed, ok } from "../base/result.ts";
import type { Agent } from "./agent.ts";

const usage = "write: systemd::UNIT, for example systemd::nginx";
const folders = ["/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system"];

/** The full name, as systemctl completes it. */
export const unitName = (unit: string): string =>
  /\.(?:service|socket|mount|target|timer|path|swap|automount|slice|scope)$/.test(unit) ? unit : `${unit}.service`;

export const systemd: Agent = {
  kind: "systemd",
  prefix: "systemd",
  read: ([unit = "", ...rest]) =>
    /^[A-Za-z0-9_][A-Za-z0-9:_.\\@-]*$/.test(unit) && rest.length === 0
      ? ok({ script: unit, args: [] })
      : failed(usage),
  files: (unit) => {
    const full = unitName(unit);
    const template = full.replace(/@.*(\.[a-z]+)$/, "@$1");
    return folders.flatMap((folder) => [`${folder}/${full}`, ...(template === full ? [] : [`${folder}/${template}`])]);
  },
  command: ({ script, action }) => ({
    program: ["/usr/bin/systemctl", "/bin/systemctl"],
    argv: [action === "status" ? "is-active" : action, script],
    environment: {},
  }),
  judge: ({ output }) => {
    const word = output.trim();
    if (word === "active" || word === "reloading") return "running";
    return word === "inactive" || word === "failed" ? "stopped" : "unknown";
  },
};
