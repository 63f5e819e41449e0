import test from "node:test";
import { milliseconds, nodeName, seconds } from "../../../src/base/units.ts";
import { Liveness } from "../../../src/core/membership/liveness.ts";
import { play } from "../../support/play.ts";

const owl = nodeName("owl");
const elk = nodeName("elk");
const heard = { on: "heard", node: owl, deadtime: seconds(3) } as const;
const deadline = { on: "deadline" } as const;

test("before communication is up everybody has initdead, whoever was heard and then fell silent too", () => {
  play(new Liveness(), [
    [0, { on: "start", nodes: [owl, elk], initdead: seconds(10) }, []],
    [1000, heard, []],
    [4000, deadline, []],
    [9999, deadline, []],
    [
      10_000,
      deadline,
      [
        { is: "dead", node: owl, silence: milliseconds(9000) },
        { is: "dead", node: elk, silence: undefined },
      ],
    ],
    [10_000, deadline, []],
  ]);
});

test("afterwards a node silent for exactly the dead time it announced is dead, once", () => {
  play(new Liveness(), [
    [0, { on: "start", nodes: [owl], initdead: seconds(10) }, []],
    [1000, heard, []],
    [1500, { on: "comm-up" }, []],
    [2000, heard, []],
    [4999, deadline, []],
    [5000, deadline, [{ is: "dead", node: owl, silence: milliseconds(3000) }]],
    [60_000, deadline, []],
  ]);
});

test("a loop that slept gives everybody one keepalive more, from when it woke", () => {
  play(new Liveness(), [
    [0, { on: "start", nodes: [owl], initdead: seconds(10) }, []],
    [1000, heard, []],
    [1000, { on: "comm-up" }, []],
    [4500, { on: "stalled", late: seconds(3), keepalive: seconds(1) }, []],
    [4500, deadline, []],
    [5499, deadline, []],
    [5500, deadline, [{ is: "dead", node: owl, silence: milliseconds(4500) }]],
  ]);
});

test("a node that joins later has its dead time, at the start initdead; one that is removed cannot die", () => {
  play(new Liveness(), [
    [0, { on: "start", nodes: [], initdead: seconds(10) }, []],
    [1000, { on: "joined", node: owl, deadtime: seconds(3) }, []],
    [4000, deadline, []],
    [5000, { on: "comm-up" }, []],
    [5000, { on: "joined", node: elk, deadtime: seconds(3) }, []],
    [7999, deadline, []],
    [8000, deadline, [{ is: "dead", node: elk, silence: undefined }]],
    [9000, { on: "removed", node: owl }, []],
    [60_000, deadline, []],
  ]);
});
