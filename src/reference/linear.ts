import { ShapeError } from "../errors.ts";
import { type AnyTensor, type Host, isStored, type Tensor, zeros } from "../tensor.ts";
import { data, eachRows } from "./unwrap.ts";

/**
 * Linear map: every output is one row of W against the input, plus its bias where there is one.
 *
 *   y[t o] = sum_i W[o i] x[t i] + b[o]
 *
 * shapes   x [T I], W [O I], b [O] -> [T O]; W may be stored in any number format and is widened a few rows at a time
 * numbers  products and sums in float64, in four lanes by i mod 4, then (0 + 1) + (2 + 3), then the bias; one rounding
 *          on store. A row of y depends on its row of x alone, so chunks of any size give the same bits.
 * cost     2 T O I flops; O I weights read once
 * throws   ShapeError if the widths of x, W and b do not fit
 * source   torch.nn.functional.linear; transformers qwen2: q_proj, k_proj, v_proj (with bias), o_proj, gate_proj, up_proj,
 *          down_proj, lm_head (without)
 * golden   ops/linear
 */
export function linear<I extends string, O extends string>(
  x: Tensor<`T ${I}`>,
  W: Tensor<`${O} ${NoInfer<I>}`>,
  b?: Tensor<NoInfer<O>>,
): Host<`T ${O}`> {
  const input = new Float64Array(data(x, "linear")); // widened once: a fifth faster than in every product
  const bias = b === undefined ? undefined : data(b, "linear");
  const { T, I, O } = sizes(x, W, bias);
  const y = zeros<`T ${O}`>(T, O);
  eachRows(W, "linear", (rows, first, count) => {
    for (let o = 0; o < count; o++) {
      const added = bias === undefined ? 0 : bias[first + o]!;
      for (let t = 0; t < T; t++) y.data[t * O + first + o] = dot(rows, o * I, input, t * I, I) + added;
    }
  });
  return y;
}

/** sum_i a[i] b[i] over `length` values from each offset, in float64 and in four lanes. */
export function dot(a: Float32Array, at: number, b: Float64Array, bt: number, length: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    s0 += a[at + i]! * b[bt + i]!;
    s1 += a[at + i + 1]! * b[bt + i + 1]!;
    s2 += a[at + i + 2]! * b[bt + i + 2]!;
    s3 += a[at + i + 3]! * b[bt + i + 3]!;
  }
  for (let i = whole; i < length; i++) s0 += a[at + i]! * b[bt + i]!;
  return s0 + s1 + (s2 + s3);
}

function sizes(x: AnyTensor, W: AnyTensor, bias: Float32Array | undefined) {
  const [T = 0, width] = x.shape;
  const [O = 0, I = 0] = W.shape;
  if (x.shape.length !== 2 || W.shape.length !== 2 || width !== I || (bias !== undefined && bias.length !== O)) {
    throw new ShapeError("E_SHAPE", "linear", {
      expected: `x [T ${I}] and b [${O}] for W [${W.shape.join(" ")}]`,
      actual: `x [${x.shape.join(" ")}]${bias === undefined ? "" : ` and b [${bias.length}]`}`,
      tensor: isStored(W) ? W.name : undefined,
      hint: "Check the model's config against its tensors.",
    });
  }
  return { T, I, O };
}
