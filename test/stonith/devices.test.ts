import assert from "node:assert/strict";
import { test } from "node:test";
import { nodeName, seconds } from "../../src/base/units.ts";
import { fencingOutcome } from "../../src/daemon/fences.ts";
import { type FencingDevice, secretsOf, withoutSecrets } from "../../src/stonith/device.ts";
import { deviceType } from "../../src/stonith/index.ts";

const fox = nodeName("fox");
const nodes = [fox, nodeName("owl")];
const glue = (parameters: FencingDevice["parameters"]): FencingDevice => ({
  name: "external/ipmi",
  kind: "glue",
  type: "external/ipmi",
  parameters,
  victims: undefined,
  timeLimit: seconds(60),
});
const agent: FencingDevice = {
  name: "power",
  kind: "agent",
  type: "fence_ipmilan",
  parameters: {
    in: "options",
    options: new Map([
      ["ip", "10.0.0.11"],
      ["password", "s3cret"],
    ]),
    plugs: new Map([[fox, "7"]]),
  },
  victims: undefined,
  timeLimit: seconds(30),
};

test("the parameters of a stonith device never stand in its argument list", () => {
  const device = glue({ in: "text", text: "fox 10.0.0.11 admin s3cret" });
  const reset = deviceType("glue").command(device, "reset", fox);
  assert.deepEqual(reset.argv, ["-t", "external/ipmi", "-F", "/proc/self/fd/0", "-T", "reset", "fox"]);
  assert.equal(reset.input, "fox 10.0.0.11 admin s3cret\n");
  const status = deviceType("glue").command(glue({ in: "file", file: "/etc/ha.d/ipmi" }), "status", undefined);
  assert.deepEqual(status.argv, ["-t", "external/ipmi", "-F", "/etc/ha.d/ipmi", "-S"]);
  assert.equal(status.input, "");
});

test("a fence agent reads everything from its standard input", () => {
  const { argv, input, program } = deviceType("agent").command(agent, "reset", fox);
  assert.deepEqual(argv, []);
  assert.equal(program[0], "/usr/sbin/fence_ipmilan");
  assert.equal(input, "ip=10.0.0.11\npassword=s3cret\naction=reboot\nplug=7\nnodename=fox\n");
  assert.match(deviceType("agent").command(agent, "status", undefined).input, /action=monitor\n/);
});

test("what a device prints is shown without the words of its parameters", () => {
  const secrets = secretsOf(glue({ in: "text", text: "fox,owl 10.0.0.11 admin s3cret" }), nodes);
  assert.deepEqual(secrets, ["fox,owl 10.0.0.11 admin s3cret", "10.0.0.11", "s3cret", "admin"]);
  assert.equal(
    withoutSecrets("login admin/s3cret at 10.0.0.11 for fox failed", secrets),
    "login ***/*** at *** for fox failed",
  );
  assert.equal(withoutSecrets("ipmitool -Ps3cret: usage", secrets), "ipmitool -P***: usage", "also glued to an option");
  assert.equal(withoutSecrets("abc, x-abc-y, abcd", ["abc"]), "***, x-***-y, abcd", "a short one as a word only");
  const outcome = fencingOutcome(agent, { result: "exited", code: 1, output: "bad password s3cret\n" }, nodes);
  assert.deepEqual(outcome, { result: "failed", says: "exit code 1: bad password ***" });
});

test("no part of a secret is shown, whatever is printed", () => {
  const says = (device: FencingDevice, output: string): string => {
    const outcome = fencingOutcome(device, { result: "exited", code: 1, output }, nodes);
    return outcome.result === "failed" ? outcome.says : "";
  };
  // What is longer than 4096 bytes is cut there, in the middle of a word.
  assert.doesNotMatch(says(agent, `${"x ".repeat(2046)}s3cr`), /s3c/);
  const foreign: FencingDevice = {
    ...agent,
    parameters: {
      in: "options",
      options: new Map([
        ["password", "пароль"],
        ["method", "on"],
      ]),
      plugs: new Map(),
    },
  };
  assert.equal(says(foreign, Buffer.from("bad пароль on port 1").toString("latin1")), "exit code 1: bad *** on port 1");
  const filed = glue({ in: "file", file: "/etc/ha.d/rps" });
  assert.equal(
    says(filed, "login with topsecret failed"),
    "exit code 1: to see what it prints: stonith -t external/ipmi -F /etc/ha.d/rps -S",
    "which words of that file are secrets only its plugin knows",
  );
});

test("how a device ended, and what it means", () => {
  const device = glue({ in: "text", text: "fox" });
  const exited = (code: number) => fencingOutcome(device, { result: "exited", code, output: "" }, nodes);
  assert.deepEqual(exited(0), { result: "done" });
  assert.deepEqual(exited(4), { result: "bad-host" });
  assert.deepEqual(exited(5), { result: "failed", says: "exit code 5" });
  assert.deepEqual(fencingOutcome(agent, { result: "exited", code: 4, output: "" }, nodes).result, "failed");
  const says = (outcome: Parameters<typeof fencingOutcome>[1]): string => {
    const judged = fencingOutcome(device, outcome, nodes);
    return judged.result === "failed" ? judged.says : judged.result;
  };
  assert.match(says({ result: "timed-out" }), /not finished within 60 s/);
  assert.match(says({ result: "killed", signal: "SIGSEGV" }), /SIGSEGV/);
  assert.match(says({ result: "not-found" }), /install cluster-glue/);
  assert.match(says({ result: "lost", says: "the runner died" }), /the runner died/);
});
