/**
 * What the parts of the take-over work on together: our shares, the other nodes, where we are in our life, and what goes out in this step.
 */
import { invariant } from "../../base/invariant.ts";
import type { NodeName } from "../../base/units.ts";
import type { LogLevel } from "../effect.ts";
import type { HoldWord } from "../view.ts";
import { Claims } from "./claims.ts";
import type { TakeoverConfig, TakeoverMessage, TakeoverOutput } from "./language.ts";
import { Peer } from "./peers.ts";
import { type Share, Shares } from "./shares.ts";
import { type Phase, type PhaseEvent, transitions } from "./transitions.ts";

export class Scene {
  readonly config: TakeoverConfig;
  readonly shares: Shares;
  readonly peers: ReadonlyMap<NodeName, Peer>;
  readonly claims: Claims;
  phase: Phase = "init";
  leaving = false;
  /** We gave everything up because we slept, and that has not ended yet. */
  stalled = false;
  #out: TakeoverOutput[] = [];

  constructor(config: TakeoverConfig) {
    this.config = config;
    this.shares = new Shares(config.self, config.nodes);
    const others = config.nodes.filter((node) => node !== config.self);
    this.peers = new Map(others.map((node): [NodeName, Peer] => [node, new Peer(node)]));
    this.claims = new Claims(config.self, config.nodes, this.shares, this.peers);
  }

  /** A step begins. Its outputs are read from what this returns when it has ended. */
  begin(): readonly TakeoverOutput[] {
    this.#out = [];
    return this.#out;
  }

  emit(output: TakeoverOutput): void {
    this.#out.push(output);
  }

  get word(): HoldWord {
    return this.shares.word;
  }

  acquire(share: Share, because: string): void {
    if (share.state === "acquiring" || share.state === "held") return;
    if (share.state === "releasing") return; // what is being stopped is started only once it is down
    if (share.state !== "claiming") this.shares.nextTerm(share); // else: the term that was consented to
    share.state = "acquiring";
    share.yielded = false;
    share.needsFailback = share.owner !== this.config.self && !(this.peers.get(share.owner)?.present ?? false);
    share.because = because;
    this.emit({ is: "acquire", share: share.owner, because });
  }

  release(share: Share, because: string, urgent = false): void {
    if (share.state !== "acquiring" && share.state !== "held") return;
    share.state = "releasing";
    share.needsFailback = false;
    share.because = because;
    this.emit({ is: "release", share: share.owner, because, urgent });
  }

  /** Somebody else has what we gave away: from now on the ordinary rules apply to it again. */
  heldElsewhere(owner: NodeName, peer: Peer): void {
    const share = this.shares.find(owner);
    if (share === undefined) return;
    share.yielded = false;
    if (share.state === "none") share.because = `${peer.name} holds it`;
  }

  reportOurs(): void {
    this.say({ say: "resource", held: this.word, stable: this.phase === "stable" });
  }

  move(event: PhaseEvent): void {
    const next = transitions[this.phase][event];
    invariant(next !== undefined, `takeover: no cell for ${event} in phase ${this.phase}`);
    this.phase = next;
  }

  peer(node: NodeName): Peer {
    const peer = this.peers.get(node);
    invariant(peer !== undefined, `takeover: ${node} is not a peer`);
    return peer;
  }

  say(message: TakeoverMessage): void {
    this.emit({ is: "say", message });
  }

  log(id: string, level: LogLevel, text: string, because?: string): void {
    this.emit({ is: "log", id, level, text, ...(because === undefined ? {} : { because }) });
  }
}
