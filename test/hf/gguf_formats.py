"""
Writes a random Qwen2 model whose layer l has its matrices in FORMATS[l], with gguf-py: FOLDER/whole.gguf, and in parts
FOLDER/parts-0000n-of-0000m.gguf. Prints, as JSON, a prompt's last logits by Hugging Face in float32 over the weights that
gguf-py dequantises, the same in float64, and the next ids that Hugging Face picks.

  python test/hf/gguf_formats.py FOLDER
"""

import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "golden"))

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFWriter, dequantize, quantize
from gguf.constants import GGML_QUANT_SIZES
from transformers import Qwen2Config, Qwen2ForCausalLM

import common  # noqa: F401  (one thread, no gradients)
from truth import forward

FORMATS = ["F32", "F16", "BF16", "Q8_0", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K", "IQ4_XS"]
HALVES = {"IQ4_NL": [0], "Q2_K": [80, 82], "Q3_K": [108], "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_XS": [0]}
CONFIG = {
    "hidden_size": 256, "intermediate_size": 512, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 96,
    "num_hidden_layers": len(FORMATS), "rms_norm_eps": 1e-5, "rope_theta": 1e6, "max_position_embeddings": 256,
    "tie_word_embeddings": False, "hidden_act": "silu", "bos_token_id": 0, "eos_token_id": 1,
}  # fmt: skip
NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "lm_head": "output", "input_layernorm": "attn_norm",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output",
    "post_attention_layernorm": "ffn_norm", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
PROMPT = [5, 17, 80, 3, 3, 42, 95, 2, 61]


def stored(rng: np.random.Generator, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """A random tensor as the format stores it: quantised where gguf-py can do that, else random blocks of like size."""
    kind = GGMLQuantizationType[name]
    if name not in HALVES:
        return quantize(rng.normal(0, 0.06, shape).astype(np.float32), kind)
    block, size = GGML_QUANT_SIZES[kind]
    data = rng.integers(0, 256, (shape[0], shape[1] // block, size), dtype=np.uint8)

    def scaled(half: float) -> np.ndarray:
        for at in HALVES[name]:
            data[..., at : at + 2] = np.array([half], "<f2").view(np.uint8)
        return data.reshape(shape[0], -1)

    return scaled(0.06 / float(dequantize(scaled(1), kind).std()))


def write(path: pathlib.Path, tensors: dict[str, tuple[str, np.ndarray]], parts: int) -> None:
    """A GGUF file, or as many parts as `parts` tensors each make."""
    writer = GGUFWriter(path, "qwen2", split_max_tensors=parts)
    writer.add_block_count(CONFIG["num_hidden_layers"])
    writer.add_context_length(CONFIG["max_position_embeddings"])
    writer.add_embedding_length(CONFIG["hidden_size"])
    writer.add_feed_forward_length(CONFIG["intermediate_size"])
    writer.add_head_count(CONFIG["num_attention_heads"])
    writer.add_head_count_kv(CONFIG["num_key_value_heads"])
    writer.add_layer_norm_rms_eps(CONFIG["rms_norm_eps"])
    writer.add_rope_freq_base(CONFIG["rope_theta"])
    writer.add_eos_token_id(CONFIG["eos_token_id"])
    for name, (kind, data) in tensors.items():
        writer.add_tensor(gguf_name(name), data, raw_dtype=GGMLQuantizationType[kind])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gguf_name(name: str) -> str:
    """model.layers.3.mlp.up_proj.weight is blk.3.ffn_up.weight."""
    module, end = name.rsplit(".", 1)
    if not module.startswith("model.layers."):
        return f"{NAMES[module]}.{end}"
    layer, rest = module.removeprefix("model.layers.").split(".", 1)
    return f"blk.{layer}.{NAMES[rest]}.{end}"


def main(folder: pathlib.Path) -> None:
    model = Qwen2ForCausalLM(Qwen2Config(**CONFIG, attn_implementation="eager")).float().eval()
    rng = np.random.default_rng(77)
    tensors: dict[str, tuple[str, np.ndarray]] = {}
    weights: dict[str, np.ndarray] = {}
    for name, x in model.state_dict().items():
        shape = tuple(x.shape)
        layer = name.split(".")[2] if name.startswith("model.layers.") else None
        kind = "F32" if len(shape) == 1 else "Q6_K" if layer is None else FORMATS[int(layer)]
        about = 1.0 if "norm" in name else 0.0
        data = stored(rng, kind, shape) if len(shape) == 2 else rng.normal(about, 0.2, shape).astype(np.float32)
        tensors[name] = (kind, data)
        weights[name] = dequantize(data, GGMLQuantizationType[kind]).astype(np.float32).reshape(shape)
    model.load_state_dict({name: torch.from_numpy(x.copy()) for name, x in weights.items()})
    write(folder / "whole.gguf", tensors, 0)
    write(folder / "parts.gguf", tensors, 50)
    f32 = model(torch.tensor([PROMPT])).logits[0].double().numpy()
    f64 = forward(CONFIG, weights, PROMPT)["logits"]
    made = model.generate(torch.tensor([PROMPT]), max_new_tokens=8, do_sample=False, eos_token_id=None, pad_token_id=1)
    answer = {"prompt": PROMPT, "formats": FORMATS, "f32": f32.tolist(), "f64": f64.tolist(), "next": made[0, len(PROMPT) :].tolist()}
    print(json.dumps(answer))


main(pathlib.Path(sys.argv[1]))
