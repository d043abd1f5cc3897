/**
 * By which weights an engine with quantised ones is judged.
 *
 *   same       its own, widened: only what it does with them counts. The model given is that very file.
 *   original   those it was made from: what quantising does to each result is measured beside the rounding, and granted.
 */
import type { Checkpoint } from "../files/checkpoint.ts";
import type { Manifest } from "./bundle.ts";
import { weightFormat, type WeightsOption, weightsError } from "./numbers/quantised.ts";

/** Formats in which each weight is a number by itself. */
const PLAIN: readonly string[] = ["f64", "f32", "f16", "bf16"];

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
  const formats = [...new Set(matrices.map(({ format }) => weightFormat(format)))].sort();
  if (option === "same" && said !== undefined && !formats.includes(weightFormat(said))) {
    const hint = "Give with -m the file that the engine ran, or say --weights original.";
    throw weightsError(`a model with weights in ${said}, as the bundle says: ${path}`, formats.join(", "), hint);
  }
  const quantised = formats.filter((format) => !PLAIN.includes(format));
  if (option === "original" && quantised.length > 0) {
    const hint = "Give with -m the model that the engine's was made from, or say --weights same.";
    throw weightsError(`weights that are not quantised: ${path}`, quantised.join(", "), hint);
  }
}
