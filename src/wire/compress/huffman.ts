/**
 * Code lengths from frequencies: the shortest prefix code whose codes are no longer than a limit allows.
 *
 * Where the best code is too deep, the frequencies are flattened and it is built again: rare symbols become a little less rare, which
 * costs hardly anything and ends after a few rounds.
 */
export function codeLengths(frequencies: readonly number[], longest: number): Uint8Array {
  let weights = frequencies.map((frequency) => Math.max(1, frequency));
  for (;;) {
    const lengths = depths(weights);
    if (lengths.every((length) => length <= longest)) return lengths;
    weights = weights.map((weight) => (weight >> 1) + 1);
  }
}

/** The depth of each leaf in the tree that joins the two lightest again and again; leaves and joints are queues in order of weight. */
function depths(weights: readonly number[]): Uint8Array {
  const n = weights.length;
  const leaves = weights.map((_, i) => i).sort((a, b) => (weights[a] ?? 0) - (weights[b] ?? 0) || a - b);
  const weight = [...weights];
  const parent: number[] = [];
  let leaf = 0;
  let joint = n;
  const lightest = (): number => {
    const next = leaves[leaf];
    if (next !== undefined && (joint >= weight.length || (weight[next] ?? 0) <= (weight[joint] ?? 0))) {
      leaf++;
      return next;
    }
    return joint++;
  };
  while (weight.length < 2 * n - 1) {
    const a = lightest();
    const b = lightest();
    parent[a] = weight.length;
    parent[b] = weight.length;
    weight.push((weight[a] ?? 0) + (weight[b] ?? 0));
  }
  const depth = new Uint16Array(2 * n - 1);
  for (let node = 2 * n - 3; node >= 0; node--) depth[node] = (depth[parent[node] ?? 0] ?? 0) + 1;
  return Uint8Array.from(depth.subarray(0, n), (each) => Math.min(255, each));
}

/** The codes that belong to lengths: of equal length in the order of symbols, shorter ones first. */
export function canonicalCodes(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length);
  let code = 0;
  for (let length = 1; length <= Math.max(...lengths); length++, code <<= 1)
    for (let symbol = 0; symbol < lengths.length; symbol++) if (lengths[symbol] === length) codes[symbol] = code++;
  return codes;
}
