"""Random checkpoints in which every parameter is drawn: no bias is zero, no gain is one, so that none goes untested."""

import json
import pathlib

import numpy as np
import torch

from common import save_json, save_tensors
from truth import head_size


def parameters(config: dict, seed: int, biases: bool = True, unused_rows: int = 0) -> dict[str, torch.Tensor]:
    """
    Float32 parameters by Hugging Face's names, for the sizes of `config`.

    Matrices are N(0, 1 / inputs), so that activations stay near 1; queries and keys are half as large again, so that
    attention is not flat. Gains are 1 + 0.3 N, biases 0.5 N. The last `unused_rows` of embedding and unembedding, which
    no token uses, are ten times smaller, as rows that were never trained would be.
    """
    rng = np.random.default_rng(seed)
    C, F, V, D = config["hidden_size"], config["intermediate_size"], config["vocab_size"], head_size(config)
    H, K = config["num_attention_heads"], config["num_key_value_heads"]

    def matrix(outputs: int, inputs: int, scale: float = 1.0) -> np.ndarray:
        return rng.standard_normal((outputs, inputs)) * scale / np.sqrt(inputs)

    def rows(scale: float) -> np.ndarray:
        x = rng.standard_normal((V, C)) * scale
        x[V - unused_rows :] *= 0.1
        return x

    drawn = {"model.embed_tokens.weight": rows(1.0)}
    for layer in range(config["num_hidden_layers"]):
        at = f"model.layers.{layer}"
        drawn[f"{at}.input_layernorm.weight"] = 1 + 0.3 * rng.standard_normal(C)
        for name, heads, scale in (("q", H, 1.5), ("k", K, 1.5), ("v", K, 1.0)):
            drawn[f"{at}.self_attn.{name}_proj.weight"] = matrix(heads * D, C, scale)
            if biases:
                drawn[f"{at}.self_attn.{name}_proj.bias"] = 0.5 * rng.standard_normal(heads * D)
        drawn[f"{at}.self_attn.o_proj.weight"] = matrix(C, H * D)
        drawn[f"{at}.post_attention_layernorm.weight"] = 1 + 0.3 * rng.standard_normal(C)
        drawn[f"{at}.mlp.gate_proj.weight"] = matrix(F, C)
        drawn[f"{at}.mlp.up_proj.weight"] = matrix(F, C)
        drawn[f"{at}.mlp.down_proj.weight"] = matrix(C, F)
    drawn["model.norm.weight"] = 1 + 0.3 * rng.standard_normal(C)
    if not config["tie_word_embeddings"]:
        drawn["lm_head.weight"] = rows(2 / np.sqrt(C))
    return {name: torch.tensor(x, dtype=torch.float32) for name, x in drawn.items()}


def save_folder(folder: pathlib.Path, config: dict, weights: dict[str, torch.Tensor]) -> list[pathlib.Path]:
    """A folder as Hugging Face has it, with one file of weights."""
    return [save_json(folder / "config.json", config), save_tensors(folder / "model.safetensors", weights)]


def load_config(folder: pathlib.Path) -> dict:
    """config.json as it stands on disk: the truth reads what we read, not what transformers makes of it."""
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))
