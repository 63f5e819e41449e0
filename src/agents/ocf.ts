/**
 * Agents of the Open Cluster Framework: `ocf::PROVIDER:TYPE::name=value::name=value` in haresources.
 *
 * Source: OCF resource agent API 1.0. The probing `monitor` is told as such, so that an agent does not complain about what is
 * not there yet. Codes: 0 running, 7 not running, 8 running as master; any other means that it may run, in whatever state.
 */
import { failed, ok } from "../base/result.ts";
import type { Agent } from "./agent.ts";

const root = "/usr/lib/ocf/resource.d";
const usage = "write: ocf::PROVIDER:TYPE::NAME=VALUE::NAME=VALUE, for example ocf::heartbeat:Delay::startdelay=1";
const name = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const parameter = /^[A-Za-z_][A-Za-z0-9_]*=/;

export const ocf: Agent = {
  kind: "ocf",
  prefix: "ocf",
  read: ([agent = "", ...rest]) => {
    const [provider = "", type = "", more] = agent.split(":");
    if (!name.test(provider) || !name.test(type) || more !== undefined) return failed(usage);
    const args: string[] = [];
    for (const part of rest) {
      const last = args.at(-1);
      if (parameter.test(part)) args.push(part);
      else if (last === undefined) return failed(usage);
      else args[args.length - 1] = `${last}::${part}`; // the value itself contains "::", as IPv6 addresses do
    }
    return ok({ script: `${provider}/${type}`, args });
  },
  files: (script) => [`${root}/${script}`],
  command: ({ script, args, action }) => {
    const [provider = "", type = ""] = script.split("/");
    const parameters = args.map((arg): [string, string] => {
      const equals = arg.indexOf("=");
      return [`OCF_RESKEY_${arg.slice(0, equals)}`, arg.slice(equals + 1)];
    });
    return {
      program: [`${root}/${script}`],
      argv: [action === "status" ? "monitor" : action],
      environment: {
        OCF_RA_VERSION_MAJOR: "1",
        OCF_RA_VERSION_MINOR: "0",
        OCF_RESOURCE_PROVIDER: provider,
        OCF_RESOURCE_TYPE: type,
        OCF_RESOURCE_INSTANCE: `${type}_${parameters[0]?.[1] ?? "default"}`,
        ...(action === "status" ? { OCF_RESKEY_CRM_meta_interval: "0" } : {}),
        ...Object.fromEntries(parameters),
      },
    };
  },
  judge: ({ code }) => (code === 0 || code === 8 ? "running" : code === 7 ? "stopped" : "unknown"),
};
