/** What a recorded run of a large checkpoint is judged by: its rows against float64, its operations one by one. */
import type { Bundle } from "../../src/oracle/bundle-read.ts";
import type { Golden } from "../support/golden.ts";
import { worst } from "../support/divergence.ts";
import { type Bound, exact, floor, norm, outside, share, ulp } from "../support/within.ts";

/** One comparison: the bound's share that the largest error takes, and why it failed if it did. */
export interface Verdict {
  readonly what: string;
  readonly share: number;
  readonly why: string | undefined;
}

/** One row of one tap against float64. */
export interface RowVerdict extends Verdict {
  /** Ours is at least as near to float64 as Hugging Face's float32. */
  readonly nearer: boolean;
}

/** Every row of every tap that Hugging Face's bundle has: within 4 x its noise (its floor) of float64. */
export function judgeRows(ours: Bundle, theirs: Bundle, truth: Golden): RowVerdict[] {
  return theirs.manifest.taps.flatMap(({ name, shape: [rows, width] }) => {
    const [a, b] = [ours.read(name)!.data, theirs.read(name)!.data];
    const t = truth.values(name);
    return Array.from({ length: rows }, (_, r): RowVerdict => {
      const row = <T extends Float32Array | Float64Array>(x: T) => x.subarray(r * width, (r + 1) * width) as T;
      const noise = worst(row(b), row(t));
      return { ...judge(`${name} row ${r}`, row(a), row(t), floor(noise)), nearer: worst(row(a), row(t)) <= noise };
    });
  });
}

/** Sixteen columns of every tap that golden/hf_summary.py kept of the standard checkpoint: within 4 x the floor of float64. */
export function judgeColumns(ours: Bundle, truth: Golden, floors: Readonly<Record<string, number>>): Verdict[] {
  return truth.names.map((name) => {
    const { data, shape } = ours.read(name)!;
    const [kept, width] = [truth.shape(name)[1]!, shape[1]!];
    const some = Float32Array.from({ length: shape[0]! * kept }, (_, i) => {
      return data[Math.floor(i / kept) * width + Math.floor(((i % kept) * width) / kept)]!;
    });
    return judge(name, some, truth.values(name), floor(floors[name]!));
  });
}

/** Which input each matrix is applied to is golden/hf_steps.py's to know; here only what bound each operation has. */
const MATRICES = /\.(q|k|v|o|gate|up|down)$|^logits$/;

/**
 * Every operation on its own recorded inputs: against float64, and matrices against Hugging Face's module too, within
 * `c` u sum |w x|. With the sums of thousands of the full shape that is 1, of which its own float32 takes 0.67; where a
 * row has 32 values, each partial sum is as large as the whole, and it has been seen to take 3.7.
 */
export function judgeSteps(ours: Bundle, steps: Golden, headSize: number, c: number): Verdict[] {
  const read = (name: string) => ours.read(name)!.data;
  const names = steps.names.filter((name) => !/\.(size|hf)$/.test(name));
  const verdicts = names.flatMap((name) => {
    const [layer, short] = name.split(".") as [string, string | undefined];
    const verdict = (what: string, golden: ArrayLike<number>, bound: Bound) => judge(what, read(name), golden, bound);
    if (MATRICES.test(name)) {
      const size = steps.values(`${name}.size`);
      const module = verdict(`${name} (Hugging Face's module)`, steps.values(`${name}.hf`), norm(c, size));
      return [verdict(name, steps.values(name), norm(1, size)), module];
    }
    if (short === "qr" || short === "kr") {
      const bound = norm(4, pairs(read(`${layer}.${short[0]!}`), headSize));
      return [verdict(name, steps.values(name), bound)];
    }
    if (short === "a") {
      const bound = norm(1, largestValues(ours, layer, headSize));
      return [verdict(name, steps.values(name), bound)];
    }
    return [verdict(name, steps.values(name), ulp(1))];
  });
  return [...verdicts, ...sums(ours, new Set(names.map((name) => name.split(".")[0]!)))];
}

/** The two additions of a layer, to the bit; the first needs the layer before. */
function sums(ours: Bundle, layers: ReadonlySet<string>): Verdict[] {
  return [...layers].filter(isLayer).flatMap((layer) => {
    const add = (what: string, a: string, b: string) => {
      const [x, y] = [ours.read(a)?.data, ours.read(b)!.data];
      return x === undefined
        ? []
        : [
            judge(
              what,
              ours.read(what)!.data,
              x.map((value, i) => value + y[i]!),
              exact,
            ),
          ];
    };
    const before = layer === "0" ? "embed" : `${Number(layer) - 1}.out`;
    return [...add(`${layer}.mid`, before, `${layer}.o`), ...add(`${layer}.out`, `${layer}.mid`, `${layer}.down`)];
  });
}

function isLayer(name: string): boolean {
  return /^\d+$/.test(name);
}

/** |x| + |x'| of the two that RoPE turns together. */
function pairs(x: Float32Array, D: number): Float64Array {
  return Float64Array.from(x, (value, i) => {
    const other = x[i % D < D / 2 ? i + D / 2 : i - D / 2]!;
    return Math.abs(value) + Math.abs(other);
  });
}

/** The largest |v| of the channel so far: attention's weights sum to one. */
function largestValues(ours: Bundle, layer: string, D: number): Float64Array {
  const [a, v] = [ours.read(`${layer}.a`)!, ours.read(`${layer}.v`)!];
  const [[T = 0, HD = 0], [, KD = 0]] = [a.shape, v.shape];
  const found = new Float64Array(T * HD);
  for (let i = 0; i < found.length; i++) {
    const [t, c] = [Math.floor(i / HD), i % HD];
    const column = Math.floor(c / D / (HD / KD)) * D + (c % D);
    found[i] = Math.max(t > 0 ? found[i - HD]! : 0, Math.abs(v.data[t * KD + column]!));
  }
  return found;
}

function judge(what: string, actual: Float32Array, golden: ArrayLike<number>, bound: Bound): Verdict {
  return { what, share: share(actual, golden, bound), why: outside(actual, golden, bound) };
}
