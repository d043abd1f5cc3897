"""
Real producers for `qwq oracle import`: a random Qwen2 run by Hugging Face, by its own debugger, and by ONNX Runtime.

  python test/hf/importers.py FOLDER [GGUF]

FOLDER/model  ids.json  tree/  taps.npz  npy/  pb/  onnx/  onnx.npz

The head size is 16, since ONNX Runtime's attention wants multiples of it; the tokenizer is that of the embedded model.
"""

import json
import pathlib
import shutil
import subprocess
import sys

import numpy as np
import onnx
import torch
from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2ForCausalLM
from transformers.model_debugging_utils import model_addition_debugger_context

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "src/oracle/hooks"))
from qwq_oracle_hf import record  # noqa: E402

IDS = [5, 300, 17, 17, 42, 511, 3]


def model(folder: pathlib.Path) -> Qwen2ForCausalLM:
    """Every parameter drawn; saved, and loaded again."""
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=544, hidden_size=80, intermediate_size=108, num_hidden_layers=3, num_attention_heads=5,
        num_key_value_heads=1, head_dim=16, max_position_embeddings=512, rms_norm_eps=1e-5, rope_theta=1e6,
        tie_word_embeddings=False, bos_token_id=506, eos_token_id=508,
    )  # fmt: skip
    drawn = Qwen2ForCausalLM(config)
    for x in drawn.parameters():
        torch.nn.init.normal_(x, 1.0 if x.dim() == 1 and x.shape[0] == 80 else 0.0, 0.15)
    drawn.save_pretrained(folder)
    for name in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copy(ROOT / "golden/model/tiny" / name, folder / name)
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()


def main() -> None:
    """Makes everything in the folder."""
    out = pathlib.Path(sys.argv[1])
    (out / "ids.json").write_text(json.dumps(IDS))
    qwen = model(out / "model")
    with torch.no_grad(), model_addition_debugger_context(qwen, debug_path=str(out / "tree"), do_prune_layers=False, use_repr=False):
        qwen(torch.tensor([IDS]))
    taps = {name: x.numpy() for name, x in record(qwen, IDS).items()}
    np.savez_compressed(out / "taps.npz", input_ids=np.array(IDS), **taps)
    (out / "npy").mkdir()
    (out / "pb").mkdir()
    for name, x in taps.items():
        np.save(out / "npy" / f"{name}.npy", np.asfortranarray(x.astype(np.float64))[None] if name == "1.act" else x[None])
        onnx.save_tensor(onnx.numpy_helper.from_array(x, name), out / "pb" / f"{name}.pb")
    for name in ("npy", "pb"):
        shutil.copy(out / "ids.json", out / name / "ids.json")
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", str(out / "model"), "-o", str(out / "onnx"), "-p", "fp32", "-e", "cpu"]
    subprocess.run(builder, check=True, capture_output=True)
    script = ROOT / "src/oracle/hooks/qwq_oracle_onnx.py"
    subprocess.run([sys.executable, script, out / "onnx/model.onnx", out / "ids.json", out / "onnx.npz"], check=True)


if __name__ == "__main__":
    main()
