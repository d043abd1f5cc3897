"""Hugging Face transformers on torch: huggingface.py FOLDER DTYPE THREADS PROMPT GENERATE REPEAT.

Prints one JSON object: seconds to load, and of each repetition the seconds to the first new token and of those after it.
"""

import json
import resource
import sys
import time

import torch
import transformers

folder, dtype = sys.argv[1:3]
threads, prompt, generate, repeat = map(int, sys.argv[3:])
torch.set_num_threads(threads)
transformers.utils.logging.disable_progress_bar()
began = time.perf_counter()
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype)).eval()
load = time.perf_counter() - began
ids = torch.tensor([[t * 7919 % 49152 for t in range(prompt)]])
runs = []
with torch.inference_mode():
    for _ in range(repeat):
        start = time.perf_counter()
        made = model(ids, use_cache=True, logits_to_keep=1)
        token = made.logits[:, -1:].argmax(-1)
        first = time.perf_counter()
        for _ in range(generate):
            made = model(token, past_key_values=made.past_key_values, use_cache=True)
            token = made.logits[:, -1:].argmax(-1)
        token.item()
        runs.append({"prefill": first - start, "decode": time.perf_counter() - first})
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
version = f"transformers {transformers.__version__}, torch {torch.__version__}"
print(json.dumps({"version": version, "load": load, "runs": runs, "peakBytes": peak}))
