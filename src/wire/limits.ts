/** The bounds of the wire (docs/reference/wire-protocol.md, section 2, "Limits"). */

/** What a UDP datagram over IPv4 can carry; the original sends more and never delivers it (section 1, point 8). */
export const datagramMax = 65507;
/** The original's receive buffer; nothing larger is a message (quirk 22). */
export const frameMax = 262144;
/** An inflated message: the original's fixed output buffer. */
export const inflatedMax = 2 * 1024 * 1024;
/** Fields of a message, those of nested ones and the items of lists among them; as many of the shortest as a datagram holds (quirk 302). */
export const fieldsMax = 8192;
/** Messages within messages: the text framing has 16 delimiters. */
export const nestingMax = 16;
/** A list in netstring form must pack to fewer bytes. */
export const packedListMax = 1024;
/** A node's name in bytes. */
export const nodeNameMax = 99;
/** The original's node table, ping nodes included. */
export const nodesMax = 100;
