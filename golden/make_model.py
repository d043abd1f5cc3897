"""
The embedded model, golden/model/tiny, and its activations.

A random model with QwQ-32B's quirks: 5 query heads a key head and more than one key head, q, k and v biases, an untied
head, more rows than tokens, eps 1e-5, theta 1e6, bfloat16 on disk, QwQ's added tokens, template and sampling defaults.
Being bfloat16, its weights are the same numbers in every column:

  tiny.f32.safetensors   Hugging Face in float32, eager attention: the specification
  tiny.bf16.safetensors  Hugging Face in bfloat16, as QwQ-32B ships, widened to float32
  tiny.f64.safetensors   truth.py: an independent float64 forward
  tiny.json              the prompt, its ids, and 32 greedy tokens with their margins
"""

import pathlib

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, DynamicCache

import tiny_tokenizer
from common import main, save_json, save_record, save_tensors
from draw import load_config, parameters, save_folder
from taps import greedy, record
from truth import forward

SEED = 20250307  # of a few tried, one whose greedy continuation neither ends nor circles within 32 tokens
LAYERS = 3
ROWS = 544


def config(ids: dict[str, int]) -> dict:
    """QwQ-32B's config.json, key for key, with small sizes."""
    return {
        "architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": ids["<|endoftext|>"],
        "eos_token_id": ids["<|im_end|>"], "hidden_act": "silu", "hidden_size": 80, "initializer_range": 0.02,
        "intermediate_size": 108, "max_position_embeddings": 40960, "max_window_layers": LAYERS, "model_type": "qwen2",
        "num_attention_heads": 10, "num_hidden_layers": LAYERS, "num_key_value_heads": 2, "rms_norm_eps": 1e-05,
        "rope_theta": 1000000.0, "sliding_window": 32768, "tie_word_embeddings": False, "torch_dtype": "bfloat16",
        "transformers_version": "4.43.1", "use_cache": True, "use_sliding_window": False, "vocab_size": ROWS,
    }  # fmt: skip


def generation_config(ids: dict[str, int]) -> dict:
    """QwQ-32B's: two end tokens, and the sampling its authors ask for; and an end, for random weights come to none."""
    return {
        "bos_token_id": ids["<|endoftext|>"], "do_sample": True, "eos_token_id": [ids["<|im_end|>"], ids["<|endoftext|>"]],
        "max_new_tokens": 64,
        "pad_token_id": ids["<|endoftext|>"], "repetition_penalty": 1.0, "temperature": 0.6, "top_k": 40, "top_p": 0.95,
        "transformers_version": "4.43.1",
    }  # fmt: skip


def save_model(folder: pathlib.Path) -> list[pathlib.Path]:
    """Tokenizer, configs and weights."""
    files = tiny_tokenizer.save(folder)
    ids = tiny_tokenizer.added_ids(folder)
    weights = parameters(config(ids), SEED, unused_rows=ROWS - len(AutoTokenizer.from_pretrained(folder)))
    files += save_folder(folder, config(ids), {name: x.bfloat16() for name, x in weights.items()})
    return files + [save_json(folder / "generation_config.json", generation_config(ids))]


def load(folder: pathlib.Path, dtype: torch.dtype):
    """The real thing, as a user would load it, with the attention that is written out."""
    return AutoModelForCausalLM.from_pretrained(folder, dtype=dtype, attn_implementation="eager").eval()


def columns(folder: pathlib.Path, ids: list[int]) -> dict[str, dict]:
    """The activations of one prompt in all three precisions; beside f32 the logits of the prompt fed in pieces."""
    single = load(folder, torch.float32)
    f32 = record(single, ids)
    for size in (1, 4):
        f32[f"logits.chunk{size}"] = in_chunks(single, ids, size)
    bf16 = {name: x.float() for name, x in record(load(folder, torch.bfloat16), ids).items()}
    weights = {name: x.float().numpy() for name, x in single.state_dict().items()}
    return {"f32": f32, "bf16": bf16, "f64": forward(load_config(folder), weights, ids)}


def in_chunks(model, ids: list[int], size: int) -> torch.Tensor:
    """Logits of every token when the model is given `size` tokens at a time."""
    past = DynamicCache(config=model.config)
    parts = [record(model, ids[at : at + size], past)["logits"] for at in range(0, len(ids), size)]
    return torch.cat(parts)


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes golden/model/tiny and its columns."""
    folder = here / "model/tiny"
    files = save_model(folder)
    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompt = tokenizer.apply_chat_template([{"role": "user", "content": "Hello"}], tokenize=False, add_generation_prompt=True)
    ids = tokenizer.encode(prompt)
    for column, acts in columns(folder, ids).items():
        files.append(save_tensors(here / f"model/tiny.{column}.safetensors", acts))
    tokens, margins = greedy(load(folder, torch.float32), ids, 32)
    files.append(save_record(here / "model/tiny.json", {"prompt": prompt, "ids": ids, "greedy": tokens, "margins": margins}))
    return files


if __name__ == "__main__":
    main(make)
