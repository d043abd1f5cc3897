/**
 * Orders in which an engine may add up a long sum in float32. What they differ by is the noise of a correct engine.
 *
 *   exact     float64: even and odd places apart, then the two (as the reference)
 *   naive     one after another, each product and sum in one rounding (fused multiply-add)
 *   chunked   the same over pieces of 32, the pieces added to a total
 *   pairwise  halves of halves, down to 8 values; product and sum are rounded each
 *   lanes     16 sums side by side (SIMD), then halved
 */
export const ORDERS = ["exact", "naive", "chunked", "pairwise", "lanes"] as const;
export type Order = (typeof ORDERS)[number];

const { fround } = Math;

/** sum_i a[at + i] b[bt + i step], i < length. */
export type Dot = (
  a: ArrayLike<number>,
  at: number,
  b: ArrayLike<number>,
  bt: number,
  step: number,
  length: number,
) => number;

/** Up to four rows that follow each other in `a`, each against the same `b`; the sums go to `into`. */
export type Dots = (
  a: Float32Array,
  at: number,
  rows: number,
  b: Float64Array,
  bt: number,
  length: number,
  into: Float64Array,
) => void;

const exact: Dot = (a, at, b, bt, step, length) => {
  let [even, odd] = [0, 0];
  const pairs = length & ~1;
  for (let i = 0; i < pairs; i += 2) {
    even += a[at + i]! * b[bt + i * step]!;
    odd += a[at + i + 1]! * b[bt + (i + 1) * step]!;
  }
  if (pairs < length) even += a[at + pairs]! * b[bt + pairs * step]!;
  return even + odd;
};

const naive: Dot = (a, at, b, bt, step, length) => {
  let sum = 0;
  for (let i = 0; i < length; i++) sum = fround(sum + a[at + i]! * b[bt + i * step]!);
  return sum;
};

const CHUNK = 32;

const chunked: Dot = (a, at, b, bt, step, length) => {
  let total = 0;
  for (let from = 0; from < length; from += CHUNK) {
    total = fround(total + naive(a, at + from, b, bt + from * step, step, Math.min(CHUNK, length - from)));
  }
  return total;
};

const pairwise: Dot = (a, at, b, bt, step, length) => {
  if (length > 8) {
    const half = (length >> 4) * 8 || 8;
    return fround(
      pairwise(a, at, b, bt, step, half) + pairwise(a, at + half, b, bt + half * step, step, length - half),
    );
  }
  let sum = 0;
  for (let i = 0; i < length; i++) sum = fround(sum + fround(a[at + i]! * b[bt + i * step]!));
  return sum;
};

const LANES = 16;
const lane = new Float64Array(LANES);

/** Four lanes at a time, so that their sums need not be stored after each step, nor wait for each other. */
const lanes: Dot = (a, at, b, bt, step, length) => {
  const whole = length - (length % LANES);
  for (let j = 0; j < LANES; j += 4) {
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let i = j; i < whole; i += LANES) {
      const [x, y] = [at + i, bt + i * step];
      s0 = fround(s0 + a[x]! * b[y]!);
      s1 = fround(s1 + a[x + 1]! * b[y + step]!);
      s2 = fround(s2 + a[x + 2]! * b[y + 2 * step]!);
      s3 = fround(s3 + a[x + 3]! * b[y + 3 * step]!);
    }
    lane[j] = s0;
    lane[j + 1] = s1;
    lane[j + 2] = s2;
    lane[j + 3] = s3;
  }
  for (let i = whole; i < length; i++) lane[i - whole] = fround(lane[i - whole]! + a[at + i]! * b[bt + i * step]!);
  for (let half = LANES / 2; half >= 1; half /= 2) {
    for (let j = 0; j < half; j++) lane[j] = fround(lane[j]! + lane[j + half]!);
  }
  return lane[0]!;
};

const DOT: Record<Order, Dot> = { exact, naive, chunked, pairwise, lanes };

export function dotOf(order: Order): Dot {
  return DOT[order];
}

/** Four at once where that is faster: the sums do not wait for each other. The bits are those of one by one. */
export function dotsOf(order: Order): Dots {
  if (order === "exact") return exactDots;
  if (order === "naive") return naiveDots;
  if (order === "chunked") return chunkedDots;
  if (order === "pairwise") return pairwiseDots;
  const dot = DOT[order];
  return (a, at, rows, b, bt, length, into) => {
    for (let r = 0; r < rows; r++) into[r] = dot(a, at + r * length, b, bt, 1, length);
  };
}

const exactDots: Dots = (a, at, rows, b, bt, length, into) => {
  if (rows < 4) return oneByOne(exact, a, at, rows, b, bt, length, into);
  const [a1, a2, a3] = [at + length, at + 2 * length, at + 3 * length];
  let [e0, o0, e1, o1, e2, o2, e3, o3] = [0, 0, 0, 0, 0, 0, 0, 0];
  const pairs = length & ~1;
  for (let i = 0; i < pairs; i += 2) {
    const even = b[bt + i]!;
    const odd = b[bt + i + 1]!;
    e0 += a[at + i]! * even;
    o0 += a[at + i + 1]! * odd;
    e1 += a[a1 + i]! * even;
    o1 += a[a1 + i + 1]! * odd;
    e2 += a[a2 + i]! * even;
    o2 += a[a2 + i + 1]! * odd;
    e3 += a[a3 + i]! * even;
    o3 += a[a3 + i + 1]! * odd;
  }
  if (pairs < length) {
    const last = b[bt + pairs]!;
    e0 += a[at + pairs]! * last;
    e1 += a[a1 + pairs]! * last;
    e2 += a[a2 + pairs]! * last;
    e3 += a[a3 + pairs]! * last;
  }
  into[0] = e0 + o0;
  into[1] = e1 + o1;
  into[2] = e2 + o2;
  into[3] = e3 + o3;
};

const naiveDots: Dots = (a, at, rows, b, bt, length, into) => {
  if (rows < 4) return oneByOne(naive, a, at, rows, b, bt, length, into);
  naiveFour(a, at, length, b, bt, length, into, 0);
};

/** Four rows of `width`, of each a piece that begins at `at` in the first; the sums go to into[to...]. */
function naiveFour(
  a: Float32Array,
  at: number,
  width: number,
  b: Float64Array,
  bt: number,
  length: number,
  into: Float64Array,
  to: number,
): void {
  const [a1, a2, a3] = [at + width, at + 2 * width, at + 3 * width];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const x = b[bt + i]!;
    s0 = fround(s0 + a[at + i]! * x);
    s1 = fround(s1 + a[a1 + i]! * x);
    s2 = fround(s2 + a[a2 + i]! * x);
    s3 = fround(s3 + a[a3 + i]! * x);
  }
  into[to] = s0;
  into[to + 1] = s1;
  into[to + 2] = s2;
  into[to + 3] = s3;
}

const piece = new Float64Array(4);

const chunkedDots: Dots = (a, at, rows, b, bt, length, into) => {
  if (rows < 4) return oneByOne(chunked, a, at, rows, b, bt, length, into);
  into.fill(0, 0, 4);
  for (let from = 0; from < length; from += CHUNK) {
    naiveFour(a, at + from, length, b, bt + from, Math.min(CHUNK, length - from), piece, 0);
    for (let r = 0; r < 4; r++) into[r] = fround(into[r]! + piece[r]!);
  }
};

/** Of each depth of halving, four sums. */
const halves = new Float64Array(4 * 32);

const pairwiseDots: Dots = (a, at, rows, b, bt, length, into) => {
  if (rows < 4) return oneByOne(pairwise, a, at, rows, b, bt, length, into);
  pairwiseFour(a, at, length, b, bt, length, 0);
  for (let r = 0; r < 4; r++) into[r] = halves[r]!;
};

function pairwiseFour(
  a: Float32Array,
  at: number,
  width: number,
  b: Float64Array,
  bt: number,
  length: number,
  depth: number,
): void {
  const to = 4 * depth;
  if (length > 8) {
    const half = (length >> 4) * 8 || 8;
    pairwiseFour(a, at, width, b, bt, half, depth);
    pairwiseFour(a, at + half, width, b, bt + half, length - half, depth + 1);
    for (let r = to; r < to + 4; r++) halves[r] = fround(halves[r]! + halves[r + 4]!);
    return;
  }
  const [a1, a2, a3] = [at + width, at + 2 * width, at + 3 * width];
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (let i = 0; i < length; i++) {
    const x = b[bt + i]!;
    s0 = fround(s0 + fround(a[at + i]! * x));
    s1 = fround(s1 + fround(a[a1 + i]! * x));
    s2 = fround(s2 + fround(a[a2 + i]! * x));
    s3 = fround(s3 + fround(a[a3 + i]! * x));
  }
  halves[to] = s0;
  halves[to + 1] = s1;
  halves[to + 2] = s2;
  halves[to + 3] = s3;
}

function oneByOne(dot: Dot, ...[a, at, rows, b, bt, length, into]: Parameters<Dots>): void {
  for (let r = 0; r < rows; r++) into[r] = dot(a, at + r * length, b, bt, 1, length);
}
