/** What is started, and how: a core that got one word too many manages nothing. */
import assert from "node:assert/strict";
import test from "node:test";
import { coreArguments, serviceArguments } from "../../src/daemon/launch.ts";

test("the package's service is a daemon that manages resources, in real time, on this machine's own files", () => {
  const words = serviceArguments();
  const program = words.findIndex((word) => /core-main\.[jt]s$/.test(word));
  assert.deepEqual(words.slice(program + 1), ["--supervised"]);
  const without = coreArguments({ root: "/srv", debug: 2, realtime: false, managesResources: false });
  assert.deepEqual(without.slice(program + 1), ["--debug", "2", "--no-realtime", "--no-resources", "--root", "/srv"]);
});
