"""
Is a model whose weights come from disk a matrix at a time the same as one that is loaded? Prints, as JSON, for each folder
named: how many taps there are; how many have the same bits in Hugging Face's float32 (logits, multiplied in blocks: within
1e-6 of the largest); and how many are within 1e-14 of the largest in float64.

  python test/hf/streaming.py FOLDER...
"""

import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "golden"))

import numpy as np
import torch
from transformers import AutoModelForCausalLM

import common  # noqa: F401  (one thread, no gradients)
import streamed
from taps import record
from truth import forward

streamed.BLOCK = 320  # ten rows of 32: small matrices come in pieces too
IDS = [5, 34, 30, 72, 65, 26, 58, 44, 9]


def compare(folder: pathlib.Path) -> dict[str, int]:
    weights = streamed.Streamed(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    whole, ours = record(model, IDS), record(streamed.huggingface(weights), IDS)
    matrices = {name: x.numpy() for name, x in model.state_dict().items()}
    truth, lazy = forward(weights.config, matrices, IDS), forward(weights.config, weights, IDS)
    f32 = sum(torch.equal(whole[name], ours[name]) for name in whole if name != "logits")
    f32 += bool((whole["logits"] - ours["logits"]).abs().max() <= 1e-6 * whole["logits"].abs().max())
    f64 = sum(bool(np.abs(truth[name] - lazy[name]).max() <= 1e-14 * np.abs(truth[name]).max()) for name in truth)
    return {"taps": len(whole), "f32": f32, "f64": f64}


print(json.dumps([compare(pathlib.Path(folder)) for folder in sys.argv[1:]]))
