"""
The truth: Qwen2 (and llama without biases) in float64, written from the equations, in numpy, sharing no code with transformers.

Hugging Face's own model cannot be run in float64: its RMSNorm, RoPE and softmax pin float32. So this column is
independent. One thing is not float64: RoPE's frequencies and angles are rounded to float32 step by step, because there
the rounding is specification (a float64 angle differs by 3e-3 at position 40,959). Each step is rounded correctly once.
"""

import math

import numpy as np

f32 = np.float32


def frequencies(config: dict) -> tuple[np.ndarray, float]:
    """RoPE's frequencies [D/2], float32, and the factor on cos and sin (float64), from the keys of a config.json."""
    rope = {**(config.get("rope_scaling") or {}), **(config.get("rope_parameters") or {})}
    theta = rope.get("rope_theta", config.get("rope_theta"))
    D = head_size(config)
    exponent = (np.arange(0, D, 2) / D).astype(f32)
    power = np.power(float(theta), exponent.astype(np.float64)).astype(f32)
    plain = (f32(1) / power).astype(f32)
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind == "default":
        return plain, 1.0
    assert kind == "yarn", kind
    return yarn_frequencies(plain, power, theta, rope, config["max_position_embeddings"])


def yarn_frequencies(plain: np.ndarray, power: np.ndarray, theta: float, rope: dict, context: int) -> tuple[np.ndarray, float]:
    """YaRN: fast waves kept, slow ones divided by `factor`, a ramp between."""
    D, factor = 2 * len(plain), rope["factor"]
    original = rope.get("original_max_position_embeddings") or context

    def index(turns: float) -> float:
        return D * math.log(original / (turns * 2 * math.pi)) / (2 * math.log(theta))

    low, high = index(rope.get("beta_fast") or 32), index(rope.get("beta_slow") or 1)
    if rope.get("truncate", True):
        low, high = math.floor(low), math.ceil(high)
    low, high = max(low, 0), min(high, D - 1)
    if low == high:
        high += 0.001
    ramp = np.clip(((np.arange(len(plain), dtype=f32) - f32(low)) / f32(high - low)).astype(f32), f32(0), f32(1))
    keep = (f32(1) - ramp).astype(f32)
    slowed = (f32(1) / (f32(factor) * power)).astype(f32)
    mixed = (slowed * (f32(1) - keep) + plain * keep).astype(f32)
    return mixed, attention_factor(rope, factor)


def attention_factor(rope: dict, factor: float) -> float:
    """What cos and sin are multiplied by: given, or from the factor."""

    def grow(m: float) -> float:
        return 1.0 if factor <= 1 else 0.1 * m * math.log(factor) + 1

    if rope.get("attention_factor") is not None:
        return rope["attention_factor"]
    if rope.get("mscale") and rope.get("mscale_all_dim"):
        return grow(rope["mscale"]) / grow(rope["mscale_all_dim"])
    return grow(1)


def head_size(config: dict) -> int:
    """D: `head_dim` where the config has one, else the row shared equally among the heads."""
    return config.get("head_dim") or config["hidden_size"] // config["num_attention_heads"]


def rms_norm(x: np.ndarray, gain: np.ndarray, eps: float) -> np.ndarray:
    """x / rms(x) * gain, row by row."""
    return x / np.sqrt(np.mean(x * x, axis=-1, keepdims=True) + eps) * gain


def rope(x: np.ndarray, positions: np.ndarray, f: np.ndarray, factor: float) -> np.ndarray:
    """Turns each head's pairs (d, d + D/2) by the angle position * f[d]; x is [T, heads * D]."""
    half = len(f)
    angle = (positions.astype(f32)[:, None] * f[None, :]).astype(f32).astype(np.float64)[:, None, :]
    cos, sin = np.cos(angle) * factor, np.sin(angle) * factor
    heads = x.reshape(len(x), -1, 2, half)
    first, second = heads[:, :, 0], heads[:, :, 1]
    return np.stack([first * cos - second * sin, first * sin + second * cos], axis=2).reshape(x.shape)


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, D: int) -> np.ndarray:
    """softmax(q k' / sqrt D) v: q [T, H D], k and v [S, K D]; the T queries are the last of the S tokens."""
    T, S, H, K = len(q), len(k), q.shape[1] // D, k.shape[1] // D
    out = np.empty_like(q)
    future = np.arange(S)[None, :] > np.arange(S - T, S)[:, None]
    for h in range(H):
        at, kv = slice(h * D, h * D + D), slice(h // (H // K) * D, h // (H // K) * D + D)
        scores = np.where(future, -np.inf, q[:, at] @ k[:, kv].T / math.sqrt(D))
        weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
        out[:, at] = weights / weights.sum(axis=-1, keepdims=True) @ v[:, kv]
    return out


def swiglu(gate: np.ndarray, up: np.ndarray) -> np.ndarray:
    """gate * sigmoid(gate) * up."""
    return gate / (1 + np.exp(-gate)) * up


def forward(config: dict, weights: dict[str, np.ndarray], ids: list[int]) -> dict[str, np.ndarray]:
    """
    Every activation of the page, by its name there: `embed`, `0.n1` to `<last>.out`, `norm`, `logits`.

    `weights` holds Hugging Face's names; they are widened to float64 one at a time, as they are used.
    """
    f, factor = frequencies(config)
    D, eps, positions = head_size(config), config["rms_norm_eps"], np.arange(len(ids))

    def linear(x: np.ndarray, name: str) -> np.ndarray:
        y = x @ weights[f"{name}.weight"].astype(np.float64).T
        bias = weights.get(f"{name}.bias")
        return y if bias is None else y + bias.astype(np.float64)

    x = weights["model.embed_tokens.weight"][ids].astype(np.float64)
    acts = {"embed": x}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        n1 = rms_norm(x, weights[f"{at}.input_layernorm.weight"].astype(np.float64), eps)
        q, k, v = (linear(n1, f"{at}.self_attn.{p}_proj") for p in "qkv")
        qr, kr = (rope(y, positions, f, factor) for y in (q, k))
        a = attention(qr, kr, v, D)
        o = linear(a, f"{at}.self_attn.o_proj")
        mid = x + o
        n2 = rms_norm(mid, weights[f"{at}.post_attention_layernorm.weight"].astype(np.float64), eps)
        gate, up = (linear(n2, f"{at}.mlp.{p}_proj") for p in ("gate", "up"))
        act = swiglu(gate, up)
        down = linear(act, f"{at}.mlp.down_proj")
        x = mid + down
        taps = dict(n1=n1, q=q, k=k, v=v, qr=qr, kr=kr, a=a, o=o, mid=mid, n2=n2, gate=gate, up=up, act=act, down=down, out=x)
        acts.update({f"{layer}.{name}": value for name, value in taps.items()})
    acts["norm"] = rms_norm(x, weights["model.norm.weight"].astype(np.float64), eps)
    head = "model.embed_tokens" if config.get("tie_word_embeddings") else "lm_head"
    acts["logits"] = linear(acts["norm"], head)
    return acts
