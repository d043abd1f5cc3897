"""
Loads a folder that a training has written with transformers alone, in float32 with eager attention, and prints as JSON, for
each prompt ({"messages", "tools"?} as JSON): its ids by the chat template, the ids picked greedily after it, and the logits of
its last token.

  python test/hf/reasoner.py FOLDER COUNT PROMPT...
"""

import json
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).resolve().parents[2] / "golden"))

import common  # noqa: F401  (one thread, no gradients)
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GenerationConfig

folder, count, *prompts = sys.argv[1:]
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
tokenizer = AutoTokenizer.from_pretrained(folder)
said = []
for prompt in prompts:
    given = json.loads(prompt)
    text = tokenizer.apply_chat_template(
        given["messages"], tools=given.get("tools"), add_generation_prompt=True, tokenize=False
    )
    ids = tokenizer(text)["input_ids"]
    made = model.generate(torch.tensor([ids]), max_new_tokens=int(count), do_sample=False)
    logits = model(torch.tensor([ids])).logits[0, -1]
    said.append({"ids": ids, "next": made[0, len(ids) :].tolist(), "logits": logits.tolist()})
settings = GenerationConfig.from_pretrained(folder)
print(
    json.dumps(
        {
            "class": type(model).__name__,
            "parameters": sum(x.numel() for x in model.parameters()),
            "sampling": [settings.do_sample, settings.temperature, settings.top_k, settings.top_p],
            "stop": settings.eos_token_id,
            "said": said,
        }
    )
)
