/** In which format an engine has its weights, and of which formats the error of quantising is measured. */
import { UsageError } from "../../errors.ts";

/** Whose weights an engine is judged by: its own, as they are quantised, or those that they were made from. */
export type WeightsOption = "same" | "original";

/** Both, for a command line. */
export const WEIGHTS: readonly WeightsOption[] = ["same", "original"];

/** "Q8_0", "float16" as "q8_0", "f16". */
export function weightFormat(format: string): string {
  const name = format.toLowerCase();
  return (
    { fp32: "f32", float32: "f32", fp16: "f16", float16: "f16", bfloat16: "bf16", i8: "int8", q8: "q8_0" }[name] ?? name
  );
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
  if (format !== undefined && MEASURED.includes(weightFormat(format))) return weightFormat(format);
  throw weightsError(
    `"weights_dtype" of the bundle to be one of ${MEASURED.join(", ")}, whose errors are measured`,
    format ?? "none",
    "Give the engine's own weights with -m and --weights same.",
  );
}

/** An E_ARG_WEIGHTS. */
export function weightsError(expected: string, actual: string, hint: string): UsageError {
  return new UsageError("E_ARG_WEIGHTS", "--weights", { expected, actual, hint });
}
