/** What we call ourselves in logs, in `heartbeat -V` and in the status messages of the wire. A test holds it to package.json. */
export const version = "4.0.0-dev";
