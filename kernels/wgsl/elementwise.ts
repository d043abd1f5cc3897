/** swiglu, add: one thread a number. */
import { ShapeError } from "../../src/errors.ts";
import type { Device, Kernel } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { BUILTINS, FLAT, groupsOf, head } from "./text.ts";

const of = (name: string, value: string, functions = ""): Kernel => ({
  name,
  reads: 2,
  writes: 1,
  code: `${head(["length"], ["a", "b"], ["z"])}
${functions}
@compute @workgroup_size(64) fn main(${BUILTINS}) {
  let i = ${FLAT};
  if (i < p.length) { z[i] = ${value}; }
}`,
});

/** z = a + b: the same bits as the reference. */
export const ADD = of("add", "a[i] + b[i]");

/**
 * h = g sigmoid(g) u, with e = exp(-|g|), so that nothing overflows: sigmoid(g) = 1 / (1 + e), below zero e / (1 + e).
 * WGSL allows its own exp an error of 3 + 2 |x| ulp; this one has the two parts of ln 2 and the polynomial that
 * kernels/wasm/assembly/exp.ts has. Where e is far smaller than float32 goes and e u is not, 2^n comes in three factors.
 *
 * numbers  float32: 1.5 ulp of e, 2.5 of the quotient, a rounding for each sum and product; what is below 2^-126 may be 0
 */
export const SWIGLU = of(
  "swiglu",
  "silu(a[i], b[i])",
  `fn power(n: i32) -> f32 { return bitcast<f32>((n + 127) << 23); }
fn silu(g: f32, u: f32) -> f32 {
  let x = max(-abs(g), -262);
  let n = round(x * 1.44269504);
  let s = (x - n * 0.693145751953125) - n * 1.428606765330187e-6;
  var c = 0.000198527617612853646 * s + 0.00139304355252534151;
  c = c * s + 0.00833336077630519867;
  c = c * s + 0.0416664853692054749;
  c = c * s + 0.166666671633720398;
  c = c * s + 0.5;
  let f = 1 + (s * s * c + s);
  let whole = i32(n);
  let third = whole / 3;
  let rest = power(whole - 2 * third);
  let e = f * power(third) * power(third) * rest;
  if (g >= 0) { return g / (1 + e) * u; }
  return g * (f * power(third)) / (1 + e) * u * power(third) * rest;
}`,
);

/** Runs one of them. Throws ShapeError if the two differ in shape. */
export function elementwise(device: Device, kernel: Kernel, a: Remote, b: Remote): Remote {
  if (a.shape.length !== b.shape.length || a.shape.some((n, axis) => n !== b.shape[axis])) {
    throw new ShapeError("E_SHAPE", kernel.name, {
      expected: "two tensors of one shape",
      actual: `[${a.shape.join(" ")}] and [${b.shape.join(" ")}]`,
      hint: "Check the model's config against its tensors.",
    });
  }
  const z = device.make(a.shape);
  device.run(kernel, [a, b], [z], [z.length], groupsOf(z.length));
  return z;
}
