import { describe, expect, it } from "vitest";
import { foreignTap, LAST_OUT } from "../../src/files/foreign-names.ts";
import { LAYER_TAPS, MODEL_TAPS } from "../../src/files/names.ts";

const taps = (name: string, op?: string) => foreignTap(name, op)?.taps.join(" ");

describe("foreignTap", () => {
  it.each<[string, string, string?]>([
    // the page's own
    ["0.qr", "0.qr"],
    ["logits", "logits"],
    // modules of Hugging Face, as its debugger, hooks and people write them
    ["Qwen2ForCausalLM.model.layers.0.self_attn.q_proj:out", "0.q"],
    ["model.layers.12.self_attn.o_proj_inputs", "12.a"],
    ["model.layers.12.self_attn.o_proj.in", "12.a"],
    ["model.layers.3.self_attn.o_proj", "3.o"],
    ["model.layers.3.post_attention_layernorm:in", "3.mid"],
    ["model.layers.3.mlp", "3.down"],
    ["model.layers.3.mlp.down_proj:out", "3.down"],
    ["model.layers.3:out", "3.out"],
    ["model.layers.3:in", "2.out"],
    ["model.norm:in", LAST_OUT],
    ["model.embed_tokens", "embed"],
    ["lm_head_outputs", "logits"],
    // vLLM's and MLX's fused matrices
    ["model.layers.1.self_attn.qkv_proj", "1.q 1.k 1.v"],
    ["model.layers.1.mlp.gate_up_proj:out", "1.gate 1.up"],
    // llama.cpp
    ["Qcur-0", "0.q", "ADD"],
    ["Qcur-0", "0.qr", "ROPE"],
    ["Kcur-5", "5.kr", "ROPE"],
    ["Vcur-5", "5.v", "ADD"],
    ["kqv_out-5", "5.a", "CONT"],
    ["ffn_inp-5", "5.mid", "ADD"],
    ["ffn_swiglu-5", "5.act", "GLU"],
    ["ffn_gate_par-5", "5.act", "MUL"],
    ["l_out-27", "27.out", "ADD"],
    ["result_norm", "norm", "MUL"],
    ["result_output", "logits", "MUL_MAT"],
    ["inp_embd", "embed", "GET_ROWS"],
    // ONNX Runtime's model builder
    ["present.0.key", "0.kr"],
    ["/model/layers.0/attn/qkv_proj/Add/output_0", "0.q 0.k 0.v"],
    ["/model/layers.1/input_layernorm/output_0", "1.n1"],
    ["/model/layers.1/input_layernorm/output_3", "0.out"],
    ["/model/layers.2/final_norm_layernorm/output_0", "norm"],
    // TransformerLens
    ["blocks.0.attn.hook_rot_q", "0.qr"],
    ["blocks.63.hook_resid_post", "63.out"],
    ["hook_embed", "embed"],
  ])("%s is %s (%s)", (name, expected, op) => expect(taps(name, op)).toBe(expected));

  it.each<[string, string?]>([
    ["9.x"],
    ["Qcur-0", "MUL_MAT"], // the product before its bias
    ["Qcur-0 (reshaped)", "RESHAPE"],
    ["kq-0", "MUL_MAT"],
    ["norm-0", "RMS_NORM"], // before the gain
    ["blocks.0.ln1.hook_normalized"], // likewise
    ["model.layers.0:in"], // the embedding, which has a name of its own
    ["/model/layers.0/mlp/act_fn/Sigmoid/output_0"],
    ["model.layers.99999.mlp"],
    ["constructor"],
    [""],
  ])("%s is no tap", (name, op) => expect(foreignTap(name, op)).toBeUndefined());

  it("knows every row of the table by the name in each of its columns", () => {
    for (const { ours, hf, llamaCpp, onnx, lens } of LAYER_TAPS) {
      if (!/[,[]/.test(hf)) expect(taps(`model.layers.7${hf.startsWith(":") ? "" : "."}${hf}`), hf).toBe(`7.${ours}`);
      const [node, op] = llamaCpp.split(" ");
      if (!llamaCpp.includes(" - ")) expect(taps(`${node!}-7`, op?.slice(1, -1)), llamaCpp).toBe(`7.${ours}`);
      if (onnx !== undefined) expect(taps(onnx.replace("{l}", "7").replace("{l+1}", "8"))).toBe(`7.${ours}`);
      if (lens !== undefined) expect(taps(`blocks.7.${lens}`)).toBe(`7.${ours}`);
    }
    for (const { ours, hf, llamaCpp } of MODEL_TAPS) expect([taps(hf), taps(llamaCpp)]).toEqual([ours, ours]);
  });
});
