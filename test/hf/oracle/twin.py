"""
  python test/hf/oracle/twin.py OUT

A second small model, whose rows are whole blocks of 32 and whose heads have 16 numbers, since the tiny one (rows of 80 and
108, heads of 8) can be no Q8_0 file and no input of ONNX Runtime's model builder. Every parameter is drawn.
"""

import pathlib
import shutil
import sys

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM

TINY = pathlib.Path(__file__).resolve().parents[3] / "golden/model/tiny"


def main(out: pathlib.Path) -> None:
    torch.manual_seed(11)
    config = Qwen2Config(
        vocab_size=544, hidden_size=96, intermediate_size=160, num_hidden_layers=3, num_attention_heads=6, num_key_value_heads=2,
        head_dim=16, max_position_embeddings=4096, rms_norm_eps=1e-5, rope_theta=1e6, tie_word_embeddings=False, bos_token_id=506,
        eos_token_id=508,
    )  # fmt: skip
    model = Qwen2ForCausalLM(config)
    for x in model.parameters():
        torch.nn.init.normal_(x, 1.0 if x.dim() == 1 and x.shape[0] == 96 else 0.0, 0.15)
    model.save_pretrained(out)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(TINY / name, out / name)


main(pathlib.Path(sys.argv[1]))
