"""
Small random models beside the embedded one, each with one departure that real checkpoints have.

golden/model/<name> is the folder, <name>.json its prompt of ids, <name>.f32 and <name>.f64 some of its activations.
The weights of each are drawn anew; they are stored as bfloat16, float16 or float32.
"""

import pathlib

import torch
from transformers import AutoModelForCausalLM

from common import main, save_json, save_record, save_tensors
from draw import load_config, parameters, save_folder
from taps import greedy, record
from truth import forward

SEED = 31
KEPT = ["qr", "kr", "a", "out", "logits"]

BASE = {
    "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 0, "eos_token_id": 1, "hidden_act": "silu",
    "hidden_size": 32, "initializer_range": 0.02, "intermediate_size": 56, "max_position_embeddings": 256,
    "max_window_layers": 2, "model_type": "qwen2", "num_attention_heads": 4, "num_hidden_layers": 2, "num_key_value_heads": 2,
    "rms_norm_eps": 1e-06, "rope_theta": 10000.0, "sliding_window": 128, "tie_word_embeddings": False, "use_cache": True,
    "use_sliding_window": False, "vocab_size": 96,
}  # fmt: skip


def without(config: dict, *keys: str) -> dict:
    """A copy that lacks some keys."""
    return {key: value for key, value in config.items() if key not in keys}


# name: (config.json, dtype on disk, length of the prompt)
VARIANTS: dict[str, tuple[dict, torch.dtype, int]] = {
    # The unembedding is the embedding; the file has no lm_head.
    "tied": (BASE | {"tie_word_embeddings": True}, torch.bfloat16, 9),
    # The block without q, k and v biases, with the keys that llama's config has, in transformers 5's spelling of RoPE.
    "llama": (
        without(BASE, "rope_theta", "sliding_window", "use_sliding_window", "max_window_layers") | {
            "architectures": ["LlamaForCausalLM"], "attention_bias": False, "dtype": "float32", "head_dim": 8, "mlp_bias": False,
            "model_type": "llama", "pretraining_tp": 1, "rope_parameters": {"rope_theta": 100000.0, "rope_type": "default"},
        },
        torch.float32, 9,
    ),
    # Heads wider than their share of the row, which 6 does not divide: H D = 72, C = 40.
    "head-dim": (
        BASE | {"head_dim": 12, "hidden_size": 40, "num_attention_heads": 6, "num_key_value_heads": 3}, torch.float16, 9,
    ),
    # YaRN as QwQ's README writes it: waves kept, mixed and slowed; the prompt reaches past the trained context.
    "yarn": (
        BASE | {
            "head_dim": 16, "num_attention_heads": 2, "num_key_value_heads": 1,
            "rope_scaling": {"factor": 4.0, "original_max_position_embeddings": 24, "type": "yarn"},
        },
        torch.bfloat16, 48,
    ),
    # YaRN as transformers 5 writes it, with every key it may have.
    "yarn-v5": (
        without(BASE, "rope_theta") | {
            "dtype": "bfloat16", "head_dim": 16, "num_attention_heads": 2, "num_key_value_heads": 1,
            "rope_parameters": {
                "attention_factor": 1.25, "beta_fast": 8.0, "beta_slow": 0.5, "factor": 2.0, "rope_theta": 10000.0,
                "original_max_position_embeddings": 24, "rope_type": "yarn", "truncate": False,
            },
        },
        torch.bfloat16, 48,
    ),
    # Nothing but the files differs: three of them, and an index.
    "sharded": (BASE, torch.bfloat16, 9),
}  # fmt: skip


def make_folder(folder: pathlib.Path, config: dict, dtype: torch.dtype, seed: int) -> list[pathlib.Path]:
    """A folder with freshly drawn weights."""
    weights = parameters(config, seed, biases=config["model_type"] == "qwen2")
    stored = {name: x.to(dtype) for name, x in weights.items()}
    return save_sharded(folder, config, stored) if folder.name == "sharded" else save_folder(folder, config, stored)


def save_sharded(folder: pathlib.Path, config: dict, weights: dict[str, torch.Tensor]) -> list[pathlib.Path]:
    """The weights in three files, cut without regard to layers, and model.safetensors.index.json."""
    names, files, shard_of = sorted(weights), [save_json(folder / "config.json", config)], {}
    for part in range(3):
        file = f"model-{part + 1:05}-of-00003.safetensors"
        held = names[len(names) * part // 3 : len(names) * (part + 1) // 3]
        files.append(save_tensors(folder / file, {name: weights[name] for name in held}))
        shard_of |= dict.fromkeys(held, file)
    total = sum(x.numel() * x.element_size() for x in weights.values())
    index = {"metadata": {"total_size": total}, "weight_map": shard_of}
    return [*files, save_json(folder / "model.safetensors.index.json", index)]


def make_variant(here: pathlib.Path, name: str, seed: int) -> list[pathlib.Path]:
    """One folder with its prompt and columns."""
    config, dtype, length = VARIANTS[name]
    folder = here / "model" / name
    files = make_folder(folder, config, dtype, seed)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.randint(0, config["vocab_size"], (length,), generator=torch.Generator().manual_seed(seed)).tolist()
    weights = {key: x.numpy() for key, x in model.state_dict().items()}
    columns = {"f32": record(model, ids), "f64": forward(load_config(folder), weights, ids)}
    kept = [tap for tap in columns["f64"] if tap.split(".")[-1] in KEPT]
    for column, acts in columns.items():
        files.append(save_tensors(here / f"model/{name}.{column}.safetensors", {tap: acts[tap] for tap in kept}))
    tokens, margins = greedy(model, ids, 12)
    return [*files, save_record(here / f"model/{name}.json", {"ids": ids, "greedy": tokens, "margins": margins})]


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes golden/model/<name> for every variant."""
    return [file for i, name in enumerate(VARIANTS) for file in make_variant(here, name, SEED + i)]


if __name__ == "__main__":
    main(make)
