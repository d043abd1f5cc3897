"""
What the notebooks show of a real trained model: slices of SmolLM2-135M-Instruct as transformers computes it in float32, small
enough to lie in the repository, so that reading a notebook needs no download.

  lessons/smollm2    of a sentence: the embedding's rows of some words (`E`); layer 14's queries, keys (both after RoPE) and
                     values, Hugging Face's own attention weights of that layer and its output (`14.*`); the root mean square of
                     the residual stream after each half layer, by token (`rms.*`), and its largest value (`most.*`); of layer
                     14's gate and up and of two matrices some rows
  lessons/smollm2    as JSON: the sentence, its tokens, and the words

  python golden/make_lessons.py      (finds the model as make_smollm2 does)
"""

import pathlib

import torch

from common import main, save_record, save_tensors
from make_smollm2 import find_gguf, load
from taps import record

SENTENCE = "The cat that chased the mice was tired, so it slept until the sun came up."
WORDS = [" Monday", " Tuesday", " Friday", " red", " green", " blue", " one", " two", " seven", " king", " queen", " prince"]
LAYER = 14
MATRIX_ROWS = 16


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes golden/lessons."""
    model, tokenizer = load(find_gguf(here))
    ids = tokenizer.encode(SENTENCE)
    words = [tokenizer.encode(word) for word in WORDS]
    assert all(len(word) == 1 for word in words), words
    taps = record(model, ids)
    seen = model(torch.tensor([ids]), output_attentions=True).attentions[LAYER][0]
    layers = range(model.config.num_hidden_layers)
    layer = model.model.layers[LAYER]
    tensors = {
        "E": model.model.embed_tokens.weight[[word[0] for word in words]],
        "attention": seen,
        **{name: taps[f"{LAYER}.{name}"] for name in ("qr", "kr", "v", "a")},
        "gate": taps[f"{LAYER}.gate"][:4],
        "up": taps[f"{LAYER}.up"][:4],
        "act": taps[f"{LAYER}.act"][:4],
        "Wdown": layer.mlp.down_proj.weight[:MATRIX_ROWS],
        "Wq": layer.self_attn.q_proj.weight[:MATRIX_ROWS],
        **{f"rms.{name}": torch.stack([taps[f"{l}.{name}"].square().mean(-1).sqrt() for l in layers]) for name in ("mid", "out")},
        **{f"most.{name}": torch.stack([taps[f"{l}.{name}"].abs().amax(-1) for l in layers]) for name in ("mid", "out")},
    }  # fmt: skip
    about = {
        "sentence": SENTENCE, "ids": ids, "tokens": [tokenizer.decode([i]) for i in ids], "words": WORDS,
        "word_ids": [word[0] for word in words], "layer": LAYER,
    }  # fmt: skip
    # gate, up and act of all tokens would be most of the file; matrices are cut to rows.
    file = save_tensors(here / "lessons/smollm2.safetensors", {name: x.clone() for name, x in tensors.items()})
    return [file, save_record(here / "lessons/smollm2.json", about)]


if __name__ == "__main__":
    main(make)
