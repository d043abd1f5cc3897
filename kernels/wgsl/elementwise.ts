/** swiglu, add: one thread a number. */
import { ShapeError } from "../../src/errors.ts";
import type { Device, Kernel } from "./device.ts";
import type { Remote } from "./tensor.ts";
import { BUILTINS, FLAT, groupsOf, head } from "./text.ts";

const of = (name: string, value: string): Kernel => ({
  name,
  reads: 2,
  writes: 1,
  code: `${head(["length"], ["a", "b"], ["z"])}
@compute @workgroup_size(64) fn main(${BUILTINS}) {
  let i = ${FLAT};
  if (i < p.length) { z[i] = ${value}; }
}`,
});

/** z = a + b: the same bits as the reference. */
export const ADD = of("add", "a[i] + b[i]");
/** h = g sigmoid(g) u. Where exp overflows, 1 / (1 + inf) is 0, as it is rounded. */
export const SWIGLU = of("swiglu", "a[i] / (1 + exp(-a[i])) * b[i]");

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
