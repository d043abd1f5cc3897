/**
 * QwQ-32B as its authors published it: what a subject is held against where it is that model.
 *
 * source   Qwen/QwQ-32B: config.json, README ("Usage Guidelines"); tokenizer of Qwen2.5 and the four tokens after it
 */
import { QWQ_32B } from "../../config.ts";
import { readChatTemplate } from "../../files/chat-template.ts";
import { EMBEDDED } from "../../files/embedded.ts";
import { QWQ_DEFAULTS } from "../../generate/sampling.ts";
import type { Claim, Facts, Setting, Size, Special } from "./facts.ts";

/** From id 151643 on. */
const SPECIAL = [
  "endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start",
  "quad_end", "vision_start", "vision_end", "vision_pad", "image_pad", "video_pad",
].map((name) => `<|${name}|>`); // prettier-ignore

/** From id 151657 on: added, but not special, so that they survive where special tokens are left out. */
const ADDED = [
  "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>",
  "<|file_sep|>", "<tool_response>", "</tool_response>", "<think>", "</think>",
]; // prettier-ignore

const FIRST = 151_643;
export const END_OF_TEXT = 151_643;
export const IM_END = 151_645;
/** Ids that have a text; the embedding has 395 more rows. */
const TOKENS = 151_669;

const claim = <T>(value: T): Claim<T> => ({ value, where: "Qwen/QwQ-32B" });

export function publishedQwq(): Facts {
  const { layers } = QWQ_32B;
  return {
    path: "Qwen/QwQ-32B",
    kind: "published",
    name: "QwQ-32B",
    architecture: claim("qwen2"),
    numbers: claims(sizes()),
    place: () => "Qwen/QwQ-32B",
    act: claim("silu"),
    tied: claim(false),
    window: claim(false),
    dtype: claim("bfloat16"),
    scaling: undefined,
    tensors: claim({ layers, biases: { q: layers, k: layers, v: layers, o: 0 }, head: true }),
    eos: claim([IM_END, END_OF_TEXT]),
    pad: claim(END_OF_TEXT),
    addBos: claim(false),
    addEos: claim(false),
    prefixSpace: claim(false),
    specials: claim(specials()),
    tokens: claim(TOKENS),
    paddingTokens: undefined,
    tokenizer: undefined,
    sampling: claims(settings()),
    sample: claim(true),
    template: claim(readChatTemplate(EMBEDDED, new Set(["tokenizer_config.json"]))!),
    has: { config: true, generation: true, tokenizer: true, template: true, tensors: true },
  };
}

function sizes(): Record<Size, number> {
  const { layers, channels, heads, keyHeads, headSize, feedForward, vocabulary, context, eps, rope } = QWQ_32B;
  return { layers, channels, heads, keyHeads, headSize, feedForward, vocabulary, context, eps, theta: rope.theta };
}

function settings(): Record<Setting, number> {
  const { temperature, topK, topP, minP, repetitionPenalty } = QWQ_DEFAULTS;
  return { temperature, topK, topP, minP, repetitionPenalty };
}

function claims<K extends string>(values: Record<K, number>): Record<K, Claim<number>> {
  const entries = Object.entries<number>(values).map(([key, value]) => [key, claim(value)] as const);
  return Object.fromEntries(entries) as Record<K, Claim<number>>;
}

function specials(): ReadonlyMap<string, Special> {
  return new Map([...SPECIAL, ...ADDED].map((content, i) => [content, { id: FIRST + i, special: i < SPECIAL.length }]));
}
