/** However small its fields are, a message has no more of them than can be read in passing. */
import assert from "node:assert/strict";
import test from "node:test";
import { bytesOf } from "../../src/wire/bytes.ts";
import { decodePlain } from "../../src/wire/framing.ts";
import { datagramMax, fieldsMax } from "../../src/wire/limits.ts";

const forms = [
  {
    name: "netstring",
    message: (content: string) => `###\n${content}%%%\n`,
    field: "6:(0)a=b,",
    nested: (content: string) => `${`(2)n=###\n${content}%%%\n`.length}:(2)n=###\n${content}%%%\n,`,
    list: (items: number) => `${5 + items * 4}:(3)l=${"1:x,".repeat(items)},`,
  },
  {
    name: "text",
    message: (content: string) => `>>>\n${content}<<<\n`,
    field: "a=b\n",
    nested: (content: string) => `(2)n=${`>>>\n${content}<<<\n`.replaceAll("\n", "\x14")}\n`,
    list: (items: number) => `(3)l=${"1:x,".repeat(items)}\n`,
  },
];

for (const { name, message, field, nested, list } of forms)
  test(`${name}: ${fieldsMax} fields are read, one more is not, wherever it stands`, () => {
    const reads = (content: string): boolean => decodePlain(bytesOf(message(content))).ok;
    assert.ok(reads(field.repeat(fieldsMax)));
    assert.ok(!reads(field.repeat(fieldsMax + 1)));
    assert.ok(reads(field.repeat(fieldsMax - 11) + nested(field.repeat(10))));
    assert.ok(!reads(field.repeat(fieldsMax - 10) + nested(field.repeat(10))), "nested ones count");
    assert.ok(!reads(nested(field.repeat(10)) + field.repeat(fieldsMax - 10)), "and are remembered");
    assert.ok(reads(list(fieldsMax - 1)));
    assert.ok(!reads(list(fieldsMax)), "items of lists count");
    assert.ok(!reads(list(10) + list(fieldsMax - 11)), "a second list of one name, too");
  });

test("what arrives without compression never has as many", () => {
  assert.ok(datagramMax / "5:(1)a=,".length < fieldsMax);
});
