/**
 * A trained model as a Hugging Face folder, which transformers loads as it loads QwQ-32B: config.json, model.safetensors,
 * tokenizer.json, tokenizer_config.json, generation_config.json.
 *
 * source   transformers 5.23: Qwen2ForCausalLM, PreTrainedTokenizerFast, GenerationConfig
 */
import { join } from "node:path";
import type { Config } from "../config.ts";
import { FormatError, UsageError } from "../errors.ts";
import { openCheckpoint } from "../files/checkpoint.ts";
import { configFields } from "../files/config-write.ts";
import { expectedWeights, LAYER_WEIGHTS, layerName, MODEL_WEIGHTS } from "../files/names.ts";
import { writeAtomically, writeFolderAtomically } from "../files/output.ts";
import { writeSafetensors } from "../files/safetensors-write.ts";
import type { TensorBytes } from "../files/safetensors.ts";
import { tokenizerConfig, tokenizerJson } from "../files/tokenizer-write.ts";
import { QWQ_DEFAULTS } from "../generate/sampling.ts";
import { NARROWS } from "../quant/narrow.ts";
import type { Vocabulary } from "../text/vocabulary.ts";
import { type Parameters, parametersOf, type Values } from "./parameters.ts";

/** What goes into the folder. */
export interface Trained {
  readonly config: Config;
  readonly parameters: Parameters;
  readonly vocabulary: Vocabulary;
  /** The chat template's text. */
  readonly template: string;
  /** The most tokens of a reply, for who does not say. */
  readonly limit: number;
  /** How the weights are stored: as they are, or each rounded once to the nearest half. F32 unless told. */
  readonly weights?: StoredAs | undefined;
  /** Whether who does not say gets the likeliest tokens; else they are drawn with QwQ's settings. */
  readonly greedy?: boolean | undefined;
}

/** Number formats of exported weights, with what config.json calls them. */
const DTYPES = { F32: "float32", F16: "float16" } as const;
export type StoredAs = keyof typeof DTYPES;

/** The tokens that end a reply, the first of them by itself: as in QwQ's generation_config.json. */
const STOP = ["<|im_end|>", "<|endoftext|>"] as const;

/** The ids of the tokens that end a reply. Throws UsageError E_TRAIN_TOKENIZER where the vocabulary has none. */
export function stopIds({ added }: Pick<Vocabulary, "added">): number[] {
  return STOP.map((content) => {
    const id = added.find((token) => token.content === content)?.id;
    if (id !== undefined) return id;
    throw new UsageError("E_TRAIN_TOKENIZER", "tokenizer", { expected: `the token ${content}`, actual: "none" });
  });
}

/**
 * Writes the new folder `path`.
 *
 * throws   IoError E_OUT_EXISTS, E_OUT_WRITE; FormatError E_Q_RANGE for a weight that F16 does not reach. Nothing is left behind.
 */
export function exportModel(path: string, trained: Trained): void {
  const { config, parameters, vocabulary, template, limit, weights = "F32", greedy = false } = trained;
  const stop = stopIds(vocabulary);
  const [end, pad] = stop as [number, number];
  const ids = { bos: pad, pad, stop };
  const { temperature, topK, topP, repetitionPenalty } = QWQ_DEFAULTS;
  const drawn = { do_sample: true, temperature, top_k: topK, top_p: topP, repetition_penalty: repetitionPenalty };
  const sampling = greedy ? { do_sample: false } : drawn;
  const generation = { bos_token_id: pad, eos_token_id: stop, pad_token_id: pad, ...sampling, max_new_tokens: limit };
  const fields = { ...configFields(config, { ...EMPTY, ...ids }), eos_token_id: end, torch_dtype: DTYPES[weights] };
  writeFolderAtomically(path, (folder) => {
    text(folder, "config.json", json(fields));
    text(folder, "generation_config.json", json(generation));
    tokenizerInto(folder, vocabulary, template);
    writeSafetensors(
      join(folder, "model.safetensors"),
      tensorsOf(config, parameters, weights),
      new Map([["format", "pt"]]),
    );
  });
}

/** Writes the new folder `path` with a tokenizer alone. Throws IoError E_OUT_EXISTS, E_OUT_WRITE. */
export function exportTokenizer(path: string, vocabulary: Vocabulary, template: string): void {
  writeFolderAtomically(path, (folder) => tokenizerInto(folder, vocabulary, template));
}

function tokenizerInto(folder: string, vocabulary: Vocabulary, template: string): void {
  const special = { eos_token: STOP[0], pad_token: STOP[1] };
  text(folder, "tokenizer.json", tokenizerJson(vocabulary));
  text(folder, "tokenizer_config.json", tokenizerConfig(special, template));
}

function text(folder: string, name: string, value: string): void {
  writeAtomically(join(folder, name), (write) => write(new TextEncoder().encode(value)));
}

/** What `configFields` asks for and a trained model leaves open. */
const EMPTY = {
  sample: undefined,
  temperature: undefined,
  topK: undefined,
  topP: undefined,
  minP: undefined,
  repetitionPenalty: undefined,
  maxTokens: undefined,
};

const json = (fields: object) => `${JSON.stringify(fields, undefined, 2)}\n`;

/** Every parameter by Hugging Face's name. */
function tensorsOf(config: Config, p: Parameters, dtype: StoredAs): Map<string, TensorBytes> {
  const shapes = new Map(expectedWeights(config, "safetensors").map(({ name, shape }) => [name, shape]));
  const tensors = new Map<string, TensorBytes>();
  const put = (name: string, x: Values | undefined) => {
    const shape = shapes.get(name);
    if (x === undefined || shape === undefined) return;
    tensors.set(name, { dtype, shape, bytes: stored(name, x.data, dtype) });
  };
  for (const row of MODEL_WEIGHTS) put(row.safetensors, p[row.ours]);
  for (const [l, layer] of p.layers.entries()) {
    for (const row of LAYER_WEIGHTS) put(layerName(row, l, "safetensors"), layer[row.ours]);
  }
  return tensors;
}

/** A weight's bytes in the file. */
function stored(name: string, values: Float32Array, dtype: StoredAs): Uint8Array {
  const { most, narrow, format } = NARROWS.get(dtype)!;
  const beyond = dtype === "F32" ? undefined : values.find((value) => !(Math.abs(value) <= most));
  if (beyond !== undefined) {
    const expected = `weights up to ${most}, the most of ${dtype}`;
    throw new FormatError("E_Q_RANGE", name, { tensor: name, expected, actual: `${beyond}`, hint: "Store it as F32." });
  }
  const bytes = new Uint8Array(values.length * format.bytes);
  narrow(values, 0, values.length, bytes, 0);
  return bytes;
}

/** The parameters of such a folder, bit by bit as they are stored. Throws as `openCheckpoint` does. */
export function importModel(path: string): { readonly config: Config; readonly parameters: Parameters } {
  const checkpoint = openCheckpoint(path);
  try {
    return { config: checkpoint.config, parameters: parametersOf(checkpoint.weights) };
  } finally {
    checkpoint.close();
  }
}
