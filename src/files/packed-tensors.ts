/**
 * Which tensors stand in a packed checkpoint in place of a matrix, with their shapes and number formats.
 */
import { FormatError } from "../errors.ts";
import { quote } from "../json/quote.ts";
import type { Config } from "../config.ts";
import { expectedWeights, type ExpectedWeight } from "./names.ts";
import type { Packing } from "./quantization.ts";
import type { TensorInfo } from "./source.ts";

/** A tensor that a checkpoint must have; one of a packed matrix also in one of these number formats. */
export interface ExpectedTensor extends ExpectedWeight {
  readonly formats?: readonly string[];
}

const HALVES = ["F16", "BF16", "F32"] as const;

/** `model.layers.0.self_attn.q_proj` of `model.layers.0.self_attn.q_proj.weight`. */
export function stem(name: string): string {
  return name.slice(0, -".weight".length);
}

/**
 * Every tensor a packed model has, in the order of the page. A matrix of a layer that the file has plain (the config's
 * modules_to_not_convert, llm_int8_skip_modules or ignore) stays one tensor; embedding and unembedding always do.
 *
 * throws   FormatError E_Q_SHAPE where a matrix cannot be cut into whole words or groups
 */
export function expectedPacked(
  config: Config,
  packing: Packing,
  tensors: ReadonlyMap<string, TensorInfo>,
  path: string,
): ExpectedTensor[] {
  return expectedWeights(config, "safetensors").flatMap((weight) =>
    isPacked(weight, packing, tensors) ? parts(weight, packing, path) : [weight],
  );
}

/** Whether the file has this weight packed. */
export function isPacked(
  { name, shape }: ExpectedWeight,
  packing: Packing,
  tensors: ReadonlyMap<string, TensorInfo>,
): boolean {
  if (shape.length !== 2 || !name.startsWith("model.layers.")) return false;
  const plain = tensors.get(name);
  return plain === undefined || (keepsName(packing) && plain.format === "I8");
}

/**
 * Bytes that the weights take where they are kept as blocks (packed-blocks.ts): those of the files, and as many again for
 * zero points of 4 bits, which have a byte there. The little that a block does not have (g_idx, shapes) counts too.
 */
export function keptBytes(tensors: ReadonlyMap<string, TensorInfo>, packing: Packing | undefined): number {
  const halves = (packing?.kind === "awq" || packing?.kind === "gptq") && packing.bits === 4;
  let sum = 0;
  for (const { name, bytes } of tensors.values()) sum += halves && name.endsWith(".qzeros") ? 2 * bytes : bytes;
  return sum;
}

/** Whether the integers stand under the weight's own name. */
function keepsName(packing: Packing): boolean {
  return packing.kind === "llm-int8" || (packing.kind === "compressed" && !packing.packed);
}

/** The tensors in place of one matrix [O, I]. */
function parts({ name, shape }: ExpectedWeight, packing: Packing, path: string): ExpectedTensor[] {
  const [O = 0, I = 0] = shape;
  const part = (suffix: string, shape: readonly number[], ...formats: readonly string[]) => ({
    name: `${stem(name)}.${suffix}`,
    shape,
    formats,
  });
  const whole = (size: number, by: number, what: string) => divided(size, by, what, path, name);
  switch (packing.kind) {
    case "awq": {
      const groups = whole(I, packing.group ?? I, "inputs");
      const words = whole(O, 8, "outputs");
      return [
        part("qweight", [I, words], "I32"),
        part("qzeros", [groups, words], "I32"),
        part("scales", [groups, O], ...HALVES),
      ];
    }
    case "gptq": {
      const per = 32 / packing.bits;
      const groups = Math.ceil(I / (packing.group ?? I));
      return [
        part("qweight", [whole(I, per, "inputs"), O], "I32"),
        part("qzeros", [groups, whole(O, per, "outputs")], "I32"),
        part("scales", [groups, O], ...HALVES),
        part("g_idx", [I], "I32"),
      ];
    }
    case "llm-int8":
      return [part("weight", shape, "I8"), part("SCB", [O], "F32"), part("weight_format", [], "U8")];
    case "compressed": {
      const scales = part("weight_scale", [O, whole(I, packing.group ?? I, "inputs")], ...HALVES);
      if (!packing.packed) return [part("weight", shape, "I8"), scales];
      const words = Math.ceil((I * packing.bits) / 32);
      return [part("weight_packed", [O, words], "I32"), scales, part("weight_shape", [2], "I64")];
    }
  }
}

function divided(size: number, by: number, what: string, path: string, name: string): number {
  if (size % by === 0) return size / by;
  throw bad("E_Q_SHAPE", path, name, `${what} in multiples of ${by}`, `${size}`);
}

/** Throws FormatError E_Q_DTYPE, or E_Q_SHAPE, for a tensor of a packed matrix that is not what it must be. */
export function checkPart(info: TensorInfo, { shape, formats = [] }: ExpectedTensor): void {
  if (!formats.includes(info.format)) {
    throw bad("E_Q_DTYPE", info.path, info.name, formats.join(" or "), info.format);
  }
  if (info.shape.length === shape.length && info.shape.every((size, axis) => size === shape[axis])) return;
  throw bad("E_Q_SHAPE", info.path, info.name, `[${shape.join(" ")}]`, `[${info.shape.join(" ")}]`);
}

function bad(code: string, path: string, tensor: string, expected: string, actual: string): FormatError {
  const hint = "The weights and the quantization_config are of different models.";
  return new FormatError(code, path, { path, tensor: quote(tensor), expected, actual, hint });
}
