/** rmsNorm: a workgroup a row. */
import { checkRows } from "../../src/reference/unwrap.ts";
import { bits, type Device, type Kernel } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { head } from "./text.ts";

/**
 * n[c] = x[c] / sqrt(mean x^2 + eps) g[c]
 *
 * numbers  float32: 64 sums of every 64th square, then a tree; inverseSqrt as the device has it (2 ulp)
 */
const NORM: Kernel = {
  name: "rmsNorm",
  reads: 2,
  writes: 1,
  code: `${head(["C", "eps: f32"], ["x", "g"], ["n"])}
var<workgroup> sums: array<f32, 64>;
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) row: vec3u, @builtin(local_invocation_index) lane: u32) {
  let at = row.x * p.C;
  var squares = 0f;
  for (var c = lane; c < p.C; c += 64) { squares += x[at + c] * x[at + c]; }
  sums[lane] = squares;
  workgroupBarrier();
  for (var half = 32u; half > 0; half /= 2) {
    if (lane < half) { sums[lane] += sums[lane + half]; }
    workgroupBarrier();
  }
  let scale = 1 / sqrt(sums[0] / f32(p.C) + p.eps);
  for (var c = lane; c < p.C; c += 64) { n[at + c] = x[at + c] * scale * g[c]; }
}`,
};

/** Throws ShapeError if the rows of x are not as wide as g. */
export function rmsNorm(device: Device, x: Remote, g: Remote, eps: number): Remote {
  const C = g.length;
  checkRows(x, C, "rmsNorm", "x");
  const n = device.make(x.shape);
  device.run(NORM, [x, g], [n], [C, bits(eps)], [x.shape[0]!, 1, 1]);
  return n;
}
