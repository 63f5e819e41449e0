/**
 * A program for test/interop: tries to sign on at the local daemon under each name it is given, `casual` for none, and prints
 * what came of it: `{ "ping": "OK", "ccm": "client failed authorization" }`.
 */
import { HeartbeatError } from "../../src/client/error.ts";
import { HeartbeatClient } from "../../src/client/hbclient.ts";

/** The original takes half a second to notice that the last one of a name has gone. */
const duplicatePatience = 5000;

async function tryAs(name: string): Promise<string> {
  const began = performance.now();
  for (;;) {
    try {
      const client = await HeartbeatClient.signOn(name === "casual" ? {} : { id: name });
      await client.signOff();
      return "OK";
    } catch (error) {
      if (!(error instanceof HeartbeatError)) throw error;
      const again = error.says === "duplicate add request" && performance.now() - began < duplicatePatience;
      if (!again) return error.code === "refused" ? error.says : error.code;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const names = process.argv.slice(2);
const outcomes = await Promise.all(names.map(async (name) => [name, await tryAs(name)] as const));
console.log(JSON.stringify(Object.fromEntries(outcomes)));
