/**
 * Sketches: a row of any width as 48 numbers whose distances are, to a fifth or so, those of the rows themselves
 * (Johnson and Lindenstrauss). Enough to find the layer where two engines part, in a hundredth of the space.
 *
 *   s[j] = 1/sqrt(48) sum_c (-1)^b(c, j) x[c],   j = 0 ... 47
 *   b(c, j) is bit j (0 the lowest) of word c of splitmix64 started with 0
 *
 * The signs are the same for every row of every tap, so sketch(x) - sketch(y) = sketch(x - y), and
 * E |sketch(x)|^2 = |x|^2 with a relative standard deviation of at most sqrt(2/48) = 0.20 over the choice of signs;
 * the length of a row is known to a tenth (1/sqrt(2 * 48)), and a relative error |sketch(x - y)| / |sketch(x)|, a quotient of
 * two, to 14 %.
 *
 * numbers  sums in float64 in the order of the columns, one quotient, one rounding to float32: in float16, what float32
 *          engines do wrong would be lost in the rounding
 * cost     48 T additions a column
 * source   Achlioptas 2003, "Database-friendly random projections" (JCSS 66:4), theorem 1.1
 */
import { splitmix64 } from "../generate/random.ts";
import { host, type Host } from "../tensor.ts";

/** Numbers in a sketch: every tap of SmolLM2's 30 layers for 16 tokens, with its noise, in less than 2 MB. */
export const SKETCH_WIDTH = 48;
const SCALE = Math.sqrt(SKETCH_WIDTH);

/** As a bundle's manifest says how its sketches were made. */
export const SKETCH = { kind: "rademacher", k: SKETCH_WIDTH, generator: "splitmix64", seed: 0 } as const;

/** Low and high half of each column's word, for as many columns as were asked for so far. */
let signs = new Uint32Array(0);

/** The sketch of each row: [T, width] -> [T, 48]. */
export function sketch(x: Pick<Host<string>, "shape" | "data">): Host<string> {
  const [rows = 0, width = 0] = x.shape;
  const words = signsOf(width);
  const result = new Float32Array(rows * SKETCH_WIDTH);
  for (let t = 0; t < rows; t++) {
    result.set(sketchRow(x.data.subarray(t * width, (t + 1) * width), words), t * SKETCH_WIDTH);
  }
  return host([rows, SKETCH_WIDTH], result);
}

function sketchRow(row: Float32Array, words: Uint32Array): Float64Array {
  const sums = new Float64Array(SKETCH_WIDTH);
  for (let c = 0; c < row.length; c++) {
    const x = row[c]!;
    let [low, high] = [words[2 * c]!, words[2 * c + 1]!];
    for (let j = 0; j < 32; j++, low >>>= 1) sums[j]! += low & 1 ? -x : x;
    for (let j = 32; j < SKETCH_WIDTH; j++, high >>>= 1) sums[j]! += high & 1 ? -x : x;
  }
  return sums.map((sum) => sum / SCALE);
}

function signsOf(columns: number): Uint32Array {
  if (signs.length < 2 * columns) {
    signs = new Uint32Array(2 * columns);
    splitmix64(0n, columns).forEach((word, c) => {
      signs[2 * c] = Number(word & 0xffffffffn);
      signs[2 * c + 1] = Number(word >> 32n);
    });
  }
  return signs;
}
