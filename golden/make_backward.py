"""
The backward pass, by torch autograd in float64.

backward/ops.safetensors     `<op>.<case>.<name>`: inputs and the gradient of the result (float32), and `.d<name>`: the
                             gradients (float64) of sum(result * gradient of the result)
backward/tiny.safetensors    the gradient of every parameter of model/tiny, by its name there, for the mean cross-entropy of
                             the ids in backward/tiny.json (computed in float64, stored in float32, ln p in the JSON); there, too, how
                             far torch's own float32 is off, as a share of each gradient's length

The model is written here once more, in torch: transformers' own pins float32 in RMSNorm, RoPE and softmax.
"""

import json
import math
import pathlib

import numpy as np
import torch
from safetensors.torch import load_file

import truth
from common import main, save_record, save_tensors

SEED = 8
rng = np.random.default_rng(SEED)


def normal(*shape: int, scale: float = 1.0) -> torch.Tensor:
    """Float32 values N(0, scale^2)."""
    return torch.tensor((rng.standard_normal(shape) * scale).astype(np.float32))


def rms_norm(x: torch.Tensor, g: torch.Tensor, eps: float) -> torch.Tensor:
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * g


def rope(x: torch.Tensor, pos: int, config: dict) -> torch.Tensor:
    """Turns each head's pairs by angles rounded as in truth.py."""
    f, factor = truth.frequencies(config)
    positions = np.arange(pos, pos + len(x), dtype=np.float32)
    angle = (positions[:, None] * f[None, :]).astype(np.float32)
    f32 = np.float32
    cos, sin = (turn(angle.astype(np.float64)).astype(f32) * f32(factor) for turn in (np.cos, np.sin))
    cos, sin = (torch.tensor(turn).to(x.dtype)[:, None, :] for turn in (cos, sin))
    first, second = x.reshape(len(x), -1, 2, len(f)).unbind(2)
    return torch.stack([first * cos - second * sin, first * sin + second * cos], 2).reshape(x.shape)


def attention(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, D: int) -> torch.Tensor:
    T, S = len(q), len(k)
    share = q.shape[1] // k.shape[1]
    heads = [x.reshape(len(x), -1, D).transpose(0, 1) for x in (q, k, v)]
    k, v = (x.repeat_interleave(share, 0) for x in heads[1:])
    future = torch.arange(S)[None, :] > torch.arange(S - T, S)[:, None]
    scores = (heads[0] @ k.transpose(1, 2) / math.sqrt(D)).masked_fill(future, -torch.inf)
    return (scores.softmax(-1) @ v).transpose(0, 1).reshape(T, -1)


def swiglu(gate: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.silu(gate) * up


def graded(case: str, f, inputs: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The inputs, a drawn gradient of the result, and what autograd makes of it."""
    at = {name: x.double().requires_grad_() for name, x in inputs.items()}
    with torch.enable_grad():
        y = f(**at)
        dy = normal(*y.shape)
        grads = torch.autograd.grad((y * dy.double()).sum(), list(at.values()))
    made = {f"{case}.{name}": x for name, x in inputs.items()} | {f"{case}.dy": dy}
    return made | {f"{case}.d{name}": d for name, d in zip(at, grads, strict=True)}


ROPE = {"head_dim": 8, "rope_theta": 1e6, "max_position_embeddings": 40960}


def ops(here: pathlib.Path) -> pathlib.Path:
    """Each equation by itself."""
    tensors = {}
    for case, (T, I, O) in {"ordinary": (5, 24, 17), "token": (1, 33, 8), "one": (3, 1, 1)}.items():
        tensors |= graded(f"linear.{case}", lambda x, W, b: x @ W.T + b, {"x": normal(T, I), "W": normal(O, I), "b": normal(O)})
    for case, scale in {"ordinary": 1.0, "small": 1e-3, "large": 1e3}.items():
        x = {"x": normal(4, 20, scale=scale), "g": 1 + normal(20, scale=0.3)}
        tensors |= graded(f"rmsNorm.{case}", lambda x, g: rms_norm(x, g, 1e-5), x)
    yarn = {**ROPE, "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"}}
    for case, (pos, config) in {"first": (0, ROPE), "late": (40000, ROPE), "yarn": (7, yarn)}.items():
        tensors |= graded(f"rope.{case}", lambda x, pos=pos, config=config: rope(x, pos, config), {"x": normal(3, 16)})
    for case, (T, S, H, K, scale) in {"whole": (6, 6, 4, 2, 1.0), "later": (2, 7, 5, 1, 1.0), "sharp": (5, 5, 2, 2, 4.0)}.items():
        x = {"q": normal(T, H * 8, scale=scale), "k": normal(S, K * 8, scale=scale), "v": normal(S, K * 8)}
        tensors |= graded(f"attention.{case}", lambda q, k, v: attention(q, k, v, 8), x)
    tensors |= graded("swiglu.ordinary", swiglu, {"gate": normal(4, 30, scale=2.0), "up": normal(4, 30)})
    tensors |= graded("swiglu.far", swiglu, {"gate": normal(2, 30, scale=60.0), "up": normal(2, 30)})
    ids = torch.tensor([3, 0, 11, 3, 3, 7])
    tensors |= graded("embed.rows", lambda E: E[ids], {"E": normal(12, 10)}) | {"embed.rows.ids": ids}
    targets, weights = torch.tensor([4, 0, 8, 8]), normal(4)
    logits = normal(4, 9, scale=3.0)
    with torch.enable_grad():
        z = logits.double().requires_grad_()
        nll = torch.nn.functional.cross_entropy(z, targets, reduction="none")
        (dlogits,) = torch.autograd.grad((nll * weights.double()).sum(), [z])
    made = {"logits": logits, "targets": targets, "weights": weights, "nll": nll.detach(), "dlogits": dlogits}
    tensors |= {f"crossEntropy.weighted.{name}": x for name, x in made.items()}
    return save_tensors(here / "backward/ops.safetensors", tensors)


def forward(config: dict, W: dict[str, torch.Tensor], ids: torch.Tensor) -> torch.Tensor:
    """Logits, with the names of the checkpoint."""
    D, eps = truth.head_size(config), config["rms_norm_eps"]

    def linear(x: torch.Tensor, name: str) -> torch.Tensor:
        y, bias = x @ W[f"{name}.weight"].T, W.get(f"{name}.bias")
        return y if bias is None else y + bias

    x = W["model.embed_tokens.weight"][ids]
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        n = rms_norm(x, W[f"{at}.input_layernorm.weight"], eps)
        q, k, v = (linear(n, f"{at}.self_attn.{p}_proj") for p in "qkv")
        x = x + linear(attention(rope(q, 0, config), rope(k, 0, config), v, D), f"{at}.self_attn.o_proj")
        n = rms_norm(x, W[f"{at}.post_attention_layernorm.weight"], eps)
        x = x + linear(swiglu(linear(n, f"{at}.mlp.gate_proj"), linear(n, f"{at}.mlp.up_proj")), f"{at}.mlp.down_proj")
    return linear(rms_norm(x, W["model.norm.weight"], eps), "lm_head")


def tiny(here: pathlib.Path) -> list[pathlib.Path]:
    """Every parameter of the tiny model."""
    config = json.loads((here / "model/tiny/config.json").read_text(encoding="utf-8"))
    stored = load_file(here / "model/tiny/model.safetensors")
    sequence = torch.tensor(rng.integers(0, config["vocab_size"], 25))
    ids, targets = sequence[:-1], sequence[1:]

    def graded_by(dtype: torch.dtype) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
        W = {name: x.to(dtype).requires_grad_() for name, x in stored.items()}
        with torch.enable_grad():
            nll = torch.nn.functional.cross_entropy(forward(config, W, ids), targets, reduction="none")
            grads = torch.autograd.grad(nll.mean(), list(W.values()))
        return nll, dict(zip(W, grads, strict=True))

    (nll, exact), (_, rough) = graded_by(torch.float64), graded_by(torch.float32)
    noise = {name: ((rough[name].double() - d).norm() / d.norm()).item() for name, d in exact.items()}
    tensors = {name: d.float() for name, d in exact.items()}
    about = {"ids": ids.tolist(), "targets": targets.tolist(), "loss": nll.mean().item(), "nll": nll.tolist(), "noise": noise}
    paths = [save_tensors(here / "backward/tiny.safetensors", tensors)]
    return [*paths, save_record(here / "backward/tiny.json", about)]


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Both."""
    return [ops(here), *tiny(here)]


if __name__ == "__main__":
    main(make)
