"""
A model against its source: the embedded model, and the same with the last four bits of every weight cleared.

model/against.f32, .f64   of every scored token of some ids: `kl`, KL(source || model) in nats, and `surprise` and
                          `sourceSurprise`, -ln p; the logits by Hugging Face in float32 or by the truth, the rest in float64
model/against.json        the ids, the window and the stride, and what is said of all tokens together
"""

import pathlib

import numpy as np
import torch
from transformers import AutoModelForCausalLM

from common import main, save_record, save_tensors
from draw import load_config
from make_smollm2 import windows
from truth import forward

SEED = 17
WINDOW, STRIDE, TOKENS = 24, 10, 150


def coarse(x: torch.Tensor) -> torch.Tensor:
    """bfloat16 with the last four bits of its seven cleared."""
    return (x.view(torch.int16) & -16).view(torch.bfloat16)


def log_softmax(x: np.ndarray) -> np.ndarray:
    x = x.astype(np.float64)
    top = x.max(axis=-1, keepdims=True)
    return x - top - np.log(np.exp(x - top).sum(axis=-1, keepdims=True))


def compare(source: np.ndarray, model: np.ndarray, targets: list[int]) -> dict[str, np.ndarray]:
    """Of logits [T, V]: what each row predicts of its target, and how far the model's rows stand from the source's."""
    p, q, at = log_softmax(source), log_softmax(model), np.arange(len(targets))
    agrees = source.argmax(-1) == model.argmax(-1)
    return {"kl": (np.exp(p) * (p - q)).sum(-1), "surprise": -q[at, targets], "sourceSurprise": -p[at, targets], "agrees": agrees}


def columns(folder: pathlib.Path) -> dict[str, list]:
    """For each column, a function from ids to logits of the source and one for the model."""
    stored = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, attn_implementation="eager").state_dict()
    both = [stored, {name: coarse(x) for name, x in stored.items()}]
    f32, f64 = [], []
    for weights in both:
        model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
        model.load_state_dict({name: x.float() for name, x in weights.items()})
        arrays = {name: x.float().numpy() for name, x in weights.items()}
        f32.append(lambda ids, model=model: model(torch.tensor([ids])).logits[0].numpy())
        f64.append(lambda ids, arrays=arrays: forward(load_config(folder), arrays, ids)["logits"])
    return {"f32": f32, "f64": f64}


def make(here: pathlib.Path) -> list[pathlib.Path]:
    folder = here / "model/tiny"
    ids = np.random.default_rng(SEED).integers(0, 500, TOKENS).tolist()
    files = []
    for column, (source, model) in columns(folder).items():
        parts = []
        for begin, end, scored in windows(TOKENS, WINDOW, STRIDE):
            seen, rows = ids[begin:end], slice(end - begin - scored - 1, end - begin - 1)
            parts.append(compare(source(seen)[rows], model(seen)[rows], seen[-scored:]))
        tokens = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
        agrees = tokens.pop("agrees")
        files.append(save_tensors(here / f"model/against.{column}.safetensors", tokens))
    kl = tokens["kl"]
    about = {
        "ids": ids, "window": WINDOW, "stride": STRIDE, "agreement": float(agrees.mean()),
        "perplexity": float(np.exp(tokens["surprise"].mean())), "sourcePerplexity": float(np.exp(tokens["sourceSurprise"].mean())),
        "kl": {
            "mean": float(kl.mean()), "error": float(kl.std(ddof=1) / np.sqrt(len(kl))),
            **{name: float(np.percentile(kl, share, method="inverted_cdf")) for name, share in [("median", 50), ("p99", 99), ("max", 100)]},
        },
    }  # fmt: skip
    return [*files, save_record(here / "model/against.json", about)]


if __name__ == "__main__":
    main(make)
