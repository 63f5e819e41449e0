/** CLOCK_MONOTONIC in milliseconds: the same for all processes of a machine, so that one can judge what another one noted. */
export function monotonic(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
