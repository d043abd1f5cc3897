/**
 * What `qwq quantize` makes, and which number format each weight then has.
 *
 * Gains and biases are never quantised. In a GGUF file they are F32, and the unembedding is Q6_K (Q8_0 for Q8_0), since an
 * error there goes into every logit; the embedding where it serves as both. int8 is for the matrices of the layers, as
 * Hugging Face's: embedding and unembedding stay as they are.
 *
 * source   llama.cpp: llama-quant.cpp, llama_tensor_get_type, tensor_type_fallback
 */
import type { Config } from "../config.ts";
import type { Layer, Weights } from "../weights.ts";
import { FORMATS } from "../quant/index.ts";

export const TYPES = ["int8", "int8-g32", "int8-g64", "int8-g128", "q8_0", "q4_0", "q4_k", "q6_k"] as const;
export type Type = (typeof TYPES)[number];

/** What a parameter is for, as src/weights.ts calls it. */
export type Ours = keyof Layer | keyof Pick<Weights, "E" | "g" | "U">;

/** How a type is written. */
export type Kind =
  | {
      readonly file: "gguf";
      readonly format: string;
      /** llama.cpp's number of the mixture */ readonly fileType: number;
    }
  | {
      readonly file: "safetensors";
      /** Inputs that share a scale; all of a row's where undefined */ readonly group: number | undefined;
    };

export const KINDS: Readonly<Record<Type, Kind>> = {
  int8: { file: "safetensors", group: undefined },
  "int8-g32": { file: "safetensors", group: 32 },
  "int8-g64": { file: "safetensors", group: 64 },
  "int8-g128": { file: "safetensors", group: 128 },
  q8_0: { file: "gguf", format: "Q8_0", fileType: 7 },
  q4_0: { file: "gguf", format: "Q4_0", fileType: 2 },
  q4_k: { file: "gguf", format: "Q4_K", fileType: 14 },
  q6_k: { file: "gguf", format: "Q6_K", fileType: 18 },
};

/** What takes a format's place where rows are no whole number of its blocks. */
const SMALLER: Readonly<Record<string, string>> = { Q4_K: "Q5_0", Q6_K: "Q8_0" };

/** The format of a matrix in a GGUF file of mostly `format`. */
export function ggufFormat(format: string, ours: Ours, columns: number, config: Config): string {
  const head = ours === (config.tied ? "E" : "U");
  return fitting(head && format !== "Q8_0" ? "Q6_K" : format, columns);
}

function fitting(format: string, columns: number): string {
  if (columns % FORMATS.get(format)!.block === 0) return format;
  return fitting(SMALLER[format] ?? "F16", columns);
}
