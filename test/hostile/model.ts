/** What files say of a model: its tensors and numbers, its config.json, and all of it in a GGUF file. */
import { distribution, QWQ_DEFAULTS } from "../../src/generate/sampling.ts";
import type { Row } from "./row.ts";

const TENSORS = "test/files/tensors.test.ts";
const CHECKPOINT = "test/files/checkpoint.test.ts";
const CONFIG = "test/files/config.test.ts";
const PACKED = "test/files/packed.test.ts";
const VERIFY = "test/integrity/verify.test.ts";
const GENERATE = "test/generate/generate.test.ts";
const GGUF = "test/files/gguf.test.ts";
const GGUF_CONFIG = "test/files/gguf-config.test.ts";
const PARTS = "test/files/gguf-parts.test.ts";

const WARNED = "The weights are used as they are, in the precision that they have, and a sentence says so.";

export const MODEL: readonly Row[] = [
  {
    id: "M1",
    input: "a tensor missing",
    does: "E_TENSOR_MISSING, all names",
    tests: [`${TENSORS} > a weight missing`],
  },
  {
    id: "M2",
    input: "a tensor too many: inv_freq, a bias of o",
    does: "E_TENSOR_UNEXPECTED",
    tests: [`${TENSORS} > RoPE's frequencies`],
  },
  {
    id: "M3",
    input: "another shape: transposed, key heads, vocabulary",
    does: "E_SHAPE",
    tests: [`${TENSORS} > a matrix transposed`],
  },
  {
    id: "M4",
    input: "F16 or F32 where the config says BF16",
    does: "W_DTYPE",
    tests: [`${CHECKPOINT} > another dtype than the weights have`],
    differs: WARNED,
  },
  {
    id: "M5",
    input: "tied embeddings and an unembedding, or neither",
    does: "E_TIE",
    tests: [`${TENSORS} > an unembedding beside tied embeddings`],
  },
  {
    id: "M6",
    input: "biases of q, k and v against the config",
    does: "E_TENSOR_MISSING, E_TENSOR_UNEXPECTED",
    tests: [`${TENSORS} > biases where the config has none`],
  },
  {
    id: "M7",
    input: "NaN or infinity among the weights",
    does: "E_WEIGHT_NONFINITE",
    tests: [VERIFY, "test/files/scan.test.ts > checkFinite names the tensor"],
  },
  {
    id: "M8",
    input: "rows of zeros or of one value, weights beyond 10,000",
    does: "W_WEIGHT_SUSPECT",
    tests: [VERIFY],
  },
  {
    id: "M9",
    input: "int8: scales that no quantiser writes, another number of groups, blocks that do not come out",
    does: "E_Q_SCALE, E_Q_SHAPE",
    tests: [`${PACKED} > E_Q_SCALE`, "test/files/packed-tensors.test.ts > E_Q_SHAPE"],
  },
  {
    id: "M10",
    input: "int8: -128 in a symmetric scheme",
    does: "E_Q_RANGE",
    tests: [`${PACKED} > -128 under a symmetric scheme`],
  },
  {
    id: "M11",
    input: "NaN in activations or logits",
    does: "E_NUM_NONFINITE with layer and position",
    tests: [`${GENERATE} > names the layer, the activation and the place`],
    cases: [["logits", () => distribution(Float32Array.of(0, NaN), [], QWQ_DEFAULTS), "E_NUM_NONFINITE"]],
  },
  { id: "M12", input: "a tensor or shard that is not what the manifest says", does: "E_HASH", tests: [VERIFY] },
  {
    id: "M13",
    input: "signalling NaN, -0, subnormal numbers",
    does: "accepted, bit for bit",
    tests: ["test/quant/formats.test.ts > keeps every one of its 65,536 bit patterns"],
  },
];

export const CONFIG_ROWS: readonly Row[] = [
  {
    id: "C1",
    input: "no JSON, a byte order mark, a key twice",
    does: "E_JSON_SYNTAX, E_JSON_BOM, E_JSON_DUP_KEY",
    tests: [`${CONFIG} > a byte order mark`],
  },
  { id: "C2", input: "more than 1 MiB", does: "E_LIMIT_CONFIG", tests: [`${CHECKPOINT} > a config of 1 MiB`] },
  {
    id: "C3",
    input: "another model",
    does: "E_CFG_ARCH",
    tests: [`${CONFIG} > another model`],
    differs: "Llama without biases runs too.",
  },
  {
    id: "C4",
    input: "heads that do not divide, an odd head size",
    does: "E_CFG_DIMS",
    tests: [`${CONFIG} > heads that do not divide the channels`],
  },
  {
    id: "C5",
    input: "0, negative, not whole, text, 1e9 layers, 2^40 tokens",
    does: "E_CFG_RANGE",
    tests: [`${CONFIG} > 1e9 layers`],
  },
  {
    id: "C6",
    input: "RoPE: theta 0, NaN or so small that a frequency is infinite; an unknown scaling; YaRN by a factor of 0",
    does: "E_CFG_ROPE",
    tests: [
      "test/files/rope.test.ts > theta so small that a frequency is infinite",
      "test/files/rope.test.ts > factor 0",
    ],
  },
  { id: "C7", input: "eps 0, negative, 1", does: "E_CFG_RANGE", tests: [`${CONFIG} > eps 1`] },
  { id: "C8", input: "another activation", does: "E_CFG_ACT", tests: [`${CONFIG} > another activation`] },
  { id: "C9", input: "sliding windows", does: "E_CFG_UNSUPPORTED", tests: [`${CONFIG} > sliding windows`] },
  {
    id: "C10",
    input: "quantised",
    does: "E_CFG_UNSUPPORTED, but for what is read",
    tests: [`${CONFIG} > quantised by another method`, "test/files/quantization.test.ts > E_CFG_UNSUPPORTED"],
    differs: "AWQ, GPTQ, LLM.int8 and compressed-tensors are read; what is not is refused by name.",
  },
  {
    id: "C11",
    input: "auto_map: code of the model's own",
    does: "a warning; never run",
    tests: [`${CONFIG} > auto_map`],
  },
  {
    id: "C12",
    input: "ids of special tokens beyond the rows, twice, null",
    does: "E_CFG_TOKEN_ID",
    tests: ["test/files/generation.test.ts > an id beyond the rows"],
  },
  {
    id: "C13",
    input: "a torch_dtype that is not the tensors'",
    does: "W_DTYPE",
    tests: [`${CHECKPOINT} > another dtype than the weights have`],
    differs: WARNED,
  },
];

export const GGUF_ROWS: readonly Row[] = [
  {
    id: "G1",
    input: "another magic, version 0, 1 or 4, bytes swapped",
    does: "E_GGUF_MAGIC, E_GGUF_VERSION, E_GGUF_ENDIAN",
    tests: [`${GGUF} > another magic`],
  },
  { id: "G2", input: "2^63, -1, 10 million tensors or pairs", does: "E_GGUF_COUNT", tests: [`${GGUF} > 2^63 tensors`] },
  {
    id: "G3",
    input: "a string or array longer than the file",
    does: "E_GGUF_LENGTH",
    tests: [`${GGUF} > a string longer than the file`],
  },
  {
    id: "G4",
    input: "cut anywhere",
    does: "E_GGUF_TRUNCATED and others",
    tests: [`${GGUF} > the file cut after any byte`],
  },
  { id: "G5", input: "a key empty, twice; __proto__", does: "E_GGUF_KEY; accepted", tests: [`${GGUF} > a key twice`] },
  {
    id: "G6",
    input: "an unknown type, an array of arrays",
    does: "E_GGUF_TYPE",
    tests: [`${GGUF} > an array of arrays`],
  },
  {
    id: "G7",
    input: "an alignment of 0, 3, 2^31, of another type",
    does: "E_GGUF_ALIGN",
    tests: [`${GGUF} > alignment 3`],
    differs: "ggml takes any power of two; above 2^20 nothing is meant.",
  },
  {
    id: "G8",
    input: "a name of 64 bytes, empty, twice, not UTF-8",
    does: "E_GGUF_NAME",
    tests: [`${GGUF} > a name of 64 bytes`],
    differs: "ggml takes names that are not UTF-8, and empty ones.",
  },
  {
    id: "G9",
    input: "five dimensions, a size of 0, a product that wraps, half a block",
    does: "E_GGUF_SHAPE",
    tests: [`${GGUF} > sizes whose product wraps to 4`],
    differs: "ggml reads a tensor of size 0; no model has one.",
  },
  { id: "G10", input: "an unknown or withdrawn type", does: "E_GGUF_DTYPE", tests: [`${GGUF} > ggml type 999`] },
  {
    id: "G11",
    input: "an offset off the alignment, beyond the file, over another's bytes",
    does: "E_GGUF_OFFSET",
    tests: [`${GGUF} > an offset off the alignment`],
  },
  {
    id: "G12",
    input: "keys of the model missing or against the tensors, 1e9 layers",
    does: "E_CFG_RANGE and others",
    tests: [`${GGUF_CONFIG} > 1e9 layers`, `${CHECKPOINT} > metadata of another model`],
  },
  {
    id: "G13",
    input: "the tokenizer's arrays of other types or lengths",
    does: "E_TOK_VOCAB",
    tests: ["test/files/gguf-vocabulary.test.ts > tokens that are numbers"],
  },
  {
    id: "G14",
    input: "an unknown chat template",
    does: "as J1",
    tests: ["test/text/template.test.ts > renders any other apart"],
  },
  {
    id: "G15",
    input: "a block's scale NaN or infinite",
    does: "E_Q_SCALE",
    tests: ["test/files/scan.test.ts > the scale where values share one"],
  },
  {
    id: "G16",
    input: "a part missing, with another number, of another model",
    does: "E_IDX_SHARD_MISSING, E_IDX_NUMBERING, E_IDX_MIXED",
    tests: [`${PARTS} > a part is missing`, `${PARTS} > a part of another architecture`],
  },
];
