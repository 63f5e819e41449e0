import assert from "node:assert/strict";
import test from "node:test";
import type { Resource, ResourceGroup } from "../../../src/agents/resource.ts";
import { nodeName } from "../../../src/base/units.ts";
import type { AgentOutcome, HeldAddress } from "../../../src/core/input.ts";
import { GroupJob } from "../../../src/core/services/group-job.ts";
import type { JobInput } from "../../../src/core/services/job-language.ts";

const address: Resource = {
  kind: "address",
  text: "10.0.0.1/24/eth0",
  address: { ip: "10.0.0.1", prefix: 24, device: "eth0" },
};
const web: Resource = { kind: "script", text: "web::a", script: "web", args: ["a"] };
const db: Resource = { kind: "script", text: "db", script: "db", args: [] };
const held: HeldAddress = { ip: "10.0.0.1", prefix: 24, device: "eth0", broadcast: "10.0.0.255" };
const group = (...resources: Resource[]): ResourceGroup => ({
  key: resources[0]?.text ?? "",
  owner: nodeName("fox"),
  resources,
});

/** What a step orders, as short words. */
function feed(job: GroupJob, input: JobInput): string[] {
  return job.step(input).flatMap((output) => {
    switch (output.is) {
      case "run":
        return [`${output.resource.script} ${output.action}`];
      case "address":
        return [`address ${output.action}`];
      case "up":
        return [output.ok ? "up" : "up failed"];
      case "down":
        return [output.clean ? "down" : "down unclean"];
      case "log":
        return [];
      default:
        return [output.is];
    }
  });
}
const agent = (code: number, output = ""): JobInput => ({ on: "agent", outcome: { result: "exited", code, output } });
const ended = (outcome: AgentOutcome): JobInput => ({ on: "agent", outcome });
const present: JobInput = { on: "address", outcome: { result: "present", address: held } };
const absent: JobInput = { on: "address", outcome: { result: "absent" } };

test("a start goes left to right, an address is announced, a script that runs already is left alone", () => {
  const job = new GroupJob(group(address, web, db));
  assert.deepEqual(feed(job, { on: "start" }), ["address add"]);
  assert.deepEqual(feed(job, present), ["announce", "web status"]);
  assert.deepEqual(feed(job, agent(0, "running")), ["db status"]);
  assert.deepEqual(feed(job, agent(3, "stopped")), ["db start"]);
  assert.deepEqual(feed(job, agent(0)), ["up"]);
  assert.equal(job.state, "running");
});

test("a stop goes right to left, and does not touch what never ran", () => {
  const job = new GroupJob(group(address, web));
  assert.deepEqual(feed(job, { on: "stop" }), ["down"]);
  feed(job, { on: "start" });
  feed(job, present);
  feed(job, agent(3, "stopped"));
  feed(job, agent(0));
  assert.deepEqual(feed(job, { on: "stop" }), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["silence", "address remove"]);
  assert.deepEqual(feed(job, absent), ["down"]);
  assert.equal(job.state, "stopped");
  assert.deepEqual(job.touched(), []);
});

for (const outcome of [
  { result: "exited", code: 1, output: "" },
  { result: "timed-out" },
  { result: "killed", signal: "SIGSEGV" },
  { result: "lost", says: "the runner ended" },
] as const satisfies AgentOutcome[])
  test(`a start that ends in ${outcome.result} takes the group down again, with the failed one, and says why`, () => {
    const job = new GroupJob(group(address, web));
    feed(job, { on: "start" });
    feed(job, present);
    feed(job, agent(3, "stopped"));
    assert.deepEqual(feed(job, ended(outcome)), ["web stop"]);
    assert.deepEqual(feed(job, agent(0)), ["silence", "address remove"]);
    assert.deepEqual(feed(job, absent), ["up failed"]);
    assert.equal(job.state, "failed");
    assert.match(job.because, /^web::a: /);
  });

test("an urgent stop removes the addresses first, even one that stands in the middle", () => {
  const job = new GroupJob(group(web, address, db));
  feed(job, { on: "start" });
  feed(job, agent(0, "running"));
  feed(job, present);
  feed(job, agent(0, "running"));
  assert.deepEqual(feed(job, { on: "stop", urgent: true }), ["silence", "address remove"]);
  assert.deepEqual(feed(job, absent), ["db stop"]);
  assert.deepEqual(feed(job, agent(0)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["down"]);
});

test("an address that does not go away does not keep an urgent stop from the rest", () => {
  const job = new GroupJob(group(address, web));
  feed(job, { on: "start" });
  feed(job, present);
  feed(job, agent(0, "running"));
  feed(job, { on: "stop", urgent: true });
  const refused: JobInput = { on: "address", outcome: { result: "failed", says: "no" } };
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(feed(job, refused), ["retry-later"]);
    feed(job, { on: "retry" });
  }
  assert.deepEqual(feed(job, refused), ["stuck", "web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["down unclean"]);
});

test("a missing interface fails the group before any script runs", () => {
  const job = new GroupJob(group(address, web));
  feed(job, { on: "start" });
  const outputs = job.step({ on: "address", outcome: { result: "failed", says: "no interface eth9" } });
  assert.ok(outputs.some((each) => each.is === "log" && /no interface eth9/.test(each.text)));
  assert.ok(outputs.some((each) => each.is === "up" && !each.ok));
});

test("a release during a start waits for the running script and then undoes it", () => {
  const job = new GroupJob(group(web, db));
  feed(job, { on: "start" });
  feed(job, agent(3, "stopped"));
  assert.deepEqual(feed(job, { on: "stop" }), []);
  assert.deepEqual(feed(job, agent(0)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["down"]);
});

test("a stop is tried eleven times; if it still runs the group stays held and says so", () => {
  const job = running();
  feed(job, { on: "stop" });
  for (let i = 0; i < 10; i++) {
    assert.deepEqual(feed(job, agent(1)), ["retry-later"]);
    assert.deepEqual(feed(job, { on: "retry" }), ["db stop"]);
  }
  assert.deepEqual(feed(job, agent(1)), ["db status"]);
  assert.deepEqual(feed(job, agent(0, "running")), ["stuck", "down unclean"]);
  assert.equal(job.state, "stop-failed");
  assert.equal(job.touched().length, 1);
});

for (const [name, answer] of [
  ["by its words", agent(0, "not running")],
  ["by the LSB's exit code alone", agent(3)],
] as const)
  test(`a script that only answers wrongly when stopped is forgiven: it says that it is down ${name}`, () => {
    const job = running();
    feed(job, { on: "stop" });
    for (let i = 0; i < 10; i++) {
      feed(job, agent(1));
      feed(job, { on: "retry" });
    }
    feed(job, agent(1));
    assert.deepEqual(feed(job, answer), ["down"]);
  });

test("whoever gives no answer after a stop that failed may still run", () => {
  const failed = [
    ended({ result: "timed-out" }),
    ended({ result: "killed", signal: "SIGSEGV" }),
    agent(1),
    agent(0, "\n"),
  ];
  for (const answer of failed) {
    const job = running();
    feed(job, { on: "stop" });
    for (let i = 0; i < 10; i++) {
      feed(job, agent(1));
      feed(job, { on: "retry" });
    }
    feed(job, agent(1));
    assert.deepEqual(feed(job, answer), ["stuck", "down unclean"]);
  }
});

test("an agent is judged in its own way", () => {
  const delay: Resource = { kind: "ocf", text: "ocf::heartbeat:Delay", script: "heartbeat/Delay", args: [] };
  const job = new GroupJob(group(delay));
  assert.deepEqual(feed(job, { on: "start" }), ["heartbeat/Delay status"]);
  assert.deepEqual(feed(job, agent(7, "running")), ["heartbeat/Delay start"]);
  assert.deepEqual(feed(job, agent(0)), ["up"]);
});

function running(): GroupJob {
  const job = new GroupJob(group(db));
  feed(job, { on: "start" });
  feed(job, agent(3, "stopped"));
  feed(job, agent(0));
  return job;
}

function broughtUp(...resources: Resource[]): GroupJob {
  const job = new GroupJob(group(...resources));
  feed(job, { on: "start" });
  for (const resource of resources)
    for (const answer of resource.kind === "address" ? [present] : [agent(3, "stopped"), agent(0)]) feed(job, answer);
  assert.equal(job.state, "running");
  return job;
}
const recover = (index: number): JobInput => ({ on: "recover", index, why: "hangs" });

test("a failed resource is started anew in place, with those behind it and without those before it", () => {
  const job = broughtUp(address, web, db);
  assert.deepEqual(feed(job, recover(1)), ["db stop"]);
  assert.equal(job.state, "starting");
  assert.deepEqual(feed(job, agent(0)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["web status"]);
  assert.deepEqual(feed(job, agent(3, "stopped")), ["web start"]);
  assert.deepEqual(feed(job, agent(0)), ["db status"]);
  assert.deepEqual(feed(job, agent(3, "stopped")), ["db start"]);
  assert.deepEqual(feed(job, agent(0)), ["recovered"]);
  assert.equal(job.state, "running");
});

test("what does not start anew takes its whole group down, and that is told as a loss", () => {
  const job = broughtUp(address, web);
  feed(job, recover(1));
  feed(job, agent(0));
  feed(job, agent(3, "stopped"));
  assert.deepEqual(feed(job, agent(1)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["silence", "address remove"]);
  assert.deepEqual(feed(job, absent), ["lost"]);
  assert.equal(job.state, "failed");
  assert.equal(job.because, "web::a: return code 1");
  assert.deepEqual(feed(job, { on: "start" }), ["address add"], "it can be started again");
});

test("giving up stops the whole group, from the right", () => {
  const job = broughtUp(web, db);
  assert.deepEqual(feed(job, { on: "give-up", index: 0, why: "hangs" }), ["db stop"]);
  assert.deepEqual(feed(job, agent(0)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["lost"]);
  assert.equal(job.because, "web::a: hangs");
});

test("a stop that comes during a new start in place becomes an ordinary stop of everything", () => {
  const job = broughtUp(address, web, db);
  feed(job, recover(1));
  assert.deepEqual(feed(job, { on: "stop" }), [], "the stop of db is under way");
  assert.deepEqual(feed(job, agent(0)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["silence", "address remove"]);
  assert.deepEqual(feed(job, absent), ["down"]);
});

test("a failure is nothing to a group that is being started or stopped", () => {
  const job = new GroupJob(group(web));
  feed(job, { on: "start" });
  assert.deepEqual(feed(job, recover(0)), []);
  const other = broughtUp(web, db);
  feed(other, { on: "stop" });
  assert.deepEqual(feed(other, { on: "give-up", index: 0, why: "hangs" }), []);
});

test("what will not stop is not started anew", () => {
  const job = broughtUp(web);
  feed(job, recover(0));
  for (let attempt = 0; attempt < 10; attempt++) {
    feed(job, agent(1));
    feed(job, { on: "retry" });
  }
  feed(job, agent(1)); // now its status is asked
  assert.deepEqual(feed(job, agent(0, "running")), ["stuck", "down unclean"]);
  assert.equal(job.state, "stop-failed");
});

test("a start that failed is not over when what had started would not stop: something still runs", () => {
  const job = new GroupJob(group(db, web));
  for (const input of [{ on: "start" } as const, agent(3, "stopped"), agent(0), agent(3, "stopped")]) feed(job, input);
  assert.deepEqual(feed(job, agent(1)), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["db stop"]);
  assert.deepEqual(stopInVain(job), ["stuck", "down unclean"]);
  assert.equal(job.state, "stop-failed");
});

test("nor is a group that was given up lost to this node when some of it would not stop", () => {
  const job = new GroupJob(group(db, web));
  for (const input of [{ on: "start" } as const, agent(0, "running"), agent(0, "running")]) feed(job, input);
  assert.deepEqual(feed(job, { on: "give-up", index: 1, why: "it died" }), ["web stop"]);
  assert.deepEqual(feed(job, agent(0)), ["db stop"]);
  assert.deepEqual(stopInVain(job), ["stuck", "down unclean"]);
});

/** The stop under way fails until nothing more is tried. */
function stopInVain(job: GroupJob): string[] {
  let last = feed(job, agent(1));
  while (last.includes("retry-later")) {
    feed(job, { on: "retry" });
    last = feed(job, agent(1));
  }
  assert.deepEqual(last, ["db status"]);
  return feed(job, agent(0, "running"));
}
