"""What `qwq synth` must draw, made by golden/synth.py: sha256 of small tensors of every role, and ranges far into QwQ-32B's.

synth/values.json  `words`: Threefry's words of some keys and counters; `tensors`: role, shape and the sha256 of the bytes
                   in each dtype; `ranges`: a few bfloat16 values from the middle of large tensors, in hexadecimal
"""

import hashlib
import pathlib

import numpy as np

import synth
from common import main, save_json

SEED = 20250306
#: role -> shape of a small tensor; odd sizes, so that pairs of words are cut
SHAPES = {"E": [7, 5], "g": [33], "U": [7, 5], "g1": [129], "g2": [64], "bq": [65], "bk": [31], "bv": [1], "Wq": [65, 33]}
SHAPES |= {"Wk": [31, 33], "Wv": [31, 33], "Wo": [33, 65], "Wgate": [70, 33], "Wup": [70, 33], "Wdown": [33, 7000]}
RANGES = [
    ("model.embed_tokens.weight", "E", [152064, 5120], 152063 * 5120 - 3, 8),
    ("lm_head.weight", "U", [152064, 5120], 778_567_680 - 5, 5),
    ("model.layers.63.mlp.down_proj.weight", "Wdown", [5120, 27648], 131071, 4),
    ("model.layers.0.self_attn.k_proj.bias", "bk", [1024], 0, 4),
]
KEYS = [(0, 0), (2**32 - 1, 2**32 - 1), (0x13198A2E, 0x03707344)]
COUNTERS = [0, 1, 2**32 - 1, 2**32, 2**45 + 12345]


def make(here: pathlib.Path) -> list[pathlib.Path]:
    words = [
        {"key": list(key), "counter": counter, "words": [int(w) for w in synth.threefry(key, np.array([counter]))]}
        for key in KEYS
        for counter in COUNTERS
    ]
    tensors = []
    for role, shape in SHAPES.items():
        values = synth.draw(SEED, f"x.{role}", role, shape)
        hashes = {dtype: hashlib.sha256(synth.stored(values, dtype)).hexdigest() for dtype in ("BF16", "F16", "F32")}
        tensors.append({"name": f"x.{role}", "role": role, "shape": shape, "sha256": hashes})
    ranges = [
        {"name": n, "role": r, "shape": s, "first": f, "hex": synth.stored(synth.draw(SEED, n, r, s, f, c), "BF16").hex()}
        for n, r, s, f, c in RANGES
    ]
    return [save_json(here / "synth/values.json", {"seed": SEED, "words": words, "tensors": tensors, "ranges": ranges})]


if __name__ == "__main__":
    main(make)
