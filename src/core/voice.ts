/**
 * Everything the node says: to the cluster, numbered, signed and kept for who missed it, and in the same breath to the programs on its own
 * machine, which hear what every other node hears.
 */
import {
  elapsed,
  type Instant,
  type MediumName,
  type Milliseconds,
  milliseconds,
  type NodeName,
} from "../base/units.ts";
import type { ClusterConfig } from "../config/cluster-config.ts";
import type { KeyRing } from "../wire/auth/method.ts";
import * as compose from "../wire/compose.ts";
import { type Acknowledgement, type ClusterMessage, parseMessage } from "../wire/kinds.ts";
import { type Message, stringOf } from "../wire/message.ts";
import type { ClientInput, ClientOutput, Clients, Treatment } from "./clients/clients.ts";
import { Flow } from "./delivery/flow.ts";
import { isFor } from "./inbox.ts";
import type { PingNodes } from "./membership/ping-nodes.ts";
import type { Identity, Outbox } from "./outbox.ts";
import type { StepEffects } from "./step-effects.ts";

export interface VoiceParts {
  readonly config: ClusterConfig;
  readonly identity: Identity;
  readonly effects: StepEffects;
  readonly outbox: Outbox;
  readonly clients: Clients;
  readonly pingNodes: PingNodes;
  /** What goes into the `hb4` field of a status. */
  readonly successor: () => string;
  /** What goes into its `hb4c` field; mostly nothing. */
  readonly configuration: () => string | undefined;
  /** What goes into its `hb4a` field. */
  readonly acknowledgements: () => readonly Acknowledgement[];
  readonly besideOriginal: () => boolean;
  /** A message for the cluster that programs or scripts of this machine made, before it is said; true: it is dealt with otherwise. */
  readonly intercept: (body: Message) => boolean;
  /** A message that they made was said, and is meant for us, too. */
  readonly heardOwn: (message: ClusterMessage) => void;
  /** What the daemon does in place of a client hears what that would hear. */
  readonly overheard: (message: Message, treatment: Treatment) => void;
}

export class Voice {
  readonly #parts: VoiceParts;
  readonly #flow = new Flow();
  #status: "init" | "up" | "active" = "init";
  #extraPatience = milliseconds(0);
  /** What the runner knows of our heartbeats. */
  #told: { readonly patience: Milliseconds; readonly at: Instant } | undefined;

  constructor(parts: VoiceParts) {
    this.#parts = parts;
  }

  /** What the node says of itself. */
  get status(): "init" | "up" | "active" {
    return this.#status;
  }

  /** From now on the others are asked to wait so much longer than usual before they hold us dead. */
  askPatience(extra: Milliseconds): void {
    this.#extraPatience = extra;
    this.sendStatus();
  }

  setStatus(status: "up" | "active"): void {
    this.#status = status;
    this.#parts.effects.event("local-status", "info", `Local status now set to: '${status}'`);
    this.sendStatus();
  }

  sendStatus(): void {
    const { acknowledgements, config, configuration, successor } = this.#parts;
    // More than the configured dead time only before a restart (quirk 7).
    const deadtime = milliseconds(config.deadtime + this.#extraPatience);
    this.post(
      compose.status({
        status: this.#status,
        deadtime,
        successor: successor(),
        configuration: configuration(),
        acknowledgements: acknowledgements(),
      }),
    );
    this.#tellRunner(deadtime);
    this.#askPingNodes();
  }

  /** Signs, numbers and sends; what is sent is also heard by our own clients. The message as sent, or undefined if refused. */
  post(body: Message): Message | undefined {
    const { effects, outbox, besideOriginal } = this.#parts;
    // Several keys beside an original: only text framing lets it take the entry that a message names (quirk 70).
    outbox.classicFraming = outbox.keyCount > 1 && besideOriginal();
    const posted = outbox.post(body, effects.now);
    const type = stringOf(body, "t") ?? "";
    if (!posted.ok) {
      effects.log("unsendable", "error", `message of type ${type || "?"} not sent: ${posted.error}`);
      return undefined;
    }
    effects.push(outbox.transmit(posted.value.bytes));
    if (!type.startsWith("NS_")) {
      this.#regulate();
      this.deliver(posted.value.message, type === "status" ? "no-change" : "keep");
    }
    return posted.value.message;
  }

  /** Sends a message that others made, and treats it as every receiver will. */
  postAsOurs(body: Message): void {
    const { config, identity, intercept, heardOwn } = this.#parts;
    if (intercept(body)) return;
    const posted = this.post(body);
    const parsed = posted === undefined ? undefined : parseMessage(posted);
    if (parsed?.ok && isFor(parsed.value, config.localNode, identity.uuid)) heardOwn(parsed.value);
  }

  deliver(message: Message, treatment: Treatment): void {
    this.#clientOutputs(this.#parts.clients.deliver(message, treatment));
    this.#parts.overheard(message, treatment);
  }

  /** Something that the daemon does itself signs on as a client, says something as one, or signs off. */
  resident(outputs: readonly ClientOutput[]): void {
    this.#clientOutputs(outputs);
  }

  client(input: ClientInput): void {
    this.#clientOutputs(this.#parts.clients.step(input, this.#parts.effects.now));
  }

  changeKeys(keys: KeyRing): void {
    this.#parts.outbox.changeKeys(keys);
  }

  // --- Who has what ---------------------------------------------------------------------------------------------------

  /** A new process, or one that is heard again: it needs nothing of what was said before. */
  joined(node: NodeName): void {
    this.#flow.joined(node, this.#parts.outbox.highest);
  }

  left(node: NodeName): void {
    this.#flow.left(node);
    this.#regulate();
  }

  acknowledged(node: NodeName, upTo: number): void {
    const { effects, outbox } = this.#parts;
    if (!this.#flow.acknowledge(node, upTo, outbox.highest))
      effects.reject("bad-ack", `${node} acknowledges ${upTo}, which we have not sent`);
    this.#regulate();
  }

  /** It may have been written for our last process, whose numbers were higher. */
  acknowledgedByTheWay(node: NodeName, upTo: number): void {
    if (upTo <= this.#parts.outbox.highest) this.acknowledged(node, upTo);
  }

  /** Says again what a node missed, or that we have it no more. */
  resend(to: NodeName, first: number, last: number): void {
    const { effects, outbox } = this.#parts;
    if (last > outbox.highest)
      effects.reject("rexmit-beyond", `Rexmit of seq ${last} requested. ${outbox.highest} is max.`);
    for (const answer of outbox.answer(first, last, effects.now)) {
      if (answer.is === "resend") {
        effects.push(outbox.transmit(answer.bytes));
      } else {
        effects.reject("rexmit-refused", `Cannot rexmit pkt ${answer.seq} for ${to}: ${answer.because}`);
        this.post(compose.retransmitRefusal(to, answer.seq, answer.because));
      }
    }
  }

  /** In a ring of serial lines (quirk 133); originals do not expect what is not from their neighbour. */
  passOn(message: Message, from: MediumName): void {
    const { effects, outbox, besideOriginal } = this.#parts;
    const line = besideOriginal() ? undefined : outbox.lineOf(message);
    if (line !== undefined) effects.push({ do: "pass-on", text: line, from });
  }

  /** What it is told may be old by a tenth of the dead time: then it holds us dead earlier than the others do, never later. */
  #tellRunner(patience: Milliseconds): void {
    const { effects } = this.#parts;
    const told = this.#told;
    if (told?.patience === patience && elapsed(told.at, effects.at) < patience / 10) return;
    this.#told = { patience, at: effects.at };
    effects.push({ do: "beat", patience });
  }

  /** With each status, what the ping nodes are to answer in their own names. */
  #askPingNodes(): void {
    const { effects, outbox, pingNodes } = this.#parts;
    for (const { medium, kind, node } of pingNodes.paths) {
      const sealed = outbox.sealPing(compose.pingStatus(kind, node, effects.now.wallSeconds));
      if (sealed.ok) effects.push({ do: "ping", medium, bytes: sealed.value });
    }
  }

  #regulate(): void {
    const { effects, outbox } = this.#parts;
    for (const output of this.#flow.judge(outbox.highest)) {
      if (output.is === "log") effects.log("history-filling", output.level, output.text);
      else effects.push({ do: output.is === "pause" ? "pause-clients" : "resume-clients" });
    }
  }

  #clientOutputs(outputs: readonly ClientOutput[]): void {
    for (const output of outputs) {
      if (output.is === "effect") this.#parts.effects.push(output.effect);
      else this.postAsOurs(output.body);
    }
  }
}
