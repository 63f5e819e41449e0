/**
 * Asks for the page of the service again and again: a new connection every ten milliseconds, because an old one would
 * die with the node that held it. Each request has a fifth of a second, so that a lost first packet of a connection counts
 * as lost and does not come back after the kernel's repeat. `probe-http.js ADDRESS PORT`.
 */
import { get } from "node:http";
import { probe } from "./probe-program.ts";

const [, , host, port] = process.argv;
const patience = 200;

probe(10, (answered) => ({
  send: (number) => {
    const request = get({ host, port, agent: false, timeout: patience }, (response) => {
      let body = "";
      response.on("data", (piece: Buffer) => {
        body += piece.toString();
      });
      response.on("end", () => {
        if (response.statusCode === 200 && body !== "") answered(number, body.trim());
      });
      response.on("error", () => {}); // cut in the middle: not answered
    });
    const limit = setTimeout(() => request.destroy(), patience);
    request.on("error", () => {}); // refused, cut or too late: not answered
    request.on("close", () => clearTimeout(limit));
  },
}));
