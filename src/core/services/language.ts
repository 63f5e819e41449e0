/** What the services of a node are told, and what they tell. */
import type { Milliseconds } from "../../base/units.ts";
import type { Effect } from "../effect.ts";
import type { Input } from "../input.ts";
import type { Inheritance, KeptGroup } from "../keepsake.ts";
import type { UnitId } from "../takeover/units.ts";

/** What the node is told and hands on as it is. */
type HandedOn =
  | "agent-finished"
  | "address-finished"
  | "address-gone"
  | "address-claimed"
  | "interface-up"
  | "unit-down";

export type ServicesInput =
  | Extract<Input, { readonly on: HandedOn }>
  | { readonly on: "acquire"; readonly unit: UnitId }
  /** `urgent`: addresses first, because somebody else may answer for them already. */
  | { readonly on: "release"; readonly unit: UnitId; readonly urgent: boolean }
  | { readonly on: "reannounce"; readonly unit: UnitId }
  /** Another node may take its addresses while they are up here. */
  | { readonly on: "offered"; readonly unit: UnitId; readonly offered: boolean }
  /** Failures of a group's resources are forgotten. */
  | { readonly on: "forget-failures"; readonly unit: UnitId }
  | { readonly on: "maintenance"; readonly active: boolean }
  /** This node slept: what the runner answered meanwhile is not read yet. */
  | { readonly on: "stalled"; readonly wait: Milliseconds }
  /** Communication is up: from now on the node looks after itself. */
  | { readonly on: "comm-up" }
  /** What runs here by the last core's orders. */
  | ({ readonly on: "adopt"; readonly groups: readonly KeptGroup[] } & Omit<Inheritance, "keepsake">)
  | { readonly on: "deadline" };

export type ServicesOutput =
  | { readonly is: "effect"; readonly effect: Effect }
  /** A share without groups is up or down at once. */
  | { readonly is: "unit-up"; readonly unit: UnitId; readonly ok: boolean }
  | { readonly is: "unit-down"; readonly unit: UnitId; readonly clean: boolean }
  /** It was up, a resource of it failed for good, and all of it is stopped. */
  | { readonly is: "unit-lost"; readonly unit: UnitId }
  /** What kept it from running here may be over. */
  | { readonly is: "unit-able"; readonly unit: UnitId }
  /** Whether this node may hold anything, and why not. */
  | { readonly is: "fitness"; readonly unfit: string | undefined }
  /** What the last core ran and this one has no use for is down. */
  | { readonly is: "tidied" };
