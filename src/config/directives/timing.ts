/** keepalive, deadtime, warntime, initdead, deadping: how often nodes speak, and how long they are waited for. */
import { time } from "../../syntax/args.ts";
import { scalar } from "../../syntax/directive.ts";
import { shown } from "../../syntax/text.ts";
import type { Scope, Times } from "../draft.ts";

const remember =
  (name: Times) =>
  (scope: Scope, value: number): undefined => {
    scope.draft.times.set(name, value);
  };

export const keepalive = scalar({
  name: "keepalive",
  arg: time(1),
  default: "1000ms",
  summary: "How often a node sends a heartbeat.",
  details: "All media are used every time. deadtime must be more than twice as long.",
  example: "keepalive 2",
  set: remember("keepalive"),
});

export const deadtime = scalar({
  name: "deadtime",
  arg: time(0),
  default: "30000ms",
  summary: "How long a node may stay silent before it is declared dead.",
  details:
    "Its resources are taken over then. Must be more than twice keepalive. Too short a time makes a busy node look dead.",
  example: "deadtime 30",
  set: remember("deadtime"),
});

export const warntime = scalar({
  name: "warntime",
  arg: time(1),
  derived: "half of deadtime",
  summary: "How long a node may stay silent before a late heartbeat is logged.",
  details: "Watch these warnings for a while to find a deadtime that fits.",
  example: "warntime 10",
  phrase: (text) => `Warn time [${shown(text)}] is invalid.`,
  set: remember("warntime"),
});

export const initdead = scalar({
  name: "initdead",
  arg: time(0),
  derived: "deadtime if that is above 10 s, else twice deadtime but at least 12 s",
  summary: "How long to wait for the other nodes after our own start.",
  details: "Replaces deadtime until all nodes were heard, because networks are slow to come up. At least deadtime.",
  example: "initdead 120",
  set: remember("initdead"),
});

export const deadping = scalar({
  name: "deadping",
  arg: time(0),
  derived: "the same as deadtime",
  summary: "How long a ping node may stay silent before it counts as unreachable.",
  details: "Must be more than twice keepalive.",
  example: "deadping 10",
  set: remember("deadping"),
});
