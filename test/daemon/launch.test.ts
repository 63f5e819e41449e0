/** What is started, and how: a core that got one word too many manages nothing. */
import assert from "node:assert/strict";
import test from "node:test";
import { coreArguments, serviceArguments } from "../../src/daemon/launch.ts";

test("the package's service is a daemon that manages resources, in real time, on this machine's own files", () => {
  const words = serviceArguments();
  assert.match(words.at(-1) ?? "", /core-main\.[jt]s$/, "nothing behind the program");
  const without = coreArguments({ root: "/srv", debug: 2, realtime: false, managesResources: false });
  assert.deepEqual(without.slice(words.length), ["--debug", "2", "--no-realtime", "--no-resources", "--root", "/srv"]);
});
