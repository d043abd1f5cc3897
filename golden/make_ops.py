"""
One file an equation, golden/ops/<name>.safetensors, named as the files of src/reference.

A file holds cases. `<case>.x`, `<case>.W` ... are inputs (float32); `<case>.y` is what Hugging Face's own module or
function makes of them in float32, `<case>.y.f64` the equation in float64 (truth.py). Rows are [T, width], as everywhere.
"""

import pathlib
from types import SimpleNamespace

import numpy as np
import torch
from transformers import Qwen2Config
from transformers.models.qwen2 import modeling_qwen2 as hf

import truth
from common import main, save_record, save_tensors

SEED = 1
THETA = 1e6
EPS = 1e-5

rng = np.random.default_rng(SEED)


def normal(*shape: int, scale: float = 1.0) -> np.ndarray:
    """Float32 values N(0, scale^2)."""
    return (rng.standard_normal(shape) * scale).astype(np.float32)


def wide(*shape: int) -> np.ndarray:
    """Float32 values of both signs whose magnitudes span six decades, so that sums have something to lose."""
    return (rng.standard_normal(shape) * 10.0 ** rng.uniform(-4, 2, shape)).astype(np.float32)


def f64(x: np.ndarray) -> np.ndarray:
    """The same values in float64."""
    return x.astype(np.float64)


def embed() -> dict[str, np.ndarray]:
    """x = E[ids]: repeated ids, the first row and the last."""
    E, ids = normal(12, 10), np.array([3, 0, 11, 3, 3, 7], dtype=np.int64)
    y = torch.nn.functional.embedding(torch.tensor(ids), torch.tensor(E)).numpy()
    return {"rows.E": E, "rows.ids": ids, "rows.y": y, "rows.y.f64": f64(E)[ids]}


def rms_norm() -> dict[str, np.ndarray]:
    """x / rms(x) * g: ordinary rows, rows near zero (where eps decides), one row of zeros, large rows, one hot value."""
    tensors = {}
    inputs = {
        "ordinary": normal(5, 80), "qwq": normal(1, 5120), "small": normal(3, 80, scale=1e-3), "tiny": normal(3, 80, scale=1e-6),
        "zero": np.zeros((1, 16), np.float32), "large": normal(3, 80, scale=1e4), "wide": wide(4, 97),
        "outlier": np.where(np.arange(80) == 7, 3000, normal(1, 80)).astype(np.float32), "one": normal(4, 1),
    }  # fmt: skip
    for case, x in inputs.items():
        gain = 1 + normal(x.shape[1], scale=0.3)
        norm = hf.Qwen2RMSNorm(x.shape[1], eps=EPS)
        norm.weight.copy_(torch.tensor(gain))
        y = norm(torch.tensor(x)).numpy()
        tensors |= {f"{case}.x": x, f"{case}.g": gain, f"{case}.y": y, f"{case}.y.f64": truth.rms_norm(f64(x), f64(gain), EPS)}
    return tensors


def linear() -> dict[str, np.ndarray]:
    """y = W x + b: odd widths, one token, one input, one output, with and without bias, wide magnitudes, cancelling sums."""
    tensors = {}
    sizes = {
        "ordinary": (7, 80, 48, True), "unbiased": (7, 108, 40, False), "token": (1, 333, 17, True), "input": (3, 1, 5, True),
        "output": (4, 31, 1, False), "long": (1, 2816, 3, False), "wide": (3, 97, 20, True), "cancel": (2, 64, 8, False),
    }  # fmt: skip
    for case, (T, inputs, outputs, biased) in sizes.items():
        draw = wide if case == "wide" else normal
        x, W, b = draw(T, inputs), draw(outputs, inputs), normal(outputs)
        if case == "cancel":  # the second half takes back the first but for a thousandth
            x[:, 32:], W[:, 32:] = -x[:, :32] * np.float32(1.001), W[:, :32]
        module = torch.nn.Linear(inputs, outputs, bias=biased)
        module.weight.copy_(torch.tensor(W))
        if biased:
            module.bias.copy_(torch.tensor(b))
            tensors[f"{case}.b"] = b
        y64 = f64(x) @ f64(W).T + (f64(b) if biased else 0)
        tensors |= {f"{case}.x": x, f"{case}.W": W, f"{case}.y": module(torch.tensor(x)).numpy(), f"{case}.y.f64": y64}
    return tensors


# What config.json says about RoPE, for each case; the tests read these from rope.json.
ROPE_CONFIGS: dict[str, dict] = {
    "qwq": {"head_dim": 128, "rope_theta": THETA, "max_position_embeddings": 40960},
    "d8": {"head_dim": 8, "rope_theta": THETA, "max_position_embeddings": 40960},
    "d2": {"head_dim": 2, "rope_theta": THETA, "max_position_embeddings": 40960},
    "d64": {"head_dim": 64, "rope_theta": 1e5, "max_position_embeddings": 8192},
    "yarn": {
        "head_dim": 128, "rope_theta": THETA, "max_position_embeddings": 131072,
        "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "type": "yarn"},
    },
    "yarn-40960": {
        "head_dim": 128, "rope_theta": THETA, "max_position_embeddings": 40960,
        "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "rope_type": "yarn"},
    },
    "yarn-no-original": {
        "head_dim": 128, "rope_theta": THETA, "max_position_embeddings": 40960, "rope_scaling": {"factor": 4.0, "type": "yarn"},
    },
    "yarn-factor-2.5": {
        "head_dim": 128, "rope_theta": THETA, "max_position_embeddings": 131072,
        "rope_scaling": {"factor": 2.5, "original_max_position_embeddings": 32768, "rope_type": "yarn"},
    },
    "yarn-attention-factor": {
        "head_dim": 16, "rope_theta": 1e4, "max_position_embeddings": 4096,
        "rope_scaling": {"attention_factor": 0.7, "factor": 8.0, "original_max_position_embeddings": 512, "rope_type": "yarn"},
    },
    "yarn-mscale": {
        "head_dim": 64, "rope_theta": 1e4, "max_position_embeddings": 163840,
        "rope_scaling": {
            "factor": 40.0, "mscale": 1.0, "mscale_all_dim": 0.8, "original_max_position_embeddings": 4096, "rope_type": "yarn",
        },
    },
    "yarn-mscale-alone": {
        "head_dim": 64, "rope_theta": 1e4, "max_position_embeddings": 163840,
        "rope_scaling": {"factor": 40.0, "mscale": 0.707, "original_max_position_embeddings": 4096, "rope_type": "yarn"},
    },
    "yarn-betas": {
        "head_dim": 64, "rope_theta": THETA, "max_position_embeddings": 131072,
        "rope_scaling": {
            "beta_fast": 16, "beta_slow": 2, "factor": 4.0, "original_max_position_embeddings": 32768, "rope_type": "yarn",
        },
    },
    "yarn-untruncated": {
        "head_dim": 64, "rope_theta": THETA, "max_position_embeddings": 131072,
        "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 32768, "rope_type": "yarn", "truncate": False},
    },
    "yarn-factor-1": {
        "head_dim": 64, "rope_theta": THETA, "max_position_embeddings": 32768,
        "rope_scaling": {"factor": 1.0, "original_max_position_embeddings": 32768, "rope_type": "yarn"},
    },
}  # fmt: skip


def rope() -> dict[str, np.ndarray]:
    """
    Rotation of two heads at positions 0, 1, 4095 and 40959, with the frequencies and the factor on cos and sin.

    `<case>.f` are Hugging Face's frequencies and `<case>.f.f64` those of truth.py (float32 steps, each rounded once).
    """
    positions = np.array([0, 1, 4095, 40959], dtype=np.int64)
    tensors = {"positions": positions}
    for case, config in ROPE_CONFIGS.items():
        D = config["head_dim"]
        x = normal(4, 2 * D)
        rotary = hf.Qwen2RotaryEmbedding(Qwen2Config(hidden_size=2 * D, num_attention_heads=2, num_key_value_heads=1, **config))
        cos, sin = rotary(torch.zeros(1), torch.tensor(positions)[None])
        heads = torch.tensor(x).view(1, 4, 2, D).transpose(1, 2)
        y = hf.apply_rotary_pos_emb(heads, heads, cos, sin)[0][0].transpose(0, 1).flatten(1).numpy()
        f, factor = truth.frequencies(config)
        tensors |= {
            f"{case}.x": x, f"{case}.y": y, f"{case}.y.f64": truth.rope(f64(x), positions, f, factor),
            f"{case}.f": rotary.inv_freq.numpy(), f"{case}.f.f64": f64(f), f"{case}.attention": np.array([rotary.attention_scaling]),
        }  # fmt: skip
    return tensors


def attention() -> dict[str, np.ndarray]:
    """softmax(q k' / sqrt D) v, the T queries being the last of S tokens; several shapes, and scores flat and peaked."""
    tensors = {}
    sizes = {  # T, S, H, K, D, scale of the queries
        "prompt": (7, 7, 10, 2, 8, 1.0), "chunk": (3, 12, 10, 2, 8, 1.0), "token": (1, 300, 10, 2, 8, 1.0),
        "first": (1, 1, 5, 1, 8, 1.0), "plain": (6, 6, 3, 3, 4, 1.0), "qwq": (2, 9, 10, 2, 128, 1.0), "odd": (5, 8, 9, 3, 6, 1.0),
        "flat": (4, 64, 5, 1, 8, 0.0), "peaked": (4, 64, 5, 1, 8, 30.0), "extreme": (3, 16, 5, 1, 8, 1e4),
    }  # fmt: skip
    for case, (T, S, H, K, D, scale) in sizes.items():
        q, k, v = normal(T, H * D, scale=scale), normal(S, K * D), normal(S, K * D)
        heads = [torch.tensor(x).view(1, len(x), -1, D).transpose(1, 2) for x in (q, k, v)]
        future = torch.arange(S)[None, :] > torch.arange(S - T, S)[:, None]
        mask = torch.where(future, torch.finfo(torch.float32).min, 0.0)[None, None]
        module = SimpleNamespace(num_key_value_groups=H // K, training=False)
        y = hf.eager_attention_forward(module, *heads, mask, scaling=D**-0.5)[0].flatten(2)[0].numpy()
        y64 = truth.attention(f64(q), f64(k), f64(v), D)
        tensors |= {f"{case}.q": q, f"{case}.k": k, f"{case}.v": v, f"{case}.y": y, f"{case}.y.f64": y64}
        tensors[f"{case}.D"] = np.array([D], dtype=np.int64)
    return tensors


def swiglu() -> dict[str, np.ndarray]:
    """silu(gate) * up: ordinary values; gates from -200 to 200 and both zeros, where an exponential over- or underflows."""
    edges = np.array([[0.0, -0.0, 1, -1, 20, -20, 88, -88, 90, -90, 104, -104, 200, -200, 1e-30, -1e-30]], dtype=np.float32)
    tensors = {}
    for case, gate in {"ordinary": normal(5, 108, scale=2.0), "edges": edges}.items():
        up = normal(*gate.shape)
        mlp = hf.Qwen2MLP(Qwen2Config(hidden_size=1, intermediate_size=1))
        y = (mlp.act_fn(torch.tensor(gate)) * torch.tensor(up)).numpy()
        tensors |= {f"{case}.gate": gate, f"{case}.up": up, f"{case}.y": y, f"{case}.y.f64": truth.swiglu(f64(gate), f64(up))}
    return tensors


def add() -> dict[str, np.ndarray]:
    """z = x + y, the residual sum."""
    x, y = wide(5, 80), wide(5, 80)
    return {"residual.x": x, "residual.y": y, "residual.z": (torch.tensor(x) + torch.tensor(y)).numpy(), "residual.z.f64": f64(x) + f64(y)}


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes golden/ops."""
    global rng
    rng = np.random.default_rng(SEED)  # so that a second call writes the same
    equations = {"embed": embed, "rms-norm": rms_norm, "linear": linear, "rope": rope, "attention": attention, "swiglu": swiglu, "add": add}
    files = [save_tensors(here / f"ops/{name}.safetensors", equation()) for name, equation in equations.items()]
    return files + [save_record(here / "ops/rope.json", ROPE_CONFIGS)]


if __name__ == "__main__":
    main(make)
