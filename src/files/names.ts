/**
 * THE table: our names beside those of Hugging Face, GGUF and llama.cpp, for weights and for activations.
 *
 * These names stand nowhere else. Every reader, writer and report goes through this file.
 */
import type { Config } from "../config.ts";
import type { Layer, Weights } from "../weights.ts";

/** The naming of a file: of a safetensors checkpoint, or of a GGUF file. */
export type Naming = "safetensors" | "gguf";

/** An axis of a weight, whose size the config gives. */
export type Axis = "C" | "F" | "V" | "HD" | "KD";

/** The size of each axis in a model. */
export function sizes(config: Config): Readonly<Record<Axis, number>> {
  return {
    C: config.channels,
    F: config.feedForward,
    V: config.vocabulary,
    HD: config.heads * config.headSize,
    KD: config.keyHeads * config.headSize,
  };
}

interface WeightName<Ours extends string> {
  readonly ours: Ours;
  readonly axes: readonly Axis[];
  readonly safetensors: string;
  readonly gguf: string;
}

/** A row of the table of a layer's weights; the names follow `model.layers.<l>.` and `blk.<l>.`. */
export type LayerWeightName = WeightName<keyof Layer>;

/** One layer, in the order of the page. */
export const LAYER_WEIGHTS: readonly LayerWeightName[] = [
  { ours: "g1", axes: ["C"], safetensors: "input_layernorm.weight", gguf: "attn_norm.weight" },
  { ours: "Wq", axes: ["HD", "C"], safetensors: "self_attn.q_proj.weight", gguf: "attn_q.weight" },
  { ours: "bq", axes: ["HD"], safetensors: "self_attn.q_proj.bias", gguf: "attn_q.bias" },
  { ours: "Wk", axes: ["KD", "C"], safetensors: "self_attn.k_proj.weight", gguf: "attn_k.weight" },
  { ours: "bk", axes: ["KD"], safetensors: "self_attn.k_proj.bias", gguf: "attn_k.bias" },
  { ours: "Wv", axes: ["KD", "C"], safetensors: "self_attn.v_proj.weight", gguf: "attn_v.weight" },
  { ours: "bv", axes: ["KD"], safetensors: "self_attn.v_proj.bias", gguf: "attn_v.bias" },
  { ours: "Wo", axes: ["C", "HD"], safetensors: "self_attn.o_proj.weight", gguf: "attn_output.weight" },
  { ours: "g2", axes: ["C"], safetensors: "post_attention_layernorm.weight", gguf: "ffn_norm.weight" },
  { ours: "Wgate", axes: ["F", "C"], safetensors: "mlp.gate_proj.weight", gguf: "ffn_gate.weight" },
  { ours: "Wup", axes: ["F", "C"], safetensors: "mlp.up_proj.weight", gguf: "ffn_up.weight" },
  { ours: "Wdown", axes: ["C", "F"], safetensors: "mlp.down_proj.weight", gguf: "ffn_down.weight" },
];

/** Outside the layers. A tied model has no U of its own. */
export const MODEL_WEIGHTS: readonly WeightName<"E" | "g" | "U">[] = [
  { ours: "E", axes: ["V", "C"], safetensors: "model.embed_tokens.weight", gguf: "token_embd.weight" },
  { ours: "g", axes: ["C"], safetensors: "model.norm.weight", gguf: "output_norm.weight" },
  { ours: "U", axes: ["V", "C"], safetensors: "lm_head.weight", gguf: "output.weight" },
] satisfies readonly WeightName<keyof Weights>[];

/** The name in the file of a weight of layer l. */
export function layerName(row: LayerWeightName, l: number, naming: Naming): string {
  return naming === "gguf" ? `blk.${l}.${row.gguf}` : `model.layers.${l}.${row.safetensors}`;
}

/** A weight that a checkpoint must have: its name in the file and its shape. */
export interface ExpectedWeight {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Every weight a model of this config has, in the order of the page. QwQ-32B: 64 x 12 + 3 = 771. */
export function expectedWeights(config: Config, naming: Naming): ExpectedWeight[] {
  const size = sizes(config);
  const shape = (axes: readonly Axis[]) => axes.map((axis) => size[axis]);
  const inLayer = LAYER_WEIGHTS.filter((row) => config.biases || !row.ours.startsWith("b"));
  const layers = Array.from({ length: config.layers }, (_, l) =>
    inLayer.map((row) => ({ name: layerName(row, l, naming), shape: shape(row.axes) })),
  );
  const [first, ...last] = MODEL_WEIGHTS.filter((row) => !(config.tied && row.ours === "U")).map((row) => ({
    name: row[naming],
    shape: shape(row.axes),
  }));
  return [first!, ...layers.flat(), ...last];
}

interface TapName {
  /** Its name in the page's record; `0.qr` is layer 0's. */
  readonly ours: string;
  /** The axes after T. */
  readonly axes: readonly Axis[];
  /** Where Hugging Face's Qwen2 has it: a module under `model.layers.<l>.` (or the model) with its side, or in words. */
  readonly hf: string;
  /** llama.cpp's graph node, without `-<l>`, and the operation, where one name occurs twice. */
  readonly llamaCpp: string;
  /**
   * A value of the graph that ONNX Runtime's model builder writes: `{l}` is the layer, `{l+1}` the next. What it fuses
   * (q, k and v) stands in FUSED_TAPS.
   */
  readonly onnx?: string;
  /** TransformerLens' hook under `blocks.<l>.`, where it is the same number. Its norms are before the gain. */
  readonly lens?: string;
}

/** The fifteen activations of a layer, in the order of the page. */
export const LAYER_TAPS: readonly TapName[] = [
  {
    ours: "n1",
    axes: ["C"],
    hf: "input_layernorm:out",
    llamaCpp: "attn_norm",
    onnx: "/model/layers.{l}/input_layernorm/output_0",
  },
  { ours: "q", axes: ["HD"], hf: "self_attn.q_proj:out", llamaCpp: "Qcur (ADD)", lens: "attn.hook_q" },
  { ours: "k", axes: ["KD"], hf: "self_attn.k_proj:out", llamaCpp: "Kcur (ADD)", lens: "attn.hook_k" },
  {
    ours: "v",
    axes: ["KD"],
    hf: "self_attn.v_proj:out",
    llamaCpp: "Vcur (ADD)",
    onnx: "present.{l}.value",
    lens: "attn.hook_v",
  },
  {
    ours: "qr",
    axes: ["HD"],
    hf: "apply_rotary_pos_emb, its first result",
    llamaCpp: "Qcur (ROPE)",
    lens: "attn.hook_rot_q",
  },
  {
    ours: "kr",
    axes: ["KD"],
    hf: "past_key_values[l].key",
    llamaCpp: "Kcur (ROPE)",
    onnx: "present.{l}.key",
    lens: "attn.hook_rot_k",
  },
  {
    ours: "a",
    axes: ["HD"],
    hf: "self_attn.o_proj:in",
    llamaCpp: "kqv_out",
    onnx: "/model/layers.{l}/attn/GroupQueryAttention/output_0",
    lens: "attn.hook_z",
  },
  {
    ours: "o",
    axes: ["C"],
    hf: "self_attn.o_proj:out",
    llamaCpp: "ffn_inp - l_out of the layer before",
    onnx: "/model/layers.{l}/attn/o_proj/MatMul/output_0",
    lens: "hook_attn_out",
  },
  {
    ours: "mid",
    axes: ["C"],
    hf: "post_attention_layernorm:in",
    llamaCpp: "ffn_inp",
    onnx: "/model/layers.{l}/post_attention_layernorm/output_3",
    lens: "hook_resid_mid",
  },
  {
    ours: "n2",
    axes: ["C"],
    hf: "post_attention_layernorm:out",
    llamaCpp: "ffn_norm",
    onnx: "/model/layers.{l}/post_attention_layernorm/output_0",
  },
  {
    ours: "gate",
    axes: ["F"],
    hf: "mlp.gate_proj:out",
    llamaCpp: "ffn_gate",
    onnx: "/model/layers.{l}/mlp/gate_proj/MatMul/output_0",
    lens: "mlp.hook_pre",
  },
  {
    ours: "up",
    axes: ["F"],
    hf: "mlp.up_proj:out",
    llamaCpp: "ffn_up",
    onnx: "/model/layers.{l}/mlp/up_proj/MatMul/output_0",
    lens: "mlp.hook_pre_linear",
  },
  {
    ours: "act",
    axes: ["F"],
    hf: "mlp.down_proj:in",
    llamaCpp: "ffn_swiglu",
    onnx: "/model/layers.{l}/mlp/Mul/output_0",
    lens: "mlp.hook_post",
  },
  {
    ours: "down",
    axes: ["C"],
    hf: "mlp:out",
    llamaCpp: "ffn_out",
    onnx: "/model/layers.{l}/mlp/down_proj/MatMul/output_0",
    lens: "hook_mlp_out",
  },
  // The layer's own output; hidden_states[layers] is already normed, so the last one must be taken from the module.
  {
    ours: "out",
    axes: ["C"],
    hf: ":out",
    llamaCpp: "l_out",
    onnx: "/model/layers.{l+1}/input_layernorm/output_3",
    lens: "hook_resid_post",
  },
];

/** The three outside the layers. */
export const MODEL_TAPS: readonly TapName[] = [
  {
    ours: "embed",
    axes: ["C"],
    hf: "model.embed_tokens:out",
    llamaCpp: "inp_embd",
    onnx: "/model/embed_tokens/Gather/output_0",
    lens: "hook_embed",
  },
  {
    ours: "norm",
    axes: ["C"],
    hf: "model.norm:out",
    llamaCpp: "result_norm",
    onnx: "/model/layers.{l}/final_norm_layernorm/output_0",
  },
  { ours: "logits", axes: ["V"], hf: "lm_head:out", llamaCpp: "result_output", onnx: "logits" },
];

/** A matrix that some engines make of several: its parts beside each other, in this order. */
export const FUSED_TAPS = [
  { parts: ["q", "k", "v"], hf: "self_attn.qkv_proj:out", onnx: "/model/layers.{l}/attn/qkv_proj/Add/output_0" },
  { parts: ["gate", "up"], hf: "mlp.gate_up_proj:out", onnx: undefined },
] as const;
