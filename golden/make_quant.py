"""Number formats: random blocks of bytes, and the float32 values that gguf-py and numpy make of them.

quant/formats.safetensors  for each format its blocks, `<name>.bytes`, and their values, `<name>.values`
quant/smollm2.json         sha256 of every float32 tensor of SmolLM2-135M as transformers loads it from its GGUF
"""

import hashlib
import pathlib

import numpy as np

from common import main, save_json, save_tensors

HERE = pathlib.Path(__file__).resolve().parent
SMOLLM2 = HERE.parent / ".cache/smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
BLOCKS = 96
WIDE = 20  # of 256 values
# Where each of these formats has its halves: ggml's structs put them first or last.
WIDE_FORMATS = [
    ("IQ4_NL", 18, [0]),
    ("Q2_K", 84, [80, 82]),
    ("Q3_K", 110, [108]),
    ("Q4_K", 144, [0, 2]),
    ("Q5_K", 176, [0, 2]),
    ("Q6_K", 210, [208]),
    ("IQ4_XS", 136, [0]),
]

# Scales that arithmetic likes to get wrong: zeros of both signs, the smallest and largest subnormals, the smallest and
# largest normals, and 2^-24 beside 65504, whose sum needs every bit of a float32.
ODD = np.array([0x0000, 0x8000, 0x0001, 0x8001, 0x03FF, 0x0400, 0x7BFF, 0xFBFF, 0x3C00, 0xBC01], dtype="<u2")


def blocks(rng: np.random.Generator, size: int, scales: int) -> np.ndarray:
    """BLOCKS random blocks of `size` bytes that begin with `scales` finite halves, of which some are odd ones."""
    data = rng.integers(0, 256, (BLOCKS, size), dtype=np.uint8)
    halves = rng.normal(0, 0.05, (BLOCKS, scales)).astype("<f2").view("<u2")
    halves[: len(ODD) ** 2 // 2] = ODD[rng.integers(0, len(ODD), (len(ODD) ** 2 // 2, scales))]
    data[:, : 2 * scales] = halves.view(np.uint8)
    return data


def formats() -> dict[str, np.ndarray]:
    from gguf import GGMLQuantizationType, dequantize

    rng = np.random.default_rng(20250306)
    out: dict[str, np.ndarray] = {}
    for name, size, scales in [("Q8_0", 34, 1), ("Q4_0", 18, 1), ("Q4_1", 20, 2), ("Q5_0", 22, 1), ("Q5_1", 24, 2)]:
        data = blocks(rng, size, scales)
        values = dequantize(data, GGMLQuantizationType[name]).astype(np.float32)
        out[f"{name}.bytes"], out[f"{name}.values"] = data.reshape(-1), values.reshape(-1)
    for i, (name, size, places) in enumerate(WIDE_FORMATS):
        data = wide_blocks(np.random.default_rng([20250306, i]), size, places)
        values = dequantize(data, GGMLQuantizationType[name]).astype(np.float32)
        out[f"{name}.bytes"], out[f"{name}.values"] = data.reshape(-1), values.reshape(-1)
    halves = np.concatenate([ODD, np.array([0x7C00, 0xFC00], "<u2"), rng.integers(0, 0x7C00, 500).astype("<u2")])
    out["F16.bytes"], out["F16.values"] = halves.view(np.uint8), halves.view("<f2").astype(np.float32)
    upper = np.concatenate([ODD, np.array([0x7F80, 0xFF80, 0x7FC0], "<u2"), rng.integers(0, 1 << 16, 500).astype("<u2")])
    out["BF16.bytes"] = upper.view(np.uint8)
    out["BF16.values"] = (upper.astype("<u4") << 16).view("<f4")
    return out


def wide_blocks(rng: np.random.Generator, size: int, scales: list[int]) -> np.ndarray:
    """WIDE random blocks of `size` bytes, every byte as often as any other, with finite halves at `scales`, mostly odd."""
    data = rng.permutation(np.resize(np.arange(256, dtype=np.uint8), WIDE * size)).reshape(WIDE, size)
    halves = ODD[rng.integers(0, len(ODD), (WIDE, len(scales)))]
    halves[0] = [0x7BFF, 0x0001][: len(scales)]
    halves[-4:] = rng.normal(0, 0.05, (4, len(scales))).astype("<f2").view("<u2")
    for at, half in zip(scales, halves.T, strict=True):
        data[:, at : at + 2] = np.ascontiguousarray(half).view(np.uint8).reshape(-1, 2)
    return data


def smollm2() -> dict[str, str]:
    """Hugging Face's names and its float32 values, so rows of q and k stand as its own RoPE wants them."""
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(SMOLLM2.parent, gguf_file=SMOLLM2.name, dtype="float32")
    return {
        name: hashlib.sha256(tensor.contiguous().numpy().tobytes()).hexdigest()
        for name, tensor in sorted(model.state_dict().items())
    }


def make(here: pathlib.Path) -> list[pathlib.Path]:
    paths = [save_tensors(here / "quant/formats.safetensors", formats())]
    recorded = here / "quant/smollm2.json"
    if SMOLLM2.exists():
        paths.append(save_json(recorded, smollm2()))
    elif recorded.exists():
        paths.append(recorded)  # made where the model lay; nothing here could make it again
    return paths


if __name__ == "__main__":
    main(make)
