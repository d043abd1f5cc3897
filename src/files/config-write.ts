/**
 * config.json and generation_config.json of a model that was a GGUF file: the reverse of config.ts and generation.ts.
 *
 * source   transformers 5.23: Qwen2Config, LlamaConfig, GenerationConfig
 */
import type { Config } from "../config.ts";
import type { GenerationConfig } from "./generation.ts";

const CLASS = { qwen2: "Qwen2ForCausalLM", llama: "LlamaForCausalLM" } as const;

/** config.json's fields; its tensors that are not packed are float32. */
export function configFields(config: Config, { bos, pad, stop }: GenerationConfig): Record<string, unknown> {
  const { yarn } = config.rope;
  return {
    architectures: [CLASS[config.architecture]],
    model_type: config.architecture,
    hidden_act: "silu",
    hidden_size: config.channels,
    intermediate_size: config.feedForward,
    num_hidden_layers: config.layers,
    num_attention_heads: config.heads,
    num_key_value_heads: config.keyHeads,
    head_dim: config.headSize,
    vocab_size: config.vocabulary,
    max_position_embeddings: config.context,
    rms_norm_eps: config.eps,
    rope_theta: config.rope.theta,
    ...(yarn === undefined ? {} : { rope_scaling: yarnFields(yarn) }),
    tie_word_embeddings: config.tied,
    ...(config.architecture === "llama" ? { attention_bias: false, mlp_bias: false } : { use_sliding_window: false }),
    ...ids(bos, pad, stop),
    torch_dtype: "float32",
  };
}

function yarnFields({ factor, original, attention, fast, slow, truncate }: NonNullable<Config["rope"]["yarn"]>) {
  return {
    rope_type: "yarn",
    factor,
    original_max_position_embeddings: original,
    attention_factor: attention,
    beta_fast: fast,
    beta_slow: slow,
    truncate,
  };
}

function ids(bos: number | undefined, pad: number | undefined, stop: readonly number[]): Record<string, unknown> {
  return {
    ...(bos === undefined ? {} : { bos_token_id: bos }),
    ...(pad === undefined ? {} : { pad_token_id: pad }),
    ...(stop.length === 0 ? {} : { eos_token_id: stop.length === 1 ? stop[0] : stop }),
  };
}

/** generation_config.json's fields. */
export function generationFields({ bos, pad, stop }: GenerationConfig): Record<string, unknown> {
  return ids(bos, pad, stop);
}
