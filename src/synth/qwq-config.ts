/**
 * config.json of QwQ-32B, for a checkpoint of its size without a download.
 *
 * source   Qwen/QwQ-32B, config.json after May 2025 (before, max_position_embeddings was 131072)
 */
const FIELDS = {
  architectures: ["Qwen2ForCausalLM"],
  attention_dropout: 0.0,
  bos_token_id: 151_643,
  eos_token_id: 151_645,
  hidden_act: "silu",
  hidden_size: 5120,
  initializer_range: 0.02,
  intermediate_size: 27_648,
  max_position_embeddings: 40_960,
  max_window_layers: 64,
  model_type: "qwen2",
  num_attention_heads: 40,
  num_hidden_layers: 64,
  num_key_value_heads: 8,
  rms_norm_eps: 1e-5,
  rope_theta: 1_000_000,
  sliding_window: 32_768,
  tie_word_embeddings: false,
  torch_dtype: "bfloat16",
  transformers_version: "4.43.1",
  use_cache: true,
  use_sliding_window: false,
  vocab_size: 152_064,
};

export const QWQ_CONFIG = `${JSON.stringify(FIELDS, undefined, 2)}\n`;
