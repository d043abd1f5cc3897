"""
Packed layers and packed models: AWQ, GPTQ, LLM.int8, compressed-tensors.

  packed/layers.safetensors   one matrix [O, I] a case in its layout (`<case>.<tensor>`), and its values (`<case>.values`):
                              float32 of the exact product. Packed here, in numpy, from the formats' definitions.
  packed/<case>/              a random Qwen2 of two layers whose matrices are packed; <case>.f32 and .f64 are its logits on
                              the exact values, by Hugging Face and by the truth
"""

import pathlib
import tempfile

import numpy as np
import torch
from transformers import AutoModelForCausalLM

from common import main, save_json, save_record, save_tensors
from draw import load_config, parameters, save_folder
from make_variants import BASE
from taps import record
from truth import forward

SEED = 20250308
GROUP = 32

CONFIG = BASE | {"hidden_size": 64, "intermediate_size": 96, "vocab_size": 80, "rms_norm_eps": 1e-05, "rope_theta": 1e6}


def words(values: np.ndarray, bits: int) -> np.ndarray:
    """The last axis, 32/bits values to a word, the first in the lowest bits; int32."""
    per = 32 // bits
    parts = values.astype(np.uint32).reshape(*values.shape[:-1], -1, per)
    return np.bitwise_or.reduce(parts << (np.arange(per, dtype=np.uint32) * bits), axis=-1).view(np.int32)


def exact(q: np.ndarray, z: np.ndarray, s: np.ndarray) -> np.ndarray:
    """(q - z) s in float64, rounded once."""
    return ((q.astype(np.float64) - z) * s.astype(np.float64)).astype(np.float32)


def affine(W: np.ndarray, bits: int, group_of: np.ndarray, symmetric: bool) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Integers [O, I], zero points [O, G] and float16 scales [O, G] of W [O, I], whose inputs are in those groups."""
    most, groups = 2**bits - 1, group_of.max() + 1
    z, s = np.zeros((len(W), groups), np.int64), np.zeros((len(W), groups), np.float16)
    for g in range(groups):
        part = W[:, group_of == g]
        low, high = np.minimum(part.min(1), 0), np.maximum(part.max(1), 0)
        if symmetric:
            high = np.maximum(high, -low)
            low = -high
        s[:, g] = (high - low) / most
        z[:, g] = (most + 1) // 2 if symmetric else np.clip(np.round(-low / s[:, g].astype(np.float64)), 1, most)
    q = np.clip(np.round(W / s[:, group_of].astype(np.float64)) + z[:, group_of], 0, most).astype(np.int64)
    return q, z, s


def awq(W: np.ndarray, rng: np.random.Generator) -> tuple[dict, np.ndarray]:
    group_of = np.arange(W.shape[1]) // GROUP
    q, z, s = affine(W, 4, group_of, symmetric=False)
    order = np.array([0, 2, 4, 6, 1, 3, 5, 7])  # nibble i of a word holds this output of its eight

    def pack(x: np.ndarray) -> np.ndarray:
        return words(x.T.reshape(x.shape[1], -1, 8)[..., order].reshape(x.shape[1], -1), 4)

    return {"qweight": pack(q), "qzeros": pack(z), "scales": s.T}, exact(q, z[:, group_of], s[:, group_of])


def gptq(bits: int, act_order: bool, whole: bool = False):
    def pack(W: np.ndarray, rng: np.random.Generator) -> tuple[dict, np.ndarray]:
        group_of = np.zeros(W.shape[1], int) if whole else np.arange(W.shape[1]) // GROUP
        if act_order:
            group_of = rng.permutation(group_of)
        # Symmetric has one zero point for all; the act-order cases have many, none of which is stored as 2^b - 1.
        q, z, s = affine(W, bits, group_of, symmetric=not act_order)
        tensors = {
            "qweight": words(q, bits).T, "qzeros": words(z.T - 1, bits), "scales": s.T, "g_idx": group_of.astype(np.int32),
        }  # fmt: skip
        return tensors, exact(q, z[:, group_of], s[:, group_of])

    return pack


def llm_int8(W: np.ndarray, rng: np.random.Generator) -> tuple[dict, np.ndarray]:
    scb = np.abs(W).max(1).astype(np.float32)
    q = np.round(127 * W / scb[:, None]).astype(np.int8)
    values = (q.astype(np.float64) * scb[:, None] / 127).astype(np.float32)
    return {"weight": q, "SCB": scb, "weight_format": torch.tensor(0, dtype=torch.uint8)}, values


def compressed(bits: int, group: int | None, packed: bool, dtype: torch.dtype):
    def pack(W: np.ndarray, rng: np.random.Generator) -> tuple[dict, np.ndarray]:
        size = group or W.shape[1]
        half = 2 ** (bits - 1)
        scale = torch.tensor(np.abs(W.reshape(len(W), -1, size)).max(2) / (half - 0.5)).to(dtype)
        spread = scale.double().numpy().repeat(size, axis=1)
        q = np.clip(np.round(W / spread), -half, half - 1).astype(np.int64)
        tensors = {"weight_scale": scale} | (
            {"weight_packed": words(q + half, bits), "weight_shape": np.array(W.shape, np.int64)} if packed else {"weight": q.astype(np.int8)}
        )
        return tensors, (q * spread).astype(np.float32)

    return pack


def scheme(bits: int, group: int | None, packed: bool) -> dict:
    """quantization_config as compressed-tensors 0.20 writes it."""
    weights = {
        "actorder": None, "block_structure": None, "dynamic": False, "group_size": group, "num_bits": bits, "observer": "minmax",
        "observer_kwargs": {}, "strategy": "group" if group else "channel", "symmetric": True, "type": "int",
    }  # fmt: skip
    tokens = {**weights, "dynamic": True, "strategy": "token", "observer": None}
    return {
        "config_groups": {"group_0": {"input_activations": None if packed else tokens, "output_activations": None, "targets": ["Linear"], "weights": weights}},
        "format": "pack-quantized" if packed else "int-quantized", "global_compression_ratio": None, "ignore": ["lm_head"],
        "kv_cache_scheme": None, "quant_method": "compressed-tensors", "quantization_status": "compressed",
    }  # fmt: skip


def gptq_config(bits: int, act_order: bool, group: int) -> dict:
    """As the releases have it that AutoGPTQ made."""
    return {
        "bits": bits, "damp_percent": 0.01, "desc_act": act_order, "group_size": group, "model_file_base_name": "model",
        "model_name_or_path": None, "quant_method": "gptq", "static_groups": False, "sym": not act_order, "true_sequential": True,
    }  # fmt: skip


AWQ_CONFIG = {
    "bits": 4, "group_size": GROUP, "modules_to_not_convert": None, "quant_method": "awq", "version": "gemm", "zero_point": True,
}  # fmt: skip
BNB_CONFIG = {
    "_load_in_4bit": False, "_load_in_8bit": True, "bnb_4bit_compute_dtype": "float32", "bnb_4bit_quant_storage": "uint8",
    "bnb_4bit_quant_type": "fp4", "bnb_4bit_use_double_quant": False, "llm_int8_enable_fp32_cpu_offload": False,
    "llm_int8_has_fp16_weight": False, "llm_int8_skip_modules": None, "llm_int8_threshold": 6.0, "load_in_4bit": False,
    "load_in_8bit": True, "quant_method": "bitsandbytes",
}  # fmt: skip

# case: (how a matrix is packed, quantization_config, a matrix that stays plain)
CASES = {
    "awq": (awq, AWQ_CONFIG, None),
    "gptq-int4": (gptq(4, False), gptq_config(4, False, GROUP), None),
    "gptq-int4-act": (gptq(4, True), gptq_config(4, True, GROUP), None),
    "gptq-int8": (gptq(8, False, whole=True), gptq_config(8, False, -1), None),
    "gptq-int8-act": (gptq(8, True), gptq_config(8, True, GROUP), None),
    "llm-int8": (llm_int8, BNB_CONFIG | {"llm_int8_skip_modules": ["down_proj", "lm_head"]}, "down_proj"),
    "ct-w8a16": (compressed(8, None, True, torch.bfloat16), scheme(8, None, True), None),
    "ct-w4a16": (compressed(4, GROUP, True, torch.float16), scheme(4, GROUP, True), None),
    "ct-int8": (compressed(8, None, False, torch.float32), scheme(8, None, False), None),
}


def layers() -> dict[str, np.ndarray]:
    """A matrix [72, 160] a case: a word, a block of 32 and a group never come out even with it; scales over eight decades."""
    rng = np.random.default_rng(SEED)
    out: dict[str, np.ndarray] = {}
    for case, (pack, _, _) in CASES.items():
        W = rng.standard_normal((72, 160)) * 10 ** rng.uniform(-4, 3, (72, 1))
        tensors, values = pack(W, rng)
        out |= {f"{case}.{name}": x for name, x in tensors.items()} | {f"{case}.values": values}
    return out


def make_model(here: pathlib.Path, case: str, seed: int) -> list[pathlib.Path]:
    """The folder, and its logits on the exact values of the packed weights."""
    pack, quantization, plain = CASES[case]
    rng = np.random.default_rng(seed)
    stored, values = {}, {}
    for name, x in parameters(CONFIG, seed).items():
        half = x.to(torch.float16)
        if ".layers." in name and x.ndim == 2 and (plain is None or plain not in name):
            tensors, dequantised = pack(x.double().numpy(), rng)
            stored |= {f"{name.removesuffix('.weight')}.{part}": y for part, y in tensors.items()}
            values[name] = torch.tensor(dequantised)
        else:
            stored[name], values[name] = half, half.float()
    folder = here / "packed" / case
    files = [
        save_json(folder / "config.json", CONFIG | {"torch_dtype": "float16", "quantization_config": quantization}),
        save_tensors(folder / "model.safetensors", stored),
    ]
    ids = rng.integers(0, CONFIG["vocab_size"], 9).tolist()
    with tempfile.TemporaryDirectory() as plain_folder:
        save_folder(pathlib.Path(plain_folder), CONFIG, values)
        model = AutoModelForCausalLM.from_pretrained(plain_folder, dtype=torch.float32, attn_implementation="eager").eval()
        f64 = forward(load_config(pathlib.Path(plain_folder)), {key: x.numpy() for key, x in values.items()}, ids)
    for column, acts in {"f32": record(model, ids), "f64": f64}.items():
        files.append(save_tensors(here / f"packed/{case}.{column}.safetensors", {tap: acts[tap] for tap in ("1.out", "logits")}))
    return [*files, save_record(here / f"packed/{case}.json", {"ids": ids})]


def make(here: pathlib.Path) -> list[pathlib.Path]:
    files = [save_tensors(here / "packed/layers.safetensors", layers())]
    for i, case in enumerate(CASES):
        files += make_model(here, case, SEED + i)
    return files


if __name__ == "__main__":
    main(make)
