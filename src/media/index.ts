/** The registry of media: a new kind is one file and one line here. */
import { registry } from "../base/registry.ts";
import { bcast } from "./bcast.ts";
import { mcast } from "./mcast.ts";
import { mcast6 } from "./mcast6.ts";
import { ping } from "./ping.ts";
import { pingGroup } from "./ping-group.ts";
import { ping6 } from "./ping6.ts";
import { serial } from "./serial.ts";
import { ucast } from "./ucast.ts";
import { ucast6 } from "./ucast6.ts";

export const media = registry([bcast, mcast, mcast6, ping, ping6, pingGroup, serial, ucast, ucast6]);
