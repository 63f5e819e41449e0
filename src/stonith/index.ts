/** The kinds of fencing devices. */
import type { DeviceKind, DeviceType } from "./device.ts";
import { fenceAgent } from "./fence-agent.ts";
import { gluePlugin } from "./glue-plugin.ts";

const types: Readonly<Record<DeviceKind, DeviceType>> = { agent: fenceAgent, glue: gluePlugin };

export const deviceType = (kind: DeviceKind): DeviceType => types[kind];
