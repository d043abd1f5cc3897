"""
Loads a folder that `qwq quantize --type int8...` wrote, with transformers and compressed-tensors in float32, and prints as
JSON the sha256 of each matrix of a layer as it is used there, a prompt's ids by its tokenizer, and the ids picked after it.

  python test/hf/quantized.py FOLDER PROMPT COUNT
"""

import hashlib
import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "golden"))

import common  # noqa: F401  (one thread, no gradients)
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

folder, prompt, count = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
ids = AutoTokenizer.from_pretrained(folder)(prompt)["input_ids"]
made = model.generate(torch.tensor([ids]), max_new_tokens=int(count), do_sample=False)
weights = {
    name: hashlib.sha256(x.contiguous().numpy().tobytes()).hexdigest()
    for name, x in model.named_parameters()
    if name.endswith(".weight") and x.ndim == 2 and ".layers." in name
}
print(json.dumps({"prompt": ids, "next": made[0, len(ids) :].tolist(), "weights": weights}))
