/**
 * Looks into an IPv4 packet as it came from the wire: is it UDP, to which port, and does it begin as messages of heartbeat do?
 *
 * Source: RFC 791, RFC 768; docs/reference/wire-protocol.md, sections 3 and 4.
 */
const udp = 17;

/** The port that a message of heartbeat is sent to; undefined: the packet is none. `packet` begins with the IP header. */
export function heartbeatPort(packet: Uint8Array): number | undefined {
  const headerLength = ((packet[0] ?? 0) & 0x0f) * 4;
  if ((packet[0] ?? 0) >> 4 !== 4 || headerLength < 20 || packet.length < headerLength + 12) return undefined;
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength);
  if (packet[9] !== udp || (view.getUint16(6, false) & 0x1fff) !== 0) return undefined; // a later fragment has no ports
  const start = String.fromCharCode(...packet.subarray(headerLength + 8, headerLength + 12));
  return start === "###\n" || start === ">>>\n" ? view.getUint16(headerLength + 2, false) : undefined;
}
