/**
 * What a checkpoint's config.json says, in words. Reading that file is src/files/config.ts.
 */
import { FormatError } from "./errors.ts";

/** YaRN (Peng et al. 2023, arXiv 2309.00071): RoPE's low frequencies slowed down, to reach past the trained context. */
export interface Yarn {
  /** How many times longer: `factor`. QwQ-32B's README: 4. */
  readonly factor: number;
  /** The trained context: `original_max_position_embeddings`. QwQ-32B's README: 32,768. */
  readonly original: number;
  /** Multiplies cos and sin: `attention_factor`, or 0.1 ln(factor) + 1 where the file has none. */
  readonly attention: number;
  /** Turns over the trained context above which a frequency stays as it is: `beta_fast`, 32. */
  readonly fast: number;
  /** Turns below which it is divided by `factor`: `beta_slow`, 1. */
  readonly slow: number;
  /** Whether the two bounds are rounded outwards to whole indices: `truncate`, true. */
  readonly truncate: boolean;
}

/** What rotary position needs to know. */
export interface Rope {
  /** Head size, `head_dim`. QwQ-32B: 128. */
  readonly D: number;
  /** The base of the frequencies, `rope_theta`. QwQ-32B: 1e6. */
  readonly theta: number;
  readonly yarn: Yarn | undefined;
}

/** One field a line: Hugging Face's key, and the value in QwQ-32B. */
export interface Config {
  /** `model_type`: "qwen2"; or "llama", the same block without q, k and v biases. */
  readonly architecture: "qwen2" | "llama";
  /** `num_hidden_layers`: 64. */
  readonly layers: number;
  /** C, `hidden_size`: 5,120. */
  readonly channels: number;
  /** H, `num_attention_heads`: 40. */
  readonly heads: number;
  /** K, `num_key_value_heads`: 8. */
  readonly keyHeads: number;
  /** D, `head_dim`, else hidden_size / num_attention_heads: 128. */
  readonly headSize: number;
  /** F, `intermediate_size`: 27,648. */
  readonly feedForward: number;
  /** V, `vocab_size`: 152,064 rows, of which the tokenizer names 151,669. */
  readonly vocabulary: number;
  /** `max_position_embeddings`: 40,960 (131,072 at release). */
  readonly context: number;
  /** `rms_norm_eps`: 1e-5 (Qwen2.5-32B-Instruct has 1e-6). */
  readonly eps: number;
  /** `rope_theta` and `rope_scaling`. */
  readonly rope: Rope;
  /** `tie_word_embeddings`: false. True makes the unembedding the embedding itself. */
  readonly tied: boolean;
  /** Whether q, k and v have biases: true for qwen2, false for llama. */
  readonly biases: boolean;
}

/** QwQ-32B as published (config.json after May 2025). */
export const QWQ_32B = {
  architecture: "qwen2",
  layers: 64,
  channels: 5120,
  heads: 40,
  keyHeads: 8,
  headSize: 128,
  feedForward: 27_648,
  vocabulary: 152_064,
  context: 40_960,
  eps: 1e-5,
  rope: { D: 128, theta: 1e6, yarn: undefined },
  tied: false,
  biases: true,
} as const satisfies Config;

/** Refuses sizes that no Qwen2 can have. `where` names the file in the error. */
export function checkConfig(c: Config, where: string): Config {
  const bad = (expected: string, actual: string, hint: string) =>
    new FormatError("E_CFG_DIMS", where, { expected, actual, hint });
  if (c.heads % c.keyHeads !== 0) {
    throw bad(
      '"num_key_value_heads" to divide "num_attention_heads"',
      `${c.keyHeads} and ${c.heads}`,
      "Is this a Qwen2 model?",
    );
  }
  if (c.headSize % 2 !== 0) {
    throw bad("an even head size, since RoPE turns pairs", `${c.headSize}`, "Is this a Qwen2 model?");
  }
  if (c.rope.D !== c.headSize)
    throw bad(`RoPE over the whole head of ${c.headSize}`, `${c.rope.D}`, "Give D = headSize.");
  return c;
}

/** What to warn of where a context is longer than the model's positions reach: to its own, or as far as YaRN takes them. */
export function beyondReach({ context: own, rope: { yarn } }: Config, context: number): string | undefined {
  const reach = yarn === undefined ? own : Math.max(own, yarn.factor * yarn.original);
  if (context <= reach) return undefined;
  const [asked, made] = [context, reach].map((n) => n.toLocaleString("en-US"));
  const help = yarn === undefined ? " YaRN reaches further: rope_scaling in config.json." : "";
  return `A context of ${asked} tokens is more than the ${made} that the model was made for; past them it may write nonsense.${help}`;
}
