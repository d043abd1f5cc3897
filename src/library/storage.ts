/**
 * How many bytes a model's weights take in each form in which models of this kind are published.
 *
 * source   facts of the formats: AutoAWQ `WQLinear_GEMM`, AutoGPTQ `qlinear_cuda_old`, bitsandbytes `Linear8bitLt`,
 *          ggml `block_*`; which tensor gets which type, llama.cpp `llama_tensor_get_type`
 */
import type { Config } from "../config.ts";
import { GGML_TYPES } from "../files/ggml-types.ts";
import { LAYER_WEIGHTS, MODEL_WEIGHTS, sizes } from "../files/names.ts";
import type { Layer, Weights } from "../weights.ts";

/** The weights in one form. */
export interface StoredForm {
  /** A short name that does not change: "bf16", "gguf-q4_k_m". */
  readonly key: string;
  /** What it is called in a table. */
  readonly title: string;
  /** Of all tensors; headers and metadata come on top (megabytes). */
  readonly bytes: number;
  /** What one token needs of them: everything but the embedding's other rows. */
  readonly perToken: number;
}

/** One tensor: what it is for, in which layer, and its size; a gain or bias has one row. */
export interface Place {
  readonly ours: keyof Layer | keyof Pick<Weights, "E" | "g" | "U">;
  readonly layer: number;
  readonly rows: number;
  readonly columns: number;
  readonly matrix: boolean;
}

/** Bytes of one tensor. */
type Bytes = (place: Place, config: Config) => number;

/** Every tensor of a model, in the order of the page. */
export function places(config: Config): Place[] {
  const size = sizes(config);
  const place = ({ ours, axes }: (typeof LAYER_WEIGHTS | typeof MODEL_WEIGHTS)[number], layer: number): Place => ({
    ours,
    layer,
    rows: axes.length === 1 ? 1 : size[axes[0]!],
    columns: size[axes.at(-1)!],
    matrix: axes.length > 1,
  });
  const inLayer = LAYER_WEIGHTS.filter((row) => config.biases || !row.ours.startsWith("b"));
  const layers = Array.from({ length: config.layers }, (_, l) => inLayer.map((row) => place(row, l)));
  const outside = MODEL_WEIGHTS.filter(({ ours }) => !(config.tied && ours === "U")).map((row) => place(row, -1));
  return [...outside, ...layers.flat()];
}

/** The number of parameters. QwQ-32B: 32,763,876,352. */
export function parameters(config: Config): number {
  return places(config).reduce((sum, { rows, columns }) => sum + rows * columns, 0);
}

const flat =
  (bits: number): Bytes =>
  ({ rows, columns }) =>
    Math.ceil((rows * columns * bits) / 8);

/** The seven matrices of a layer, which the 8- and 4-bit formats change; the rest stays in 16 bits. */
const inLayers = ({ matrix, layer }: Place) => matrix && layer >= 0;

/** A byte a weight and a scale an output; `which` are changed, the rest stays bfloat16. */
const rowScaled =
  (scaleBytes: number, which: (place: Place) => boolean): Bytes =>
  (place) =>
    which(place) ? place.rows * place.columns + scaleBytes * place.rows : 2 * place.rows * place.columns;

/** Groups of 128 inputs: packed weights and zero points, f16 scales; with `order`, the group of each input as int32. */
const grouped =
  (bits: number, order: boolean): Bytes =>
  (place) => {
    const { rows, columns } = place;
    if (!inLayers(place)) return 2 * rows * columns;
    const groups = Math.ceil(columns / 128);
    const packed = (rows * columns * bits) / 8 + (groups * rows * bits) / 8;
    return Math.ceil(packed) + 2 * groups * rows + (order ? 4 * columns : 0);
  };

/** The ggml type of a matrix; all gains and biases are F32. */
type Mix = (place: Place, config: Config) => string;

const ggml =
  (mix: Mix): Bytes =>
  (place, config) =>
    place.matrix ? place.rows * rowBytes(mix(place, config), place.columns) : 4 * place.columns;

/** What llama.cpp takes for rows that are no whole number of 256-value blocks. */
const SMALLER: Readonly<Record<string, string>> = {
  Q2_K: "IQ4_NL",
  Q3_K: "IQ4_NL",
  Q4_K: "Q5_0",
  Q5_K: "Q5_1",
  Q6_K: "Q8_0",
};

function rowBytes(type: string, columns: number): number {
  const { block, bytes } = [...GGML_TYPES.values()].find(({ name }) => name === type)!;
  if (columns % block === 0) return (columns / block) * bytes;
  return rowBytes(SMALLER[type] ?? "F16", columns);
}

/** The unembedding, for which llama.cpp's mixtures take Q6_K; the embedding itself where it serves as both. */
const isHead = ({ ours }: Place, config: Config) => ours === (config.tied ? "E" : "U");
const only =
  (type: string, head = type): Mix =>
  (place, config) =>
    isHead(place, config) ? head : type;

/** Q4_K_M and Q5_K_M: half of the values and of the second feed-forward matrices in Q6_K, at both ends and each third. */
const medium =
  (type: string): Mix =>
  (place, config) => {
    const [i, n] = [place.layer, config.layers];
    const eighth = Math.floor(n / 8);
    const more = i < eighth || i >= Math.floor((7 * n) / 8) || (i - eighth) % 3 === 2;
    if (isHead(place, config)) return "Q6_K";
    return more && (place.ours === "Wv" || place.ours === "Wdown") ? "Q6_K" : type;
  };

const q3km: Mix = (place, config) => {
  const { ours, layer } = place;
  if (isHead(place, config)) return "Q6_K";
  if (ours === "Wv") return layer < 2 ? "Q5_K" : "Q4_K";
  if (ours === "Wdown") return layer < Math.floor(config.layers / 16) ? "Q5_K" : "Q4_K";
  return ours === "Wo" ? "Q4_K" : "Q3_K";
};

const q2k: Mix = (place, config) => {
  if (isHead(place, config)) return "Q6_K";
  if (place.ours === "Wv") return config.heads / config.keyHeads >= 4 ? "Q4_K" : "Q3_K";
  return place.ours === "Wo" || place.ours === "Wdown" ? "Q3_K" : "Q2_K";
};

const TABLE: readonly (readonly [key: string, title: string, bytes: Bytes])[] = [
  ["fp32", "float32", flat(32)],
  ["bf16", "bfloat16, as published", flat(16)],
  ["gptq-int8", "GPTQ int8, groups of 128", grouped(8, true)],
  ["gguf-q8_0", "GGUF Q8_0", ggml(only("Q8_0"))],
  ["w8-f32", "int8 rows, f32 scales", rowScaled(4, inLayers)],
  ["w8-bf16", "int8 rows, bf16 scales", rowScaled(2, inLayers)],
  ["w8-all", "int8 rows, embeddings too", rowScaled(4, ({ matrix }) => matrix)],
  ["int8", "int8, nothing else", flat(8)],
  ["gguf-q6_k", "GGUF Q6_K", ggml(only("Q6_K"))],
  ["gguf-q5_k_m", "GGUF Q5_K_M", ggml(medium("Q5_K"))],
  ["gguf-q5_0", "GGUF Q5_0", ggml(only("Q5_0", "Q6_K"))],
  ["gguf-q4_k_m", "GGUF Q4_K_M", ggml(medium("Q4_K"))],
  ["gptq-int4", "GPTQ int4, groups of 128", grouped(4, true)],
  ["awq", "AWQ int4, groups of 128", grouped(4, false)],
  ["gguf-q4_0", "GGUF Q4_0", ggml(only("Q4_0", "Q6_K"))],
  ["int4", "int4, nothing else", flat(4)],
  ["gguf-q3_k_m", "GGUF Q3_K_M", ggml(q3km)],
  ["gguf-q2_k", "GGUF Q2_K", ggml(q2k)],
];

/** The weights in every form, the largest first. */
export function storedForms(config: Config): StoredForm[] {
  const all = places(config);
  return TABLE.map(([key, title, bytes]) => {
    const each = all.map((place) => bytes(place, config));
    const total = each.reduce((sum, n) => sum + n, 0);
    const embedding = each[0]!; // of which one row is read, unless it is the unembedding too
    const unread = config.tied ? 0 : embedding - Math.ceil(embedding / all[0]!.rows);
    return { key, title, bytes: total, perToken: total - unread };
  });
}
