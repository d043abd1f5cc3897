/** The header of a GGUF file, and everything that is read from its metadata: config, vocabulary, template. */
import { ggufTemplate } from "../../../src/files/chat-template.ts";
import { ggufConfig, ggufGeneration } from "../../../src/files/gguf-config.ts";
import { readGguf } from "../../../src/files/gguf.ts";
import { readGgufVocabulary } from "../../../src/files/gguf-vocabulary.ts";
import { expectedWeights } from "../../../src/files/names.ts";
import { ggufSpecialTokens } from "../../../src/files/special-tokens.ts";
import { frequencies } from "../../../src/reference/frequencies.ts";
import { Tokenizer } from "../../../src/text/tokenizer.ts";
import { SMALL, ggufPairs } from "../../support/small.ts";
import {
  gguf as write,
  type GgufParts,
  type GgufTensor,
  inMemory,
  type MetadataType,
  type Pair,
} from "../../support/gguf.ts";
import { overwrite } from "../bytes.ts";
import type { Random } from "../random.ts";
import type { Target } from "../target.ts";

const TOKENIZER: readonly Pair[] = [
  { key: "tokenizer.ggml.model", type: "string", value: "gpt2" },
  { key: "tokenizer.ggml.pre", type: "string", value: "smollm" },
  { key: "tokenizer.ggml.tokens", type: "array", element: "string", value: ["a", "b", "ab", "<|end|>"] },
  { key: "tokenizer.ggml.token_type", type: "array", element: "int32", value: [1, 1, 1, 3] },
  { key: "tokenizer.ggml.merges", type: "array", element: "string", value: ["a b"] },
  { key: "tokenizer.chat_template", type: "string", value: "{{ messages }}" },
  { key: "tokenizer.ggml.add_bos_token", type: "bool", value: false },
];
const MORE: readonly Pair[] = [
  { key: "general.alignment", type: "uint32", value: 64 },
  { key: "qwen2.rope.scaling.type", type: "string", value: "yarn" },
  { key: "qwen2.rope.scaling.factor", type: "float32", value: 4 },
  { key: "x", type: "array", element: "float64", value: [1, 2] },
  { key: "y", type: "uint64", value: 2n ** 63n },
];
const TENSORS: readonly GgufTensor[] = [
  { name: "token_embd.weight", ne: [32, 4], type: "Q8_0", data: new Uint8Array(136) },
  { name: "output_norm.weight", ne: [3], type: "F32", data: new Uint8Array(12) },
  { name: "s", ne: [], type: "F16", data: new Uint8Array(2) },
];

const TYPES: readonly MetadataType[] = ["uint8", "int32", "uint32", "float32", "bool", "string", "uint64", "array"];
const VALUES = [0, 1, 2, 3, 31, 32, 48, 64, 2 ** 20, 2 ** 31, -1, 0.5];
const TEXTS = ["", "a", "qwen2", "llama", "gpt2", "none", "linear", "__proto__", "general.architecture", "\u202e"];
const COUNTS = [0n, 1n, 2n, 7n, 2n ** 31n, 2n ** 32n, 2n ** 62n, 2n ** 63n, 2n ** 64n - 1n];
const INVALID = Uint8Array.of(0xff, 0xfe);

function pairLie(pair: Pair, random: Random): Pair {
  switch (random.below(7)) {
    case 0:
      return { ...pair, key: random.pick<string | Uint8Array>([...TEXTS, INVALID]) };
    case 1:
      return { ...pair, type: random.once(4) ? random.from(9, 20) : random.pick(TYPES) };
    case 2:
      return pair.element === undefined
        ? { ...pair, value: random.pick<Pair["value"]>([...VALUES, ...TEXTS]) }
        : { ...pair, value: [] };
    case 3: {
      const element = random.once(4) ? random.from(9, 20) : random.pick(TYPES);
      return { ...pair, type: "array", element, value: Buffer.alloc(24, 1), length: BigInt(random.below(7)) };
    }
    case 4:
      return { ...pair, length: random.pick(COUNTS) };
    case 5:
      return { key: pair.key, type: "uint32", value: random.pick(VALUES) };
    default:
      return { key: pair.key, type: "string", value: random.pick<string | Uint8Array>([...TEXTS, INVALID]) };
  }
}

function tensorLie(tensor: GgufTensor, random: Random): GgufTensor {
  switch (random.below(5)) {
    case 0:
      return { ...tensor, name: random.pick<string | Uint8Array>([...TEXTS, INVALID, "n".repeat(63), "n".repeat(64)]) };
    case 1:
      return { ...tensor, ne: Array.from({ length: random.below(6) }, () => random.pick(COUNTS)) };
    case 2:
      return { ...tensor, type: random.below(48) };
    case 3:
      return { ...tensor, data: new Uint8Array(random.below(300)) };
    default:
      return { ...tensor, offset: random.pick([...COUNTS, 32n, 64n, 160n]) };
  }
}

/** One place of a list changed, left out, or there twice. */
function one<T>(list: readonly T[], lie: (entry: T, random: Random) => T, random: Random): T[] {
  const at = random.below(list.length);
  const entry = list[at];
  if (entry === undefined) return [];
  const by = random.once(6) ? [] : random.once(6) ? [entry, entry] : [lie(entry, random)];
  return [...list.slice(0, at), ...by, ...list.slice(at + 1)];
}

/** A value that cannot be written as its type is written as what it is. */
function writable(pair: Pair): Pair {
  const { type, element, value } = pair;
  const text = typeof value === "string" || value instanceof Uint8Array;
  if (element !== undefined) return Array.isArray(value) || value instanceof Uint8Array ? pair : { ...pair, value: [] };
  if (Array.isArray(value)) return { ...pair, value: Buffer.alloc(4) };
  if (type === "string" && !text) return { ...pair, value: String(value) };
  const big = type === "uint64" || type === "int64";
  if (big && typeof value !== "bigint") return { ...pair, value: BigInt(Math.trunc(Number(value)) || 0) };
  return typeof value === "string" && type !== "string" ? { ...pair, value: Buffer.from(value) } : pair;
}

/** A file with up to two lies in its header, made whole around them. */
export function structuredGguf(random: Random): Uint8Array {
  let pairs: readonly Pair[] = random.once(4) ? [] : [...ggufPairs(SMALL), ...(random.once(2) ? TOKENIZER : [])];
  if (random.once(4)) pairs = [...pairs, ...MORE];
  let tensors: readonly GgufTensor[] = TENSORS.slice(0, random.below(4));
  for (let lies = random.below(3); lies > 0; lies--) {
    if (random.once(2)) pairs = one(pairs, pairLie, random);
    else tensors = one(tensors, tensorLie, random);
  }
  const parts: GgufParts = {
    pairs: pairs.map(writable),
    tensors,
    alignment: pairs.some(({ key }) => key === "general.alignment") ? 64 : 32,
    ...(random.once(40) ? { version: random.pick([0, 1, 2, 4, 0x03000000, 2 ** 32 - 1]) } : {}),
    ...(random.once(60) ? { tensorCount: random.pick(COUNTS) } : {}),
    ...(random.once(60) ? { pairCount: random.pick(COUNTS) } : {}),
    ...(random.once(100) ? { magic: "GGML" } : {}),
  };
  const bytes = write(parts);
  if (random.once(20)) return bytes.subarray(0, random.below(bytes.length));
  return random.once(40) ? overwrite(bytes, random.below(bytes.length), Uint8Array.of(random.below(256))) : bytes;
}

export const gguf: Target = {
  name: "gguf",
  extension: "bin",
  seeds: [
    write({}),
    write({ pairs: [...ggufPairs(SMALL), ...TOKENIZER], tensors: TENSORS }),
    write({ version: 2, pairs: [...MORE, ...ggufPairs(SMALL)], tensors: TENSORS, alignment: 64 }),
    write({ pairs: [...TOKENIZER, ...MORE.slice(3)] }),
  ],
  structured: structuredGguf,
  read(bytes) {
    const file = readGguf(inMemory(bytes));
    ggufTemplate(file);
    ggufSpecialTokens(file);
    const vocabulary = readGgufVocabulary(file);
    if (vocabulary !== undefined) new Tokenizer(vocabulary, file.path).encode("ab a<|end|>");
    const config = ggufConfig(file);
    ggufGeneration(file, config.vocabulary);
    const { f, attention } = frequencies({ ...config.rope, D: Math.min(config.rope.D, 256) });
    if (![...f, attention].every(Number.isFinite)) throw new Error("RoPE with frequencies that are no numbers");
    if (config.layers <= 64) expectedWeights(config, "gguf");
  },
};
