import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Ordered } from "../../src/client/ordered.ts";
import { type Message, stringOf, text } from "../../src/wire/message.ts";

const message = (words: string): Message =>
  words.split(" ").map((word) => text(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1)));
const said = (oseq: string, more = ""): string => `t=x src=fox hg=5 client_gen=1 oseq=${oseq}${more}`;
const leave = (client: number) => `t=hbapi-clstat st=leave src=fox from_id=me client_gen=${client}`;

/** What comes out for each that goes in, by the number or the type. */
function play(...rows: readonly (readonly [put: string, ...got: string[]])[]): void {
  const ordered = new Ordered();
  for (const [put, ...got] of rows)
    assert.deepEqual(
      ordered.push(message(put)).map((each) => stringOf(each, "oseq") ?? stringOf(each, "st") ?? stringOf(each, "t")),
      got,
      put,
    );
}

test("numbers are hexadecimal; what is missing is waited for, what is old is dropped", () =>
  play(
    [said("9"), "9"],
    [said("b")],
    [said("8")],
    [said("c")],
    [said("a"), "a", "b", "c"],
    [said("b")],
    ["t=x src=fox hg=5", "x"],
    ["t=x src=fox hg=5 oseq=zz", "zz"],
  ));

test("what is for all, what is for us and what other nodes say have their own numbers", () =>
  play(
    [said("1"), "1"],
    [said("5", " dest=owl"), "5"],
    [said("3")],
    [said("6", " dest=owl"), "6"],
    ["t=x src=elk hg=1 client_gen=0 oseq=3", "3"],
    [said("2"), "2", "3"],
  ));

test("a jump of 500 begins anew; one less is waited for", () => {
  play([said("1"), "1"], [said((501).toString(16))], [said("2"), "2"]);
  play(
    [said("1"), "1"],
    [said("3")],
    [said((502).toString(16)), "1f6"],
    [said("2")],
    [said((503).toString(16)), "1f7"],
  );
});

test("a restarted node begins anew, and its former life is over", () =>
  play(
    [said("7"), "7"],
    [said("9")],
    ["t=x src=fox hg=6 client_gen=0 oseq=1", "1"],
    [said("8")],
    ["t=x src=fox hg=6 client_gen=0 oseq=2", "2"],
  ));

test("a later client of the same name waits until the leave of the earlier one; one before it is nobody", () =>
  play(
    [said("1"), "1"],
    ["t=x src=fox hg=5 client_gen=2 oseq=1"],
    ["t=x src=fox hg=5 client_gen=2 oseq=2"],
    [said("2"), "2"],
    ["t=x src=fox hg=5 client_gen=0 oseq=3"],
    [leave(0), "leave"],
    [leave(1), "leave", "1", "2"],
    [said("3")],
    ["t=x src=fox hg=5 client_gen=2 oseq=3", "3"],
    ["t=hbapi-clstat st=leave src=elk client_gen=1", "leave"],
  ));

test("the death of a node forgets its numbers", () =>
  play(
    [said("1"), "1"],
    [said("3")],
    ["t=status src=fox st=dead", "dead"],
    [said("8"), "8"],
    ["t=status src=fox st=up", "up"],
  ));

test("any order within the window comes out in order, each once, after the first that was seen", () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray(
        Array.from({ length: 40 }, (_, i) => i + 2),
        { minLength: 39 },
      ),
      (numbers) => {
        const ordered = new Ordered();
        const out = [1, ...numbers, ...numbers].flatMap((n) =>
          ordered.push(message(said(n.toString(16)))).map((each) => Number.parseInt(stringOf(each, "oseq") ?? "", 16)),
        );
        const expected: number[] = [];
        for (let n = 1; n === 1 || numbers.includes(n); n++) expected.push(n);
        assert.deepEqual(out, expected);
      },
    ),
  );
});
