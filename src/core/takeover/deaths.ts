/**
 * A node fell silent: is what it held free now, or must it be switched off before?
 *
 * Silence proves nothing, so with a device for it everything of it is left alone until it is off (quirk 172). What becomes of the dead is
 * remembered for the next core of this node: who is to be fenced still, and who needs nothing more.
 */
import type { NodeName } from "../../base/units.ts";
import type { KeptHoldings } from "./language.ts";
import type { Peer } from "./peers.ts";
import type { Scene } from "./scene.ts";

/** What was known of a node when it died. */
interface LastSeen {
  /** It said that it leaves. */
  readonly left: boolean;
  /** It cannot run anything. */
  readonly empty: boolean;
  /** Undefined: it was never heard. */
  readonly holds: boolean | undefined;
  readonly present: boolean;
}

export class Deaths {
  readonly #scene: Scene;
  readonly #changed: () => void;

  /** `changed`: the next core must know. */
  constructor(scene: Scene, changed: () => void) {
    this.#scene = scene;
    this.#changed = changed;
  }

  mustBeOff(node: NodeName): boolean {
    return this.#scene.config.canFence?.(node) ?? false;
  }

  /** Whom we hold dead. */
  names(): NodeName[] {
    return this.#dead().map(({ name }) => name);
  }

  /** To be asked before what it said is forgotten. */
  lastSeen(peer: Peer): LastSeen {
    const { alive, known, left, reported, mayHold } = peer;
    const { config, holdings } = this.#scene;
    const holds = holdings.all().some((unit) => unit.group !== undefined && peer.holds(unit, config.nodes));
    return { left, empty: left || (reported && !mayHold), holds: known ? holds : undefined, present: alive };
  }

  died(peer: Peer, { left, empty, holds, present }: LastSeen): void {
    this.#changed();
    if (peer.seenTo) return; // by the last core
    if (!left && this.mustBeOff(peer.name)) return this.#fence(peer, holds);
    if (empty) {
      this.#scene.log("dead-node-gave-up", "info", `Dead node ${peer.name} gave up resources.`);
    } else {
      this.#scene.log("no-stonith", "warn", "No STONITH device configured.");
      this.#scene.log("unprotected", "warn", "Shared disks are not protected.");
      const because = present ? `nothing was heard of ${peer.name}` : `${peer.name} was never heard`;
      this.#scene.log("resources-from-dead", "info", `Resources being acquired from ${peer.name}.`, because);
    }
    if (this.#scene.phase !== "init")
      this.#scene.say({ say: "stonith", node: peer.name, result: empty ? "unneeded" : "n_stnth" });
  }

  fenced(peer: Peer, because: string): void {
    if (!peer.unfenced) return;
    peer.unfenced = false;
    this.#changed();
    this.#scene.log("resources-from-dead", "info", `Resources being acquired from ${peer.name}.`, because);
  }

  /** It was heard. To be called while it counts as it did before. */
  lives(peer: Peer): void {
    if (peer.unfenced || (peer.known && !peer.alive)) this.#changed();
    peer.unfenced = false;
    peer.seenTo = false;
  }

  /** For the next core. */
  memory(): Pick<KeptHoldings, "unfenced" | "off"> {
    const namesOf = (unfenced: boolean): NodeName[] =>
      this.#dead()
        .filter((peer) => peer.unfenced === unfenced)
        .map(({ name }) => name);
    return { unfenced: namesOf(true), off: namesOf(false) };
  }

  /** Who was to be fenced is to be fenced still (quirk 215), and who is off is not fenced a second time. */
  adopt({ unfenced, off }: KeptHoldings): void {
    for (const node of unfenced) {
      const peer = this.#scene.peers.get(node);
      if (peer !== undefined && this.mustBeOff(node)) this.#fence(peer, true); // it may hold anything by now
    }
    for (const node of off) {
      const peer = this.#scene.peers.get(node);
      if (peer === undefined) continue;
      peer.known = true;
      peer.seenTo = true;
    }
  }

  #dead(): Peer[] {
    return [...this.#scene.peers.values()].filter(({ alive, known, unfenced }) => (known && !alive) || unfenced);
  }

  /** What it held, and whatever it may have taken since, is left alone until it is off. */
  #fence(peer: Peer, theyHold: boolean | undefined): void {
    if (peer.unfenced) return; // it was left to us like that, and is being seen to
    peer.unfenced = true;
    this.#changed();
    const weHold = this.#scene.holdings
      .all()
      .some(({ group, state }) => group !== undefined && (state === "acquiring" || state === "held"));
    this.#scene.emit({ is: "fence", node: peer.name, weHold, theyHold });
  }
}
