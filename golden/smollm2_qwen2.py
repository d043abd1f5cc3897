"""
Real weights as a Qwen2 checkpoint: SmolLM2-135M-Instruct dequantised, saved by transformers with `model_type: qwen2`.

Qwen2 is SmolLM2's block with q, k and v biases. With zero biases the model is SmolLM2 itself, token for token; with
--biases they are drawn, small enough that it still speaks, so that trained weights and live biases meet in one test.

  python golden/smollm2_qwen2.py [--biases] [--dtype bfloat16] [--gguf GGUF] OUT
"""

import argparse
import pathlib

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

from make_smollm2 import find_gguf, load

SEED = 5
DEVIATION = 0.05


def convert(llama, biases: bool) -> Qwen2ForCausalLM:
    """The same parameters under the same names, and biases."""
    c = llama.config
    config = Qwen2Config(
        vocab_size=c.vocab_size, hidden_size=c.hidden_size, intermediate_size=c.intermediate_size,
        num_hidden_layers=c.num_hidden_layers, num_attention_heads=c.num_attention_heads,
        num_key_value_heads=c.num_key_value_heads, max_position_embeddings=c.max_position_embeddings,
        rms_norm_eps=c.rms_norm_eps, rope_theta=c.rope_parameters["rope_theta"], tie_word_embeddings=c.tie_word_embeddings,
        bos_token_id=c.bos_token_id, eos_token_id=c.eos_token_id,
    )  # fmt: skip
    qwen2 = Qwen2ForCausalLM(config)
    parameters = dict(llama.state_dict())
    generator = torch.Generator().manual_seed(SEED)
    for name, x in qwen2.state_dict().items():
        if name not in parameters:
            parameters[name] = torch.randn(x.shape, generator=generator) * (DEVIATION if biases else 0)
    qwen2.load_state_dict(parameters)
    return qwen2


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=pathlib.Path, metavar="OUT")
    parser.add_argument("--biases", action="store_true")
    parser.add_argument("--dtype", choices=["float32", "bfloat16", "float16"], default="float32")
    parser.add_argument("--gguf", type=pathlib.Path)
    options = parser.parse_args()
    llama, tokenizer = load(options.gguf or find_gguf(pathlib.Path(__file__).resolve().parent))
    convert(llama, options.biases).to(getattr(torch, options.dtype)).save_pretrained(options.out)
    tokenizer.save_pretrained(options.out)


if __name__ == "__main__":
    main()
