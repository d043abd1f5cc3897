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

/** Formats that meet activations in float32 as they are read. */
const WITH_F32 = ["Q8_0", "Q4_0", "Q4_1", "Q4_K", "Q6_K"];

/** One product: bytes of weights, and the median of its seconds. */
export interface OneSpeed {
  readonly format: string;
  readonly activations: Activations;
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
  return { format, activations, inputs: I, bytes, seconds };
}

/** The products that the arguments name; without formats, every one, and those that meet float32 as they are read. */
function asked(): (readonly [string, number, Activations])[] {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { activations: { type: "string", default: "int8" }, inputs: { type: "string", default: INPUTS } },
  });
  const named = positionals.slice(1);
  const formats = named.length > 0 ? named : [...FORMATS.keys(), ...Object.keys(GROUPED)];
  const widths = values.inputs.split(",").map(Number);
  const of = (each: readonly string[], activations: Activations) =>
    each.flatMap((format) => widths.map((I) => [format, I, activations] as const));
  const all = of(formats, values.activations as Activations);
  return (named.length > 0 ? all : [...all, ...of(WITH_F32, "f32")]).filter(
    ([format, I]) => I % productOf(format, I).block === 0,
  );
}

if (process.argv[1] === import.meta.filename) {
  const speeds: OneSpeed[] = [];
  for (const [format, I, activations] of asked())
    speeds.push(await measured(format, I, Number(process.argv[2] ?? 1), activations));
  console.log(JSON.stringify(speeds));
}
