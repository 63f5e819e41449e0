import assert from "node:assert/strict";
import test from "node:test";
import { readConfiguration } from "../../src/config/index.ts";
import { caseHost, filesWith } from "./support.ts";

const read = (ha4Cf: string) => readConfiguration(filesWith({ ha4Cf, haresources: "alice 10.77.0.100\n" }), caseHost);

test("restart-adopts stands in no section, and does not end one", () => {
  assert.equal(read("restart-adopts on\n").config?.extension?.restartAdopts, true);
  assert.equal(read("restart-adopts off\n").config?.extension?.restartAdopts, false);
  assert.equal(read("defaults\n stop-timeout 5\n").config?.extension?.restartAdopts, undefined);
  const within = read("defaults\nrestart-adopts on\nstop-timeout 5\n");
  assert.equal(within.config?.extension?.restartAdopts, true);
  assert.equal(within.config?.extension?.defaults.stopTimeout, 5000);
});

test("anything but on or off is an error that says what to write", () => {
  for (const line of ["restart-adopts\n", "restart-adopts maybe\n"]) {
    const { config, diagnostics } = read(line);
    assert.equal(config, undefined);
    assert.ok(diagnostics.some(({ code, help }) => code === "HB1103" && help === "write: restart-adopts on"));
  }
});
