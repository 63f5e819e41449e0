/**
 * Asks "who has this address?" once every millisecond: a new datagram with its own number to the echo service behind the
 * service address. `probe-udp.js ADDRESS PORT`.
 */
import { createSocket } from "node:dgram";
import { probe } from "./probe-program.ts";

const [, , address, port] = process.argv;
/** A double holds every whole number that a probe a millisecond can reach. */
const numberBytes = 8;

probe(1, (answered) => {
  const socket = createSocket("udp4");
  socket.on("message", (bytes) => {
    if (bytes.length > numberBytes) answered(bytes.readDoubleBE(0), bytes.toString("utf8", numberBytes));
  });
  socket.on("error", () => {}); // an ICMP error is one more way of not being answered
  return {
    send: (number) => {
      const bytes = Buffer.alloc(numberBytes);
      bytes.writeDoubleBE(number);
      socket.send(bytes, Number(port), address, () => {}); // a failure to send is a lost probe
    },
  };
});
