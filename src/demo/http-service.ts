/**
 * The small web service of the demonstration, for machines without nginx: answers every request with the name of the node
 * that runs it. `http-service.js PIDFILE PORT ADDRESS NAME`: the pid file appears when it answers, and it ends on SIGTERM
 * and takes the file along.
 */
import { rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";

const [, , pidfile = "", port, address, name = ""] = process.argv;

const server = createServer((_request, response) => {
  response.writeHead(200, { "Content-Type": "text/plain", Connection: "close" }).end(`${name}\n`);
});
server.listen(Number(port), address, () => writeFileSync(pidfile, `${process.pid}\n`));
process.on("SIGTERM", () => {
  server.close();
  rmSync(pidfile, { force: true }); // the resource script waits for this
  process.exit(0);
});
