"""
Blocks as others make them of float32 values.

  quant/narrow.safetensors  `values`: float32, in blocks of 256, ordinary and awkward; `<format>.bytes`: their blocks by ggml;
                            `pyramid`: 4,096 ordinary values; `int8.<group>`: their q + 128 and `int8.<group>.scale`, by torch

ggml is the libggml-base that GGML_LIBRARY names, such as node-llama-cpp's (ggml_quantize_chunk, what llama-quantize calls;
no importance matrix). Without it the file stays as it is. Q8_0, Q5_0, Q4_0 and the floats are compared with gguf-py here,
so that two say the same of them; Q4_K and Q6_K only ggml can write.
"""

import ctypes
import os
import pathlib

import numpy as np
import torch
from gguf import GGML_QUANT_SIZES, GGMLQuantizationType, quantize

from common import main, save_tensors

SEED = 20250310
FORMATS = ["F16", "BF16", "Q8_0", "Q5_0", "Q4_0", "Q4_K", "Q6_K"]
LIBRARY = os.environ.get("GGML_LIBRARY")


def blocks(rng: np.random.Generator) -> np.ndarray:
    """Blocks of 256 float32 values. None makes a scale that no half can hold."""
    normal = [rng.normal(0, scale, 256) for scale in (0.02, 0.02, 0.02, 1, 1e-3, 30) for _ in range(6)]
    uneven = [rng.standard_t(2, 256) * 0.02 for _ in range(6)]
    groups = [rng.normal(0, 1, 256) * np.repeat(10.0 ** rng.uniform(-4, 1, 8), 32) for _ in range(6)]
    away = [rng.normal(mean, 0.01, 256) for mean in (1, -1, 0.05, -0.05)]
    one = np.zeros(256)
    one[77] = -3.25
    big = rng.normal(0, 0.01, 256)
    big[[5, 133]] = [1000, -1000]
    ties = np.tile(np.arange(-8, 8) / 8 + 1 / 16, 16)
    halves = np.tile(np.concatenate([np.arange(-15.5, 0), np.arange(0.5, 16)]), 8)
    integers = np.tile(np.arange(-16, 16), 8) * 127 / 16
    signs = np.where(np.arange(256) % 2 == 0, 1, -1) * 0.5
    edges = [np.zeros(256), -np.zeros(256), np.full(256, 0.3), np.full(256, -0.3), one, big, ties, halves, integers, signs]
    tiny = [rng.normal(0, size, 256) for size in (1e-6, 1e-7, 1e-8, 1e-14, 1e-16, 1e-30, 1e-40)]
    return np.stack([*normal, *uneven, *groups, *away, *edges, *tiny]).astype(np.float32)


def by_ggml(values: np.ndarray, name: str) -> np.ndarray:
    library = ctypes.CDLL(LIBRARY)
    library.ggml_quantize_chunk.restype = ctypes.c_size_t
    kind = GGMLQuantizationType[name]
    block, size = GGML_QUANT_SIZES[kind]
    out = np.zeros(values.size // block * size, np.uint8)
    rows, columns = values.shape
    source, target = values.ctypes.data_as(ctypes.c_void_p), out.ctypes.data_as(ctypes.c_void_p)
    i64 = ctypes.c_int64
    made = library.ggml_quantize_chunk(ctypes.c_int(kind), source, target, i64(0), i64(rows), i64(columns), None)
    assert made == out.size, (name, made, out.size)
    return out


def by_gguf_py(values: np.ndarray, name: str) -> np.ndarray | None:
    try:
        with np.errstate(all="ignore"):
            return quantize(values, GGMLQuantizationType[name]).view(np.uint8).reshape(-1)
    except NotImplementedError:
        return None


def int8(values: torch.Tensor, group: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Of each group of an ordinary row: the scale max |w| / 127 in float32, and the nearest integers + 128."""
    groups = values.reshape(-1, group)
    scale = groups.abs().amax(1) / 127
    q = torch.round(groups.double() / scale.double()[:, None])
    return (q + 128).to(torch.uint8).reshape(-1), scale


def make(here: pathlib.Path) -> list[pathlib.Path]:
    path = here / "quant/narrow.safetensors"
    if LIBRARY is None:
        return [path] if path.exists() else []
    rng = np.random.default_rng(SEED)
    values = blocks(rng)
    out: dict[str, np.ndarray | torch.Tensor] = {"values": values}
    for name in FORMATS:
        out[f"{name}.bytes"] = by_ggml(values, name)
        other = by_gguf_py(values, name)
        if other is not None:
            differ = int((other != out[f"{name}.bytes"]).sum())
            print(f"{name}: {differ} of {other.size} bytes differ between gguf-py and ggml")
    ordinary = torch.tensor(rng.normal(0, 0.02, 4096), dtype=torch.float32)
    out["ordinary"] = ordinary
    for group in (32, 64, 128, 1024):
        out[f"int8.{group}"], out[f"int8.{group}.scale"] = int8(ordinary, group)
    return [save_tensors(path, out)]


if __name__ == "__main__":
    main(make)
