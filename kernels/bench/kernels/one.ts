/**
 * One token: `one.ts THREADS [--activations f32] [--inputs 896,4864,5120] [FORMAT...]`. Prints as JSON how many bytes of weights
 * a second a product reads, by number format and by the inputs of a row.
 *
 * Matrices have OUTPUTS rows of random bytes in their file's form, and come in turn out of more memory than any cache has.
 * The integers that activations are rounded to, and the copying in and out, are part of a product.
 */
import { parseArgs } from "node:util";
import { FORMATS } from "../../../src/quant/index.ts";
import { host } from "../../../src/tensor.ts";
import { wasmBackend } from "../../wasm/index.ts";
import type { Activations } from "../../wasm/products.ts";
import { drawn, GROUPED, matrix, MEMORY, productOf, timed } from "./speeds.ts";

/** Rows of a matrix. */
const OUTPUTS = 4864;
/** The inputs of a row: two of the 0.5B shape, one of QwQ-32B. */
const INPUTS = "896,4864,5120";

/** One product: bytes of weights, and the median of its seconds. */
export interface OneSpeed {
  readonly format: string;
  readonly inputs: number;
  readonly bytes: number;
  readonly seconds: number;
}

async function measured(format: string, I: number, threads: number, activations: Activations): Promise<OneSpeed> {
  const ops = await wasmBackend({ threads, activations });
  const { block, bytes: blockBytes } = productOf(format, I);
  const bytes = ((OUTPUTS * I) / block) * blockBytes;
  const matrices = Array.from({ length: Math.ceil(MEMORY / bytes) }, () => matrix(format, OUTPUTS, I));
  const x = host<"T I">([1, I], drawn(I));
  for (const each of matrices) ops.linear(x, each); // brings them in
  const seconds = timed((i) => ops.linear(x, matrices[i % matrices.length]!));
  ops.close();
  return { format, inputs: I, bytes, seconds };
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { activations: { type: "string", default: "int8" }, inputs: { type: "string", default: INPUTS } },
});
const formats = positionals.length > 1 ? positionals.slice(1) : [...FORMATS.keys(), ...Object.keys(GROUPED)];
const speeds: OneSpeed[] = [];
for (const format of formats)
  for (const inputs of values.inputs.split(",").map(Number))
    if (inputs % productOf(format, inputs).block === 0)
      speeds.push(await measured(format, inputs, Number(positionals[0] ?? 1), values.activations as Activations));
console.log(JSON.stringify(speeds));
