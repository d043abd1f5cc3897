"""
SmolLM2-135M, dequantised, in every format that something in Python can write: a file or folder each below FOLDER.

  python kernels/bench/quantised.py FOLDER [NAME...]

GGUF by gguf-py's quantize; the others packed as golden/make_packed.py packs them. All of it is round-to-nearest: AWQ's and
GPTQ's layouts, not their calibration, which moves the rounding to where a sample of text is hurt least. Groups are of 64
weights where a format has groups, since 128 does not divide rows of 576. GGUF formats store the embedding too; in the
packed folders it stays in float16, or bfloat16, as their tools leave it.
"""

import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "golden"))

import numpy as np
import torch
from gguf import GGMLQuantizationType, GGUFReader, GGUFWriter, dequantize, quantize

import make_packed
from common import save_json, save_tensors
from make_packed import AWQ_CONFIG, BNB_CONFIG, affine, compressed, exact, gptq_config, llm_int8, scheme, words
from make_smollm2 import find_gguf, load

HERE = pathlib.Path(__file__).resolve().parents[2] / "golden"
GROUP = 64
make_packed.GROUP = GROUP
GGUF_TYPES = ["BF16", "F16", "Q8_0", "Q5_1", "Q5_0", "Q4_1", "Q4_0"]


def write_gguf(path: pathlib.Path, source: GGUFReader, kind: GGMLQuantizationType) -> None:
    """Every matrix in `kind`; rows of q and k stay in the order that the source has them in."""

    def field(name: str):
        return source.fields[f"llama.{name}"].contents()

    writer = GGUFWriter(path, "llama")
    writer.add_block_count(field("block_count"))
    writer.add_context_length(field("context_length"))
    writer.add_embedding_length(field("embedding_length"))
    writer.add_feed_forward_length(field("feed_forward_length"))
    writer.add_head_count(field("attention.head_count"))
    writer.add_head_count_kv(field("attention.head_count_kv"))
    writer.add_layer_norm_rms_eps(field("attention.layer_norm_rms_epsilon"))
    writer.add_rope_freq_base(field("rope.freq_base"))
    writer.add_eos_token_id(source.fields["tokenizer.ggml.eos_token_id"].contents())
    for tensor in source.tensors:
        values = dequantize(tensor.data, tensor.tensor_type)
        to = kind if values.ndim == 2 else GGMLQuantizationType.F32
        writer.add_tensor(tensor.name, quantize(values, to), raw_dtype=to)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def gptq(bits: int):
    """Symmetric, in groups, no act-order."""

    def pack(W: np.ndarray, rng: np.random.Generator) -> tuple[dict, np.ndarray]:
        group_of = np.arange(W.shape[1]) // GROUP
        q, z, s = affine(W, bits, group_of, symmetric=True)
        tensors = {"qweight": words(q, bits).T, "qzeros": words(z.T - 1, bits), "scales": s.T, "g_idx": group_of.astype(np.int32)}
        return tensors, exact(q, z[:, group_of], s[:, group_of])

    return pack


# name: (how a matrix is packed, quantization_config, dtype of what is not)
PACKED = {
    "awq": (make_packed.awq, AWQ_CONFIG | {"group_size": GROUP}, torch.float16),
    "gptq-int4": (gptq(4), gptq_config(4, False, GROUP), torch.float16),
    "gptq-int8": (gptq(8), gptq_config(8, False, GROUP), torch.float16),
    "llm-int8": (llm_int8, BNB_CONFIG | {"llm_int8_skip_modules": ["lm_head"]}, torch.float16),
    "ct-w8a16": (compressed(8, None, True, torch.bfloat16), scheme(8, None, True), torch.bfloat16),
    "ct-w4a16": (compressed(4, GROUP, True, torch.bfloat16), scheme(4, GROUP, True), torch.bfloat16),
    "ct-int8": (compressed(8, None, False, torch.bfloat16), scheme(8, None, False), torch.bfloat16),
}  # fmt: skip


def write_packed(folder: pathlib.Path, model, name: str) -> None:
    """A Hugging Face folder whose layers' matrices are packed."""
    pack, quantization, dtype = PACKED[name]
    rng, stored = np.random.default_rng(0), {}
    for key, x in model.state_dict().items():
        if ".layers." in key and x.ndim == 2:
            tensors, _ = pack(x.double().numpy(), rng)
            stored |= {f"{key.removesuffix('.weight')}.{part}": y for part, y in tensors.items()}
        elif key != "lm_head.weight":
            stored[key] = x.to(dtype)
    c = model.config
    config = {
        "architectures": ["LlamaForCausalLM"], "attention_bias": False, "bos_token_id": 1, "eos_token_id": 2, "hidden_act": "silu",
        "hidden_size": c.hidden_size, "intermediate_size": c.intermediate_size, "max_position_embeddings": c.max_position_embeddings,
        "mlp_bias": False, "model_type": "llama", "num_attention_heads": c.num_attention_heads,
        "num_hidden_layers": c.num_hidden_layers, "num_key_value_heads": c.num_key_value_heads, "quantization_config": quantization,
        "rms_norm_eps": c.rms_norm_eps, "rope_theta": c.rope_parameters["rope_theta"], "tie_word_embeddings": True,
        "torch_dtype": str(dtype).removeprefix("torch."), "vocab_size": c.vocab_size,
    }  # fmt: skip
    save_json(folder / "config.json", config)
    save_tensors(folder / "model.safetensors", stored)


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    path = find_gguf(HERE)
    source, (model, _) = GGUFReader(path), load(path)
    names = sys.argv[2:] or [*(kind.lower() for kind in GGUF_TYPES), *PACKED]
    for name in names:
        if name in PACKED:
            write_packed(folder / name, model, name)
        else:
            write_gguf(folder / f"{name}.gguf", source, GGMLQuantizationType[name.upper()])


if __name__ == "__main__":
    main()
