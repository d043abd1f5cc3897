"""
Writes every activation of a Hugging Face Qwen2 or Llama model as a candidate bundle of qwq oracle.

  python qwq_oracle_hf.py MODEL IDS.json OUT.oracle [--dtype bfloat16] [--attention eager]
  from qwq_oracle_hf import write_bundle; write_bundle(model, ids, "OUT.oracle")
"""

import argparse, hashlib, json, pathlib, sys  # noqa: E401

import torch
from safetensors.torch import save_file

POLICIES = {torch.float32: "f32", torch.bfloat16: "bf16-hf-eager", torch.float16: "f16-hf-eager"}


def record(model, ids):
    """Runs the model on one prompt; every activation by the page's name, [T, width] in float32."""
    taps, handles = {}, []

    def see(module, name, side):
        def keep(_module, inputs, output):
            x = inputs[0] if side == "in" else output
            taps[name] = (x[0] if isinstance(x, tuple) else x)[0].float()
        handles.append(module.register_forward_hook(keep))

    base = model.model
    see(base.embed_tokens, "embed", "out")
    for i, layer in enumerate(base.layers):
        a, m = layer.self_attn, layer.mlp
        for name, module, side in [
            ("n1", layer.input_layernorm, "out"), ("q", a.q_proj, "out"), ("k", a.k_proj, "out"), ("v", a.v_proj, "out"),
            ("a", a.o_proj, "in"), ("o", a.o_proj, "out"), ("mid", layer.post_attention_layernorm, "in"),
            ("n2", layer.post_attention_layernorm, "out"), ("gate", m.gate_proj, "out"), ("up", m.up_proj, "out"),
            ("act", m.down_proj, "in"), ("down", m.down_proj, "out"), ("out", layer, "out"),
        ]:
            see(module, f"{i}.{name}", side)
    see(base.norm, "norm", "out")
    code = sys.modules[type(model).__module__]
    plain, turn = code.apply_rotary_pos_emb, iter(range(len(base.layers)))

    def rotated(q, k, *more, **named):
        out, i = plain(q, k, *more, **named), next(turn)
        for name, x in zip(("qr", "kr"), out):
            taps[f"{i}.{name}"] = x[0].transpose(0, 1).flatten(1).float()
        return out

    code.apply_rotary_pos_emb = rotated
    try:
        with torch.no_grad():
            taps["logits"] = model(torch.tensor([ids]), use_cache=False).logits[0].float()
    finally:
        code.apply_rotary_pos_emb = plain
        for handle in handles:
            handle.remove()
    return taps


def write_bundle(model, ids, path, policy=None, engine="Hugging Face transformers"):
    """The bundle: manifest.json beside the values."""
    folder = pathlib.Path(f"{path}.part")
    folder.mkdir(parents=True)
    taps = {name: x.contiguous().cpu() for name, x in record(model, ids).items()}
    save_file(taps, folder / "taps-00001.safetensors")
    entries = [{
        "name": name, "dims": "T " + name.split(".")[-1], "shape": list(x.shape), "dtype": "F32", "rows": list(range(len(ids))),
        "file": "taps-00001.safetensors", "key": name, "sha256": hashlib.sha256(x.numpy().tobytes()).hexdigest(),
    } for name, x in taps.items()]
    head = {"format": "oracle-bundle/1", "role": "candidate", "engine": engine, "policy": policy or POLICIES[model.dtype]}
    (folder / "manifest.json").write_text(json.dumps({**head, "input": {"ids": list(ids)}, "taps": entries}))
    folder.rename(path)


if __name__ == "__main__":
    from transformers import AutoModelForCausalLM
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "ids", "out"):
        parser.add_argument(name)
    parser.add_argument("--dtype", default="float32", choices=["float32", "bfloat16", "float16"])
    parser.add_argument("--attention", default="eager", choices=["eager", "sdpa"])
    given = parser.parse_args()
    loaded = AutoModelForCausalLM.from_pretrained(given.model, dtype=getattr(torch, given.dtype), attn_implementation=given.attention)
    write_bundle(loaded.eval(), json.loads(pathlib.Path(given.ids).read_text()), given.out)
