/** What the client API may know of the node it lives in: read-only, so that no request can move anything by itself. */
import type { ClusterConfig } from "../../config/cluster-config.ts";
import type { View } from "../view.ts";

export interface ClientHost {
  readonly config: ClusterConfig;
  /** Milliseconds since an arbitrary start are enough for the view; it is built anew on each call. */
  readonly view: () => View;
  /** 16 bytes; undefined while a node was never heard. */
  readonly uuidOf: (node: string) => Uint8Array | undefined;
}
