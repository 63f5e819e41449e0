/** What `import ... from "heartbeat"` gives: the client side of the API, for programs that talk to a daemon, ours or the original. */
export { HeartbeatError } from "./error.ts";
export type { ClusterEvent } from "./events.ts";
export {
  type DaemonInfo,
  HeartbeatClient,
  type LinkEntry,
  type NodeEntry,
  type SignOnOptions,
} from "./hbclient.ts";
