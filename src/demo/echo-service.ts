/**
 * Answers every datagram with its own bytes and the name of this machine: what the client's address probes hear. It runs
 * on both nodes all the time, on every address, so that nothing but the service address decides who answers.
 */
import { createSocket } from "node:dgram";
import { hostname } from "node:os";

const socket = createSocket("udp4");
const name = Buffer.from(hostname());

socket.on("message", (bytes, from) => socket.send(Buffer.concat([bytes, name]), from.port, from.address));
socket.bind(Number(process.argv[2]), "0.0.0.0", () => console.log("listening"));
process.stdin.resume().on("end", () => process.exit(0));
