/**
 * By which weights an engine with quantised ones is judged.
 *
 *   same       its own, widened: only what it does with them counts. The model given is that very file.
 *   original   those it was made from: what quantising does to each result is measured beside the rounding, and granted.
 */
import { UsageError } from "../errors.ts";
import type { Checkpoint } from "../files/checkpoint.ts";
import type { Manifest } from "./bundle.ts";

/** Whose weights an engine is judged by: its own, as they are quantised, or those that they were made from. */
export type WeightsOption = "same" | "original";

/** Both, for a command line. */
export const WEIGHTS: readonly WeightsOption[] = ["same", "original"];

/** Formats in which each weight is a number by itself. */
const PLAIN: readonly string[] = ["f64", "f32", "f16", "bf16"];

/** "Q8_0", "float16" as q8_0, f16. */
function normal(format: string): string {
  const name = format.toLowerCase();
  return (
    { fp32: "f32", float32: "f32", fp16: "f16", float16: "f16", bfloat16: "bf16", i8: "int8", q8: "q8_0" }[name] ?? name
  );
}

/**
 * Checks that the model is the one that the option speaks of.
 *
 * throws   UsageError E_ARG_WEIGHTS where the bundle says another format than "same" weights have, or "original" ones are
 *          quantised
 */
export function checkWeights(
  option: WeightsOption | undefined,
  { weights_dtype: said }: Pick<Manifest, "weights_dtype">,
  { source, path }: Pick<Checkpoint, "source" | "path">,
): void {
  if (option === undefined) return;
  const matrices = [...source.tensors.values()].filter(({ shape }) => shape.length >= 2);
  const formats = [...new Set(matrices.map(({ format }) => normal(format)))].sort();
  if (option === "same" && said !== undefined && !formats.includes(normal(said))) {
    const hint = "Give with -m the file that the engine ran, or say --weights original.";
    throw wrong(`a model with weights in ${said}, as the bundle says: ${path}`, formats.join(", "), hint);
  }
  const quantised = formats.filter((format) => !PLAIN.includes(format));
  if (option === "original" && quantised.length > 0) {
    const hint = "Give with -m the model that the engine's was made from, or say --weights same.";
    throw wrong(`weights that are not quantised: ${path}`, quantised.join(", "), hint);
  }
}

/** The format in which an engine has its weights: as the bundle says, or as its policy is about. */
const OF_POLICY: readonly (readonly [policy: RegExp, format: string])[] = [
  [/^q8_0\b/, "q8_0"],
  [/^int8\b/, "int8"],
  [/^f16-(inputs|hf)\b/, "f16"],
  [/^(bf16-hf|fused-norm|fp32-residual)/, "bf16"],
];

const MEASURED: readonly string[] = ["f32", "bf16", "f16", "int8", "q8_0"];

/**
 * The format whose error is granted where weights are the original ones.
 *
 * throws   UsageError E_ARG_WEIGHTS where none is known, or its error cannot be measured here
 */
export function quantisedTo(said: string | undefined, policy: string): string {
  const format = said ?? OF_POLICY.find(([pattern]) => pattern.test(policy))?.[1];
  if (format !== undefined && MEASURED.includes(normal(format))) return normal(format);
  throw wrong(
    `"weights_dtype" of the bundle to be one of ${MEASURED.join(", ")}, whose errors are measured`,
    format ?? "none",
    "Give the engine's own weights with -m and --weights same.",
  );
}

function wrong(expected: string, actual: string, hint: string): UsageError {
  return new UsageError("E_ARG_WEIGHTS", "--weights", { expected, actual, hint });
}
