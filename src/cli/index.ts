/** Every program of the package by the name it is called by. Each is one file of this folder and one line here. */
import { type Registry, registry } from "../base/registry.ts";
import { clRespawn } from "./cl-respawn.ts";
import { clStatus } from "./cl-status.ts";
import { haLogd } from "./ha-logd.ts";
import { haLogger } from "./ha-logger.ts";
import { hbAddnode, hbDelnode, hbSetsite, hbSetweight } from "./hb-nodes.ts";
import { hbStandby } from "./hb-standby.ts";
import { hbTakeover } from "./hb-takeover.ts";
import { heartbeat } from "./heartbeat.ts";
import { ipfail } from "./ipfail.ts";
import type { Program } from "./program.ts";

export const programs: Registry<Program> = registry<Program>([
  clRespawn,
  clStatus,
  haLogd,
  haLogger,
  hbAddnode,
  hbDelnode,
  hbSetsite,
  hbSetweight,
  hbStandby,
  hbTakeover,
  heartbeat,
  ipfail,
]);
