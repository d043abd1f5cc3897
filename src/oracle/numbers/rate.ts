/** How fast this computer is at what a recording does, measured for a moment. */
import { host } from "../../tensor.ts";
import { product } from "./linear.ts";
import { REFERENCE } from "./policies.ts";
import { given } from "./rows.ts";

const INPUTS = 1024;
const OUTPUTS = 256;
const LEAST_MS = 200;

/** Products of a weight and an activation in a second, of rows of so many tokens at once. */
export function measureRate(tokens: number): number {
  const T = Math.min(tokens, 16);
  const W = host<"HD C">([OUTPUTS, INPUTS], new Float32Array(OUTPUTS * INPUTS).fill(0.5));
  const x = given(T, INPUTS, new Float64Array(T * INPUTS).fill(0.25));
  const once = () => product(x, W, { policy: REFERENCE, order: "exact" }).all();
  once(); // the engine compiles it
  const began = performance.now();
  let runs = 0;
  while (performance.now() - began < LEAST_MS) {
    once();
    runs++;
  }
  return (runs * T * INPUTS * OUTPUTS) / ((performance.now() - began) / 1000);
}
