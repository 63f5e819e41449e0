/**
 * Devices of cluster-glue, through its `stonith` command: all that `stonith -L` prints, `external/NAME` among them.
 *
 * `-F FILE` reads the parameters as the plugin wants them: values in its own order, in the first line that is no comment. For parameters
 * that stand in ha.cf that file is standard input (named so that it is there without a full /dev); `-p` would show them to everybody.
 *
 * Source: docs/reference/files-and-cli.md, section 8; its codes: 0 done, 4 the device has no such host, others failed.
 */
import type { DeviceType } from "./device.ts";

const program = ["/usr/sbin/stonith", "/usr/bin/stonith"];
const actions = { reset: ["-T", "reset"], status: ["-S"], list: ["-l"] } as const;

export const gluePlugin: DeviceType = {
  kind: "glue",
  command: ({ type, parameters }, action, victim) => ({
    program,
    argv: [
      "-t",
      type,
      "-F",
      parameters.in === "file" ? parameters.file : "/proc/self/fd/0",
      ...actions[action],
      ...(victim === undefined ? [] : [victim]),
    ],
    input: parameters.in === "text" ? `${parameters.text}\n` : "",
  }),
  judge: (code) => (code === 0 ? "done" : code === 4 ? "bad-host" : "failed"),
};
