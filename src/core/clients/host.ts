/** What the client API may know of the node it lives in: read-only, so that no request can move anything by itself. */
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { View } from "../view.ts";

/** The part of the view that programs may ask for; the whole of it would be too dear for each of many requests. */
export type ClientView = Pick<View, "nodes" | "resourceStatus" | "version">;

export interface ClientHost {
  readonly config: ClusterConfig;
  /** Milliseconds since an arbitrary start are enough for the view; it is built anew on each call. */
  readonly view: () => ClientView;
  /** 16 bytes; undefined while a node was never heard. */
  readonly uuidOf: (node: string) => Uint8Array | undefined;
}
