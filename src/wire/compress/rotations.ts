/**
 * The order of all rotations of a text: what the Burrows-Wheeler transform sorts by.
 *
 * Sorted by the first byte, then by two, four, eight bytes: who knows the order by k bytes knows the one by 2k, because the second
 * half of each rotation is a rotation, too. Every round is two passes of counting, so that the worst text (one that repeats itself)
 * costs n times log n, and none is a trap.
 */
export function sortRotations(text: Uint8Array): Uint32Array {
  const n = text.length;
  let order = new Uint32Array(n);
  let rank = new Uint32Array(n);
  const starts = new Uint32Array(Math.max(256, n) + 1);
  for (let i = 0; i < n; i++) bump(starts, at(text, i) + 1);
  for (let byte = 0; byte < 256; byte++) starts[byte + 1] = at(starts, byte + 1) + at(starts, byte);
  for (let i = 0; i < n; i++) order[take(starts, at(text, i))] = i;
  let classes = 0;
  for (let i = 0; i < n; i++) {
    const here = at(order, i);
    if (i > 0 && at(text, here) !== at(text, at(order, i - 1))) classes++;
    rank[here] = classes;
  }
  classes++;

  let nextOrder = new Uint32Array(n);
  let nextRank = new Uint32Array(n);
  for (let k = 1; classes < n && k < n; k *= 2) {
    starts.fill(0, 0, classes + 1);
    for (let i = 0; i < n; i++) bump(starts, at(rank, i) + 1);
    for (let c = 0; c < classes; c++) starts[c + 1] = at(starts, c + 1) + at(starts, c);
    // The rotations by their second halves are the known order, each k earlier.
    for (let i = 0; i < n; i++) {
      const second = at(order, i);
      const first = second >= k ? second - k : second - k + n;
      nextOrder[take(starts, at(rank, first))] = first;
    }
    let previous = at(nextOrder, 0);
    let last = 0;
    nextRank[previous] = 0;
    for (let i = 1; i < n; i++) {
      const here = at(nextOrder, i);
      if (at(rank, here) !== at(rank, previous) || at(rank, around(here + k, n)) !== at(rank, around(previous + k, n)))
        last++;
      nextRank[here] = last;
      previous = here;
    }
    classes = last + 1;
    [order, nextOrder] = [nextOrder, order];
    [rank, nextRank] = [nextRank, rank];
  }
  return order;
}

const at = (numbers: Uint32Array | Uint8Array, i: number): number => numbers[i] ?? 0;
const around = (i: number, n: number): number => (i < n ? i : i - n);

function bump(counts: Uint32Array, i: number): void {
  counts[i] = at(counts, i) + 1;
}

/** The next free place of a class. */
function take(starts: Uint32Array, c: number): number {
  const place = at(starts, c);
  starts[c] = place + 1;
  return place;
}
