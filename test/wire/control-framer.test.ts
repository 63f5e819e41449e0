import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { bytesOf, textOf } from "../../src/wire/bytes.ts";
import { type ControlDrop, ControlFramer, controlMessageMax } from "../../src/wire/control-framer.ts";
import { encodePlain } from "../../src/wire/framing.ts";
import { anyMessage, anyTextMessage } from "../support/arbitrary.ts";

/** What comes out of these portions, as text. */
function framed(...portions: string[]): { messages: string[]; dropped: ControlDrop[] } {
  const framer = new ControlFramer();
  const inputs = portions.map((portion) => framer.push(bytesOf(portion)));
  return {
    messages: inputs.flatMap(({ messages }) => messages.map(textOf)),
    dropped: inputs.flatMap(({ dropped }) => dropped),
  };
}

const standby = ">>>\nt=ask_resources\nrsc_hold=all\ninfo=me\n<<<\n";
const netstring = "###\n9:(0)t=x\n>>,%%%\n";

test("what a script writes in one go", () => {
  assert.deepEqual(framed(standby), { messages: [standby], dropped: [] });
  assert.deepEqual(framed(standby + netstring + standby), { messages: [standby, netstring, standby], dropped: [] });
});

test("text up to a start marker on its own line is skipped", () => {
  for (const before of [
    "\n",
    "x\n",
    "a=1\n<<<\n",
    "x>>>\n",
    ">>>>\n",
    ">>\n",
    ">>> \n",
    "\0",
    "longer than a marker\n",
  ])
    assert.deepEqual(framed(before + standby), { messages: [standby], dropped: [] }, JSON.stringify(before));
  assert.deepEqual(framed(`x${standby}`), { messages: [], dropped: [] });
});

test("messages arrive whole, whatever the portions, with a NUL behind or none", () =>
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          anyTextMessage.map((m) => encodePlain(m, "classic")),
          anyMessage.map((m) => encodePlain(m, "netstring")),
        ),
        { maxLength: 4 },
      ),
      fc.integer({ min: 1, max: 50 }),
      (encoded, portion) => {
        const written = encoded.flatMap((bytes) => (bytes.ok ? [textOf(bytes.value)] : []));
        const stream = written.join("");
        const portions = Array.from({ length: Math.ceil(stream.length / portion) }, (_, i) =>
          stream.slice(i * portion, (i + 1) * portion),
        );
        assert.deepEqual(framed(...portions), {
          messages: written.map((text) => text.replace(/\0$/, "")),
          dropped: [],
        });
      },
    ),
  ));

test("a writer that died half way costs its own message only", () => {
  assert.deepEqual(framed(`>>>\nt=half\n${standby}`), { messages: [standby], dropped: ["unfinished"] });
});

test("a message without end is dropped at the bound, and the next one is found", () => {
  const endless = `>>>\na=${"x".repeat(controlMessageMax)}\n<<<\n`;
  assert.deepEqual(framed(endless + standby), { messages: [standby], dropped: ["too-long"] });
  assert.deepEqual(framed(`###\n65536:(0)t=x\n${standby}`), { messages: [standby], dropped: ["too-long"] });
  const largest = `>>>\na=${"x".repeat(controlMessageMax - 11)}\n<<<\n`;
  assert.equal(largest.length, controlMessageMax);
  assert.deepEqual(framed(largest), { messages: [largest], dropped: [] });
});

test("lengths that are none are dropped, and the next message is found", () => {
  for (const bad of ["###\nx:\n", "###\n12345678:\n", "###\n%%x\n", "###\n%%%x\n", "###\n-1:\n"])
    assert.deepEqual(framed(bad + standby), { messages: [standby], dropped: ["malformed"] }, JSON.stringify(bad));
});

test("no bytes make it throw", () =>
  fc.assert(
    fc.property(
      fc.array(fc.oneof(fc.string(), fc.constantFrom(">>>\n", "<<<\n", "###\n", "%%%\n", "5:", ",", "\n")), {
        maxLength: 30,
      }),
      (parts) => {
        const { messages } = framed(parts.join("").replaceAll(/[^\0-\xff]/g, "?"));
        for (const message of messages) assert.match(message, /^(>>>\n[\s\S]*<<<\n|###\n[\s\S]*%%%\n)$/);
      },
    ),
  ));
