/**
 * Code lengths from frequencies: the shortest prefix code whose codes are no longer than a limit allows.
 *
 * Where the best code is too deep, the frequencies are flattened and it is built again: rare symbols become a little less rare, which
 * costs hardly anything and ends after a few rounds.
 */
export function codeLengths(frequencies: ArrayLike<number>, longest: number): Uint8Array {
  const weights = new Float64Array(frequencies.length);
  for (let i = 0; i < weights.length; i++) weights[i] = Math.max(1, frequencies[i] ?? 0);
  for (;;) {
    const lengths = depths(weights);
    if (lengths.every((length) => length <= longest)) return lengths;
    for (let i = 0; i < weights.length; i++) weights[i] = Math.floor((weights[i] ?? 0) / 2) + 1;
  }
}

/** A symbol's place is in the lower digits of what is sorted: 2^26 times 512 is still exact. */
const placeBase = 512;

/** The depth of each leaf in the tree that joins the two lightest again and again; leaves and joints are queues in order of weight. */
function depths(weights: Float64Array): Uint8Array {
  const n = weights.length;
  const sorted = new Float64Array(n);
  for (let i = 0; i < n; i++) sorted[i] = (weights[i] ?? 0) * placeBase + i;
  sorted.sort();
  const weight = new Float64Array(2 * n - 1); // of leaves in order of weight, then of joints
  for (let i = 0; i < n; i++) weight[i] = Math.floor((sorted[i] ?? 0) / placeBase);
  const parent = new Uint16Array(2 * n - 1);
  let leaf = 0;
  let joint = n;
  for (let next = n; next < 2 * n - 1; next++) {
    let sum = 0;
    for (let child = 0; child < 2; child++) {
      const isLeaf = leaf < n && (joint >= next || (weight[leaf] ?? 0) <= (weight[joint] ?? 0));
      const lightest = isLeaf ? leaf++ : joint++;
      parent[lightest] = next;
      sum += weight[lightest] ?? 0;
    }
    weight[next] = sum;
  }
  const depth = new Uint16Array(2 * n - 1);
  for (let node = 2 * n - 3; node >= 0; node--) depth[node] = (depth[parent[node] ?? 0] ?? 0) + 1;
  const lengths = new Uint8Array(n);
  for (let i = 0; i < n; i++) lengths[(sorted[i] ?? 0) % placeBase] = Math.min(255, depth[i] ?? 0);
  return lengths;
}

/** The codes that belong to lengths: of equal length in the order of symbols, shorter ones first. */
export function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  const longest = Math.max(...lengths);
  let code = 0;
  for (let length = 1; length <= longest; length++, code <<= 1)
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) codes[symbol] = code++;
  return codes;
}
