/** One node by itself, in virtual time: what comes over the wire is what the test says. */
import assert from "node:assert/strict";
import { generation, instant, mediumName, nodeName } from "../../src/base/units.ts";
import type { ClusterConfig } from "../../src/config/cluster-config.ts";
import type { Effect } from "../../src/core/effect.ts";
import type { Input, Now } from "../../src/core/input.ts";
import { Node } from "../../src/core/node.ts";
import { configure } from "../../src/sim/cluster.ts";
import { sealDatagram } from "../../src/wire/framing.ts";
import { text } from "../../src/wire/message.ts";

/** fox, whose only neighbour is owl, and neither has a group; times in milliseconds. */
export const foxBesideOwl = (times: {
  readonly keepalive: number;
  readonly deadtime: number;
  readonly initdead: number;
}): ClusterConfig => {
  const nodes = ["fox", "owl"].map((name) => ({ name, groups: [] }));
  return configure({ nodes, ...times, autoFailback: "on" }, nodeName("fox"));
};

export class OneNode {
  readonly node: Node;
  readonly #config: ClusterConfig;
  now = 0;

  constructor(config: ClusterConfig) {
    this.#config = config;
    const { localNode } = config;
    this.node = new Node({
      config,
      identity: {
        uuid: new Uint8Array(16).fill(localNode.length + localNode.charCodeAt(0)),
        generation: generation(1),
      },
      seed: 1,
      version: "4",
      pid: 1,
    });
  }

  get time(): Now {
    return { instant: instant(this.now), wallSeconds: 1_700_000_000, load: "n/a" };
  }

  step(input: Input): readonly Effect[] {
    return this.node.step(input, this.time);
  }

  /** A datagram of these fields, signed as in the cluster. */
  hears(fields: Readonly<Record<string, string>>, medium = mediumName("eth0")): readonly Effect[] {
    const message = Object.entries(fields).map(([name, value]) => text(name, value));
    const sealed = sealDatagram(message, this.#config.keys, "netstring");
    assert.ok(sealed.ok);
    return this.step({ on: "datagram", medium, bytes: sealed.value });
  }

  /** All that comes by itself until then. */
  waits(until: number): readonly Effect[] {
    const effects: Effect[] = [];
    for (let next = this.node.nextDeadline(); next !== undefined && next <= until; next = this.node.nextDeadline()) {
      this.now = Math.max(this.now, next);
      effects.push(...this.step({ on: "deadline" }));
    }
    this.now = until;
    return effects;
  }
}
