/** attention: a workgroup for each token and query head, keys in blocks of 64, softmax as they come. */
import { attentionSizes } from "../../src/reference/attention.ts";
import { LimitError } from "../../src/errors.ts";
import { bits, type Device, type Kernel, type Place } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { head } from "./text.ts";
import type { AnyTensor } from "../../src/tensor.ts";

/** Each of 64 threads holds so many channels of the answer at most. */
const CHANNELS = 4;

/**
 * a = sum_s p[s] v[s], p = softmax_s(q . k[s] / sqrt D), over the keys up to the token's own.
 *
 * A block: each thread has one key's score; all find the largest so far, and what the sums so far weigh against it.
 *
 * numbers  float32; -1e30 stands for a key that is not seen. Scores and exponentials are shared in 64 words.
 */
const ATTENTION: Kernel = {
  name: "attention",
  reads: 3,
  writes: 1,
  code: `${head(["T", "S", "HD", "KD", "D", "shared_by", "scale: f32"], ["q", "k", "v"], ["a"])}
var<workgroup> weights: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) at: vec3u, @builtin(local_invocation_index) lane: u32) {
  let seen = p.S - p.T + at.y + 1;
  let query = at.y * p.HD + at.x * p.D;
  let column = at.x / p.shared_by * p.D;
  var most = -1e30f;
  var total = 0f;
  var sums: array<f32, ${CHANNELS}>;
  for (var first = 0u; first < seen; first += 64) {
    let s = first + lane;
    var score = -1e30f;
    if (s < seen) {
      var sum = 0f;
      for (var d = 0u; d < p.D; d++) { sum += q[query + d] * k[s * p.KD + column + d]; }
      score = sum * p.scale;
    }
    workgroupBarrier();
    weights[lane] = score;
    workgroupBarrier();
    let count = min(64, seen - first);
    let before = most;
    for (var i = 0u; i < count; i++) { most = max(most, weights[i]); }
    workgroupBarrier();
    weights[lane] = exp(score - most);
    workgroupBarrier();
    let fade = exp(before - most);
    total *= fade;
    for (var i = 0u; i < count; i++) { total += weights[i]; }
    for (var c = 0u; c < ${CHANNELS}; c++) {
      let d = lane + 64 * c;
      if (d >= p.D) { break; }
      var sum = sums[c] * fade;
      for (var i = 0u; i < count; i++) { sum += weights[i] * v[(first + i) * p.KD + column + d]; }
      sums[c] = sum;
    }
  }
  for (var c = 0u; c < ${CHANNELS}; c++) {
    let d = lane + 64 * c;
    if (d < p.D) { a[query + d] = sums[c] / total; }
  }
}`,
};

/** Keys and values as they lie: a tensor, or a part of a cache. */
export interface Kept extends AnyTensor {
  readonly place: Place;
}

/** Throws ShapeError as the reference; LimitError E_LIMIT_GPU for heads of more than 256. */
export function attention(device: Device, q: Remote, keys: Kept, values: Kept, D: number): Remote {
  const { T, HD, S, KD } = attentionSizes(q, keys, values, D);
  if (D > 64 * CHANNELS) {
    throw new LimitError("E_LIMIT_GPU", "attention", {
      expected: `heads of at most ${64 * CHANNELS}`,
      actual: `${D}`,
      hint: "Use --backend wasm.",
    });
  }
  const a = device.make(q.shape);
  const params = [T, S, HD, KD, D, HD / KD, bits(1 / Math.sqrt(D))];
  device.run(ATTENTION, [q, keys.place, values.place], [a], params, [HD / D, T, 1]);
  return a;
}
