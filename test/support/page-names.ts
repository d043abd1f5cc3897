/** Hugging Face's names of the page's parameters. */
const OUTER: Readonly<Record<string, string>> = {
  E: "model.embed_tokens.weight",
  g: "model.norm.weight",
  U: "lm_head.weight",
};

const INNER: Readonly<Record<string, string>> = {
  g1: "input_layernorm.weight",
  Wq: "self_attn.q_proj.weight",
  bq: "self_attn.q_proj.bias",
  Wk: "self_attn.k_proj.weight",
  bk: "self_attn.k_proj.bias",
  Wv: "self_attn.v_proj.weight",
  bv: "self_attn.v_proj.bias",
  Wo: "self_attn.o_proj.weight",
  g2: "post_attention_layernorm.weight",
  Wgate: "mlp.gate_proj.weight",
  Wup: "mlp.up_proj.weight",
  Wdown: "mlp.down_proj.weight",
};

/** "0.Wq" as "model.layers.0.self_attn.q_proj.weight". */
export function huggingFaceName(name: string): string {
  const [l, inner] = name.split(".");
  return inner === undefined ? OUTER[name]! : `model.layers.${l}.${INNER[inner]!}`;
}
