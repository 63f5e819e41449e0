/** The checkers of watched services find what they are there for. */
import assert from "node:assert/strict";
import test from "node:test";
import { milliseconds, nodeName, operationId } from "../../src/base/units.ts";
import { ServiceRules } from "../../src/sim/service-rules.ts";

const fox = nodeName("fox");
const rules = () => new ServiceRules(new Map([["10.0.0.1", ["10.0.0.1", "web::0"]]]));
const run = (operation: number, action: "start" | "stop" | "status") =>
  ({
    do: "run-agent",
    operation: operationId(operation),
    kind: "script",
    script: "web",
    args: ["0"],
    action,
    environment: {},
    timeLimit: milliseconds(1000),
  }) as const;
const log = (id: "giving-up-group" | "acquiring-group", text: string) =>
  ({ do: "log", id, level: "info", text }) as const;
const givingUp = log("giving-up-group", "Giving up resources due to failure of web::0");
const acquiring = log("acquiring-group", "Acquiring resource group: fox 10.0.0.1 web::0");

test("what is stopped, or on its way, is not asked", () => {
  const checked = rules();
  assert.equal(
    checked.ordered(fox, run(1, "status"), "web::0", false, () => "starting"),
    undefined,
  );
  assert.equal(
    checked.ordered(fox, run(2, "start"), "web::0", false, () => "starting"),
    undefined,
  );
  assert.match(checked.ordered(fox, run(3, "status"), "web::0", true, () => "running") ?? "", /its start is under way/);
  checked.ended(fox, operationId(2));
  assert.equal(
    checked.ordered(fox, run(4, "status"), "web::0", true, () => "running"),
    undefined,
  );
  assert.match(checked.ordered(fox, run(5, "status"), "web::0", false, () => "stopped") ?? "", /which is stopped/);
});

test("what was given up on a node is not started there again before somebody allows it, or the daemon is another one", () => {
  for (const allow of ["nobody", "operator", "daemon"]) {
    const checked = rules();
    assert.equal(checked.logged(fox, acquiring, 1000), undefined);
    assert.equal(checked.logged(fox, givingUp, 2000), undefined);
    if (allow === "operator") checked.allowed(3000);
    if (allow === "daemon") checked.startsAnew(fox);
    const says = checked.logged(fox, acquiring, 50_000);
    assert.equal(says === undefined, allow !== "nobody", says);
    assert.equal(checked.logged(nodeName("owl"), acquiring, 50_000), undefined);
  }
});
