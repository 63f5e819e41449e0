/** Messages and damaged bytes for property tests. */
import fc from "fast-check";
import type { Field, Message } from "../../src/wire/message.ts";

const latin1 = (from: number) => fc.integer({ min: from, max: 255 }).map((code) => String.fromCharCode(code));
const textOfUnits = (unit: fc.Arbitrary<string>, maxLength: number) => fc.string({ unit, maxLength });

/** Any name both framings can write. */
const anyName = fc
  .string({ unit: latin1(1), minLength: 1, maxLength: 12 })
  .filter((name) => name[0] !== "(" && !/[=\n]/.test(name));
const textName = fc
  .string({ unit: latin1(32), minLength: 1, maxLength: 12 })
  .filter((name) => name[0] !== "(" && !name.includes("="));

/** Objects like those of our decoders, which `deepEqual` compares prototype and all. */
const plain = { noNullPrototype: true };

const bytes = fc.uint8Array({ maxLength: 40 });

/** Names are unique, because two lists of one name are one list when they are read. */
const messageOf = (name: fc.Arbitrary<string>, value: fc.Arbitrary<string>, item: fc.Arbitrary<string>) =>
  fc.letrec<{ message: Message; field: Field }>((tie) => ({
    message: fc.uniqueArray(tie("field"), { selector: ({ name }) => name, maxLength: 8 }),
    field: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.record({ type: fc.constant("string" as const), name, value }, plain),
      fc.record({ type: fc.constant("binary" as const), name, value: bytes }, plain),
      fc.record({ type: fc.constant("compressed" as const), name, value: bytes }, plain),
      fc.record({ type: fc.constant("list" as const), name, value: fc.array(item, { maxLength: 5 }) }, plain),
      fc.record({ type: fc.constant("struct" as const), name, value: tie("message") }, plain),
    ),
  })).message;

/** Whatever netstring framing can carry. */
export const anyMessage: fc.Arbitrary<Message> = messageOf(
  anyName,
  textOfUnits(latin1(1), 40),
  textOfUnits(latin1(1), 20),
);

/** Whatever classic framing carries unchanged: no control characters but newlines in strings. */
export const anyTextMessage: fc.Arbitrary<Message> = messageOf(
  textName,
  textOfUnits(fc.oneof(latin1(32), fc.constant("\n")), 40),
  textOfUnits(latin1(32), 20),
);

/** Noise, and what `encode` makes of messages with some bytes changed, cut out, doubled, or the end missing. */
export const damaged = <T>(source: fc.Arbitrary<T>, encode: (value: T) => Uint8Array): fc.Arbitrary<Uint8Array> =>
  fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc
      .tuple(
        source,
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 }), fc.constantFrom("set", "cut", "double", "end")), {
          maxLength: 4,
        }),
      )
      .map(([value, changes]) => {
        let frame = [...encode(value)];
        for (const [where, byte, change] of changes) {
          const at = where % (frame.length + 1);
          if (change === "set") frame[at] = byte;
          else if (change === "cut") frame.splice(at, 1 + (byte % 8));
          else if (change === "double") frame.splice(at, 0, ...frame.slice(at, at + (byte % 32)));
          else frame = frame.slice(0, at);
        }
        return Uint8Array.from(frame);
      }),
  );
