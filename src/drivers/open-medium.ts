/** Opens a medium of any kind by the driver that it needs. */
import { unreachable } from "../base/exhaustive.ts";
import type { Fault } from "../base/fault.ts";
import type { Result } from "../base/result.ts";
import type { MediumConfig } from "../media/medium.ts";
import { openIcmp } from "./icmp.ts";
import type { MediumDriver } from "./medium.ts";
import { openSerial } from "./serial.ts";
import { openUdp } from "./udp.ts";

/** `onMessage` gets what arrived, not yet looked at; the bytes are its to keep. `warn`: for the log, seldom. */
export function openMedium(
  config: MediumConfig,
  onMessage: (bytes: Uint8Array) => void,
  warn: (text: string) => void = () => {},
): Result<MediumDriver, Fault> {
  switch (config.kind) {
    case "bcast":
    case "ucast":
    case "mcast":
    case "ucast6":
    case "mcast6":
      return openUdp(config, onMessage, warn);
    case "ping":
    case "ping6":
    case "ping_group":
      return openIcmp(config, onMessage);
    case "serial":
      return openSerial(config, { onMessage, warn });
    default:
      return unreachable(config);
  }
}
