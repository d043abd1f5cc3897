"""Hugging Face's activations as a candidate bundle of the oracle."""

import hashlib
import json
import pathlib
import sys

import numpy as np
import torch

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[3] / "golden"))

from common import save_tensors  # noqa: E402
from taps import record  # noqa: E402

DIMS = {"q": "T HD", "k": "T KD", "v": "T KD", "qr": "T HD", "kr": "T KD", "a": "T HD", "gate": "T F", "up": "T F", "act": "T F", "logits": "T V"}
ORDER = ["n1", "q", "k", "v", "qr", "kr", "a", "o", "mid", "n2", "gate", "up", "act", "down", "out"]
POLICIES = {torch.float32: "f32", torch.bfloat16: "bf16-hf-eager", torch.float16: "f16-hf-eager"}


def in_order(name: str) -> tuple:
    """Where a tap comes in the order in which taps are computed."""
    if "." in name:
        layer, short = name.split(".")
        return (1, int(layer), ORDER.index(short))
    return {"embed": (0,), "norm": (2,), "logits": (3,)}[name]


def write(folder: pathlib.Path, taps: dict[str, torch.Tensor], ids: list[int], policy: str, engine: str) -> None:
    """A bundle of whole taps, float32."""
    values = {name: taps[name].float().numpy() for name in sorted(taps, key=in_order)}
    save_tensors(folder / "taps-00001.safetensors", values)
    entries = [
        {
            "name": name, "dims": DIMS.get(name.split(".")[-1], "T C"), "shape": list(x.shape), "dtype": "F32", "rows": list(range(len(x))),
            "file": "taps-00001.safetensors", "key": name, "sha256": hashlib.sha256(np.ascontiguousarray(x).tobytes()).hexdigest(),
        }
        for name, x in values.items()
    ]  # fmt: skip
    head = {"format": "oracle-bundle/1", "role": "candidate", "engine": engine, "policy": policy, "input": {"ids": ids}, "taps": entries}
    (folder / "manifest.json").write_text(json.dumps(head) + "\n")


def save(model, ids: list[int], folder: pathlib.Path, engine: str = "transformers") -> None:
    """Runs the model and writes what it computed."""
    write(folder, record(model, ids), ids, POLICIES[model.dtype], engine)


def save_chunked(model, ids: list[int], folder: pathlib.Path, size: int) -> None:
    """The same, the prompt fed so many tokens at a time."""
    from transformers import DynamicCache

    past, parts = DynamicCache(config=model.config), []
    for at in range(0, len(ids), size):
        parts.append(record(model, ids[at : at + size], past))
    taps = {name: torch.cat([part[name] for part in parts]) for name in parts[0]}
    write(folder, taps, ids, POLICIES[model.dtype], f"transformers, {size} tokens at a time")


def load(path: str, dtype: torch.dtype, attention: str = "eager"):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(path, dtype=dtype, attn_implementation=attention).eval()
