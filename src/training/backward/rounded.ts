import { host, type Host } from "../../tensor.ts";

/** Sums of float64 as a tensor: each rounded once. */
export function rounded<A extends string>(shape: readonly number[], sums: Float64Array): Host<A> {
  return host(shape, Float32Array.from(sums));
}
