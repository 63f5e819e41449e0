import assert from "node:assert/strict";
import test from "node:test";
import { nodeName } from "../../../src/base/units.ts";
import { Flow } from "../../../src/core/delivery/flow.ts";

const fox = nodeName("fox");
const owl = nodeName("owl");
const words = (flow: Flow, highest: number): string[] =>
  flow.judge(highest).map((each) => (each.is === "log" ? each.level : each.is));

test("alone nobody is waited for", () => assert.deepEqual(words(new Flow(), 10_000), []));

test("programs wait from 251 unacknowledged messages on, until the slowest has caught up", () => {
  const flow = new Flow();
  flow.joined(fox, 0);
  flow.joined(owl, 0);
  assert.deepEqual(words(flow, 250), []);
  assert.deepEqual(words(flow, 251), ["pause"]);
  assert.deepEqual(words(flow, 252), []);
  flow.acknowledge(fox, 250, 252);
  assert.deepEqual(words(flow, 252), [], "owl is still behind");
  flow.acknowledge(owl, 2, 252);
  assert.deepEqual(words(flow, 252), ["resume"]);
});

test("who dies is waited for no longer", () => {
  const flow = new Flow();
  flow.joined(fox, 0);
  assert.deepEqual(words(flow, 300), ["pause"]);
  flow.left(fox);
  assert.deepEqual(words(flow, 300), ["resume"]);
  flow.joined(fox, 300);
  assert.equal(flow.behind(310), 10);
});

test("a filling history is told at each level once", () => {
  const flow = new Flow();
  flow.joined(fox, 0);
  assert.deepEqual(words(flow, 376), ["warn", "pause"]);
  assert.deepEqual(words(flow, 400), []);
  assert.deepEqual(words(flow, 451), ["error"]);
  flow.acknowledge(fox, 60, 451);
  assert.deepEqual(words(flow, 451), [], "one level down is no news");
  flow.acknowledge(fox, 440, 451);
  assert.deepEqual(words(flow, 451), ["resume"]);
  assert.deepEqual(words(flow, 440 + 376), ["warn", "pause"]);
});

test("what was never sent cannot be acknowledged, an older acknowledgement says nothing", () => {
  const flow = new Flow();
  flow.joined(fox, 0);
  assert.equal(flow.acknowledge(fox, 11, 10), false);
  assert.equal(flow.acknowledge(fox, 10, 10), true);
  assert.equal(flow.acknowledge(fox, 5, 10), true);
  assert.equal(flow.behind(10), 0);
});
