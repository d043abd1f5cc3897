"""
A context filled to the end under YaRN with factor 4: 131,072 tokens as in QwQ's README, and 6,144 for everyday.

  model/yarn-<T>/           a random Qwen2 as small as can be: the reference computes all T^2 / 2 scores of its one head
  model/yarn-<T>.f32, .f64  activations of the tokens at `rows`, Hugging Face's and the truth
  model/yarn-<T>.json       `tokens`, `rows`, and the seed of the ids: x = (1664525 x + 1013904223) mod 2^32 from x = seed,
                            id = floor(x / 2^26)

With one layer, keys and values depend on no attention, so that the rows can be computed alone: Hugging Face's own modules and
functions, called as Qwen2DecoderLayer and Qwen2Attention call them, its eager attention with the queries of those rows.
"""

import pathlib

import numpy as np
import torch
from transformers import AutoModelForCausalLM
from transformers.models.qwen2.modeling_qwen2 import apply_rotary_pos_emb, eager_attention_forward

import truth
from common import main, save_record, save_tensors
from draw import load_config, parameters, save_folder
from make_variants import BASE

SEED = 41
# tokens: (max_position_embeddings, original_max_position_embeddings, the rows that are kept)
CASES = {
    131072: (40960, 32768, [0, 1, 4095, 32767, 32768, 40959, 65535, 131070, 131071]),
    6144: (2048, 1536, [0, 1, 1535, 1536, 2048, 4095, 6142, 6143]),
}


def config_of(context: int, original: int) -> dict:
    """QwQ's config.json as its README has it changed, with the smallest sizes that keep, mix and slow frequencies."""
    return BASE | {
        "head_dim": 8, "hidden_size": 16, "intermediate_size": 24, "max_position_embeddings": context, "num_attention_heads": 1,
        "num_hidden_layers": 1, "num_key_value_heads": 1, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "vocab_size": 64,
        "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": original, "type": "yarn"},
    }  # fmt: skip


def drawn_ids(tokens: int) -> list[int]:
    """The ids, by a rule that any language has."""
    ids, x = [], SEED
    for _ in range(tokens):
        x = (1664525 * x + 1013904223) % 2**32
        ids.append(x >> 26)
    return ids


def sharp(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Queries three times as long: attention to so many tokens would else be an average that shows no single one."""
    return {name: (3 * x if ".q_proj." in name else x).bfloat16() for name, x in weights.items()}


def hugging_face(model, ids: list[int], kept: list[int]) -> dict[str, torch.Tensor]:
    """Activations of the kept rows, float32, by the modules of the model."""
    layer, rows, T = model.model.layers[0], torch.tensor(kept), len(ids)
    attention, x = layer.self_attn, model.model.embed_tokens(torch.tensor([ids]))
    n1 = layer.input_layernorm(x)
    q, k, v = (proj(n1).view(1, T, -1, 8).transpose(1, 2) for proj in (attention.q_proj, attention.k_proj, attention.v_proj))
    qr, kr = apply_rotary_pos_emb(q, k, *model.model.rotary_emb(x, torch.arange(T)[None]))
    mask = torch.where(torch.arange(T)[None] > rows[:, None], torch.finfo(torch.float32).min, 0.0)[None, None]
    a, _ = eager_attention_forward(attention, qr[:, :, rows], kr, v, mask, scaling=attention.scaling)
    a = a.reshape(1, len(kept), -1)
    mid = x[:, rows] + attention.o_proj(a)
    out = mid + layer.mlp(layer.post_attention_layernorm(mid))
    taps = {"qr": qr[:, 0, rows], "kr": kr[:, 0, rows], "v": v[:, 0, rows], "a": a, "mid": mid, "out": out}
    logits = model.lm_head(model.model.norm(out))
    return {**{f"0.{name}": y[0] for name, y in taps.items()}, "logits": logits[0]}


def truth_of(config: dict, w: dict[str, np.ndarray], ids: list[int], kept: list[int]) -> dict[str, np.ndarray]:
    """The same in float64."""
    w = {name.removeprefix("model.").removeprefix("layers.0."): x.astype(np.float64) for name, x in w.items()}
    eps, (f, factor) = config["rms_norm_eps"], truth.frequencies(config)
    x = w["embed_tokens.weight"][ids]
    n1 = truth.rms_norm(x, w["input_layernorm.weight"], eps)
    q, k, v = (n1 @ w[f"self_attn.{p}_proj.weight"].T + w[f"self_attn.{p}_proj.bias"] for p in "qkv")
    qr, kr = (truth.rope(y, np.arange(len(ids)), f, factor) for y in (q, k))
    a = np.concatenate([truth.attention(qr[p : p + 1], kr[: p + 1], v[: p + 1], 8) for p in kept])
    mid = x[kept] + a @ w["self_attn.o_proj.weight"].T
    n2 = truth.rms_norm(mid, w["post_attention_layernorm.weight"], eps)
    act = truth.swiglu(n2 @ w["mlp.gate_proj.weight"].T, n2 @ w["mlp.up_proj.weight"].T)
    out = mid + act @ w["mlp.down_proj.weight"].T
    taps = {"qr": qr[kept], "kr": kr[kept], "v": v[kept], "a": a, "mid": mid, "out": out}
    logits = truth.rms_norm(out, w["norm.weight"], eps) @ w["lm_head.weight"].T
    return {**{f"0.{name}": y for name, y in taps.items()}, "logits": logits}


def make_case(here: pathlib.Path, tokens: int) -> list[pathlib.Path]:
    """The folder and its columns."""
    context, original, rows = CASES[tokens]
    folder, ids, config = here / f"model/yarn-{tokens}", drawn_ids(tokens), config_of(context, original)
    files = save_folder(folder, config, sharp(parameters(config, SEED)))
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    weights = {name: x.numpy() for name, x in model.state_dict().items()}
    columns = {"f32": hugging_face(model, ids, rows), "f64": truth_of(load_config(folder), weights, ids, rows)}
    files += [save_tensors(here / f"model/yarn-{tokens}.{column}.safetensors", acts) for column, acts in columns.items()]
    return [*files, save_record(here / f"model/yarn-{tokens}.json", {"tokens": tokens, "rows": rows, "seed": SEED})]


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes golden/model/yarn-<T> for both lengths."""
    return [file for tokens in CASES for file in make_case(here, tokens)]


if __name__ == "__main__":
    main(make)
