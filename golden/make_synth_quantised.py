"""
Tensors of `qwq synth --dtype ...`, each made alone: drawn by golden/synth.py, rounded to bfloat16, then encoded by gguf-py,
or as int8 by rows in numpy.

synth/quantised.json  `tensors`: role, shape and the sha256 of the blocks; for int8 of q + 128, row after row, then the
                      float32 scales
"""

import hashlib
import pathlib

import numpy as np
from gguf import GGMLQuantizationType, quantize

import synth
from common import main, save_json

SEED = 20250311
SHAPES = {"Wdown": [5, 1024], "Wq": [64, 96], "E": [9, 32]}


def bfloat16(values: np.ndarray) -> np.ndarray:
    """float32 values rounded to bfloat16."""
    return (np.frombuffer(synth.stored(values, "BF16"), "<u2").astype("<u4") << 16).view("<f4")


def int8(values: np.ndarray) -> bytes:
    scale = (np.abs(values).max(1) / np.float32(127)).astype(np.float32)
    q = np.rint(values.astype(np.float64) / scale[:, None].astype(np.float64))
    return (q + 128).astype(np.uint8).tobytes() + scale.tobytes()


def make(here: pathlib.Path) -> list[pathlib.Path]:
    tensors = []
    for role, shape in SHAPES.items():
        values = bfloat16(synth.draw(SEED, f"x.{role}", role, shape)).reshape(shape)
        made = {name: quantize(values, GGMLQuantizationType[name]).tobytes() for name in ("Q8_0", "Q4_0")}
        made["int8"] = int8(values)
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in made.items()}
        tensors.append({"name": f"x.{role}", "role": role, "shape": shape, "sha256": hashes})
    return [save_json(here / "synth/quantised.json", {"seed": str(SEED), "tensors": tensors})]


if __name__ == "__main__":
    main(make)
