"""
Single operations of a model on the inputs that a bundle of ours recorded, so that an error in one of them is not hidden by
what came before: `3.q` in float64; of matrices also `3.q.size`, sum |w x| + |b|, and `3.q.hf`, Hugging Face's own module.

  python golden/hf_steps.py CHECKPOINT BUNDLE OUT.safetensors
"""

import pathlib
import sys

import numpy as np
import torch
from safetensors.numpy import load_file

from common import save_tensors
from streamed import Streamed, huggingface
from truth import attention, frequencies, head_size, rms_norm, rope, swiglu

# What each matrix of a layer is applied to.
LINEARS = {
    "q": ("n1", "self_attn.q_proj"), "k": ("n1", "self_attn.k_proj"), "v": ("n1", "self_attn.v_proj"),
    "o": ("a", "self_attn.o_proj"), "gate": ("n2", "mlp.gate_proj"), "up": ("n2", "mlp.up_proj"), "down": ("act", "mlp.down_proj"),
}  # fmt: skip
Taps = dict[str, np.ndarray]


def steps(weights: Streamed, ours: Taps) -> Taps:
    """Every operation whose inputs our bundle has, on these inputs alone."""
    found: Taps = {}
    model = huggingface(weights)
    layers = sorted({int(name.split(".")[0]) for name in ours if "." in name})
    D, eps, (f, factor) = head_size(weights.config), weights.config["rms_norm_eps"], frequencies(weights.config)
    wide = {name: x.astype(np.float64) for name, x in ours.items()}

    def linear(tap: str, x: str, name: str) -> None:
        W, b = weights[f"{name}.weight"], weights.get(f"{name}.bias")
        bias = np.zeros(1) if b is None else b.astype(np.float64)
        found[tap] = wide[x] @ W.astype(np.float64).T + bias
        found[f"{tap}.size"] = np.abs(wide[x]) @ abs(W).T + np.abs(bias)
        found[f"{tap}.hf"] = model.get_submodule(name)(torch.from_numpy(ours[x])).numpy()

    def norm(tap: str, x: str, name: str) -> None:
        if x in wide:
            found[tap] = rms_norm(wide[x], weights[f"{name}.weight"].astype(np.float64), eps)

    for layer in layers:
        at = f"model.layers.{layer}"
        norm(f"{layer}.n1", f"{layer - 1}.out" if layer > 0 else "embed", f"{at}.input_layernorm")
        norm(f"{layer}.n2", f"{layer}.mid", f"{at}.post_attention_layernorm")
        for tap, (x, module) in LINEARS.items():
            linear(f"{layer}.{tap}", f"{layer}.{x}", f"{at}.{module}")
        q, k, v, qr, kr, gate, up = (wide[f"{layer}.{name}"] for name in ("q", "k", "v", "qr", "kr", "gate", "up"))
        found[f"{layer}.qr"], found[f"{layer}.kr"] = (rope(x, np.arange(len(x)), f, factor) for x in (q, k))
        found[f"{layer}.a"] = attention(qr, kr, v, D)
        found[f"{layer}.act"] = swiglu(gate, up)
    norm("norm", f"{weights.config['num_hidden_layers'] - 1}.out", "model.norm")
    linear("logits", "norm", "lm_head")
    return found


if __name__ == "__main__":
    checkpoint, bundle, out = map(pathlib.Path, sys.argv[1:])
    recorded = {name: x for path in sorted(bundle.glob("*.safetensors")) for name, x in load_file(path).items()}
    save_tensors(out, steps(Streamed(checkpoint), recorded))
