import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { type ListNews, ListTeller, readListNews } from "../../src/drivers/list-news.ts";

/** As it arrives in another process. */
const carried = (news: ListNews<object>): ListNews<object> => JSON.parse(JSON.stringify(news));

test("what the last version had is told as its place there", () => {
  const teller = new ListTeller<object>();
  const [a, b, c] = [{ is: "a" }, { is: "b" }, { is: "c" }];
  assert.deepEqual(teller.next([a, b]), [a, b]);
  assert.deepEqual(teller.next([c, b, a]), [c, 1, 0]);
  assert.deepEqual(teller.next([a, { is: "b" }]), [2, b], "another object is another entry, however alike");
  teller.forget();
  assert.deepEqual(teller.next([a]), [a]);
});

test("whatever is told, the other end has the same list", () => {
  const entries = Array.from({ length: 6 }, (_, i) => ({ i }));
  const lists = fc.array(fc.array(fc.constantFrom(...entries)));
  fc.assert(
    fc.property(lists, (versions) => {
      const teller = new ListTeller<object>();
      let heard: object[] = [];
      for (const version of versions) {
        heard = readListNews(carried(teller.next(version)), heard);
        assert.deepEqual(heard, version);
      }
    }),
  );
});

test("a place that there is not is left out", () => {
  assert.deepEqual(readListNews([7, { is: "a" }, -1], [{ is: "b" }]), [{ is: "a" }]);
});
