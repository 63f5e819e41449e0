import test from "node:test";
import { nodeName, seconds } from "../../../src/base/units.ts";
import { Startup } from "../../../src/core/membership/startup.ts";
import { play } from "../../support/play.ts";

const owl = nodeName("owl");
const elk = nodeName("elk");

test("alone from the beginning: up at once", () => {
  play(new Startup([]), [[0, { on: "start" }, [{ is: "comm-up" }]]]);
});

test("the first living node is asked, again after a second, and its list brings communication up, once", () => {
  play(new Startup([owl, elk]), [
    [0, { on: "start" }, []],
    [10, { on: "heard", node: elk }, []],
    [20, { on: "heard", node: owl }, [{ is: "ask-node-list", of: owl }]],
    [900, { on: "deadline" }, []],
    [1020, { on: "deadline" }, [{ is: "ask-node-list", of: owl }]],
    [1100, { on: "node-list" }, [{ is: "comm-up" }]],
    [1200, { on: "node-list" }, []],
  ]);
});

test("who was asked dies: the next is asked; the last dies: up without an answer", () => {
  play(new Startup([owl, elk]), [
    [0, { on: "start" }, []],
    [10, { on: "heard", node: elk }, []],
    [20, { on: "heard", node: owl }, [{ is: "ask-node-list", of: owl }]],
    [30, { on: "dead", node: owl }, [{ is: "ask-node-list", of: elk }]],
    [40, { on: "dead", node: elk }, [{ is: "comm-up" }]],
  ]);
});

test("a list that nobody asked for proves nothing", () => {
  play(new Startup([owl]), [
    [0, { on: "start" }, []],
    [10, { on: "node-list" }, []],
  ]);
});

test("where nodes may join, those that are known are not enough before the patience has passed", () => {
  play(new Startup([], [], seconds(6)), [
    [0, { on: "start" }, []],
    [10, { on: "joined", node: owl }, []],
    [20, { on: "heard", node: owl }, []],
    [5999, { on: "deadline" }, []],
    [6000, { on: "deadline" }, [{ is: "ask-node-list", of: owl }]],
    [6500, { on: "deadline" }, []],
    [7000, { on: "deadline" }, [{ is: "ask-node-list", of: owl }]],
    [7100, { on: "node-list" }, [{ is: "comm-up" }]],
  ]);
  play(new Startup([], [], seconds(6)), [
    [0, { on: "start" }, []],
    [6000, { on: "deadline" }, [{ is: "comm-up" }]],
  ]);
});

test("a node that is removed is neither waited for nor asked", () => {
  play(new Startup([owl, elk]), [
    [0, { on: "start" }, []],
    [10, { on: "heard", node: elk }, []],
    [20, { on: "removed", node: owl }, [{ is: "ask-node-list", of: elk }]],
    [30, { on: "removed", node: elk }, [{ is: "comm-up" }]],
  ]);
});
