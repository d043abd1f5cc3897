/**
 * Do these tensors make the model that the config describes? Every name and every shape, before a weight is read.
 */
import type { Config } from "../config.ts";
import { FormatError, ShapeError } from "../errors.ts";
import { expectedWeights, MODEL_WEIGHTS, type Naming } from "./names.ts";
import { partNames } from "./part.ts";
import { checkPart, expectedPacked, type ExpectedTensor } from "./packed-tensors.ts";
import type { Packing } from "./quantization.ts";
import { quote } from "../json/quote.ts";
import type { TensorInfo } from "./source.ts";

/**
 * Throws unless the tensors are exactly those of the model, each with its shape. `path` names the checkpoint; `packing`
 * says that matrices lie in several tensors each, `part` that only those layers are there (part.ts).
 *
 * throws   FormatError E_TIE (an unembedding beside tied embeddings, or none without), E_TENSOR_MISSING and
 *          E_TENSOR_UNEXPECTED with the names; ShapeError E_SHAPE; of packed matrices E_Q_SHAPE and E_Q_DTYPE
 */
export function checkTensors(
  tensors: ReadonlyMap<string, TensorInfo>,
  config: Config,
  naming: Naming,
  path: string,
  packing?: Packing,
  part?: ReadonlySet<number>,
): void {
  if (part === undefined) checkTie(tensors, config, naming, path);
  const whole: readonly ExpectedTensor[] =
    packing === undefined ? expectedWeights(config, naming) : expectedPacked(config, packing, tensors, path);
  const there = part === undefined ? undefined : partNames(config, part);
  const all = there === undefined ? whole : whole.filter(({ name }) => there.has(name));
  const expected = new Map(all.map((tensor) => [tensor.name, tensor]));
  const missing = [...expected.keys()].filter((name) => !tensors.has(name));
  if (missing.length > 0) {
    const hint = "The download is incomplete, or config.json is another model's.";
    throw bad("E_TENSOR_MISSING", path, `${expected.size} tensors`, `none called ${list(missing)}`, hint);
  }
  const unexpected = [...tensors.keys()].filter((name) => !expected.has(name));
  if (unexpected.length > 0) {
    const hint = "They would be ignored, and the result would be another model's. Is this a plain Qwen2 checkpoint?";
    throw bad("E_TENSOR_UNEXPECTED", path, `no tensors but the model's ${expected.size}`, list(unexpected), hint);
  }
  for (const [name, tensor] of expected) {
    const info = tensors.get(name)!;
    if (tensor.formats === undefined) checkShape(info, tensor.shape);
    else checkPart(info, tensor);
  }
}

function checkTie(tensors: ReadonlyMap<string, TensorInfo>, config: Config, naming: Naming, path: string): void {
  const head = MODEL_WEIGHTS.find(({ ours }) => ours === "U")![naming];
  if (tensors.has(head) !== config.tied) return;
  const tie = `"tie_word_embeddings": ${config.tied}`;
  const expected = config.tied ? `no ${head} beside ${tie}` : `${head}, since ${tie}`;
  const hint = "One of the two is another model's; correct config.json if it is that.";
  throw bad("E_TIE", path, expected, config.tied ? "both" : "none", hint);
}

function checkShape(info: TensorInfo, shape: readonly number[]): void {
  if (info.shape.length === shape.length && info.shape.every((size, axis) => size === shape[axis])) return;
  throw new ShapeError("E_SHAPE", info.path, {
    path: info.path,
    tensor: info.name,
    expected: `[${shape.join(" ")}]`,
    actual: `[${info.shape.join(" ")}]`,
    hint: "The weights and the config are of different models.",
  });
}

/** Names as a sentence has them; the whole list where it can still be read. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 40).map(quote).join(", ");
  return names.length > 40 ? `${shown} and ${names.length - 40} more` : shown;
}

function bad(code: string, path: string, expected: string, actual: string, hint: string): FormatError {
  return new FormatError(code, path, { path, expected, actual, hint });
}
