"""Hugging Face's BpeTrainer and AutoTokenizer, for test/hf/bpe.test.ts. JSON in on stdin, JSON out.

bpe.py train             {"texts", "size"}: tokens and merges that the trainer learns
bpe.py encode FOLDER     {"texts", "conversations"}: ids of each text, and of each conversation by the chat template
"""

import json
import pathlib
import sys

golden = pathlib.Path(__file__).resolve().parents[2] / "golden"
sys.path.insert(0, str(golden))

import tiny_tokenizer
from tokenizers import pre_tokenizers, trainers
from tokenizers.models import BPE


def train(texts, size):
    tokenizer = tiny_tokenizer.pipeline(BPE())
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=size, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(texts, trainer)
    model = json.loads(tokenizer.to_str())["model"]
    tokens = sorted(model["vocab"], key=model["vocab"].get)
    return {"tokens": tokens, "merges": [" ".join(pair) for pair in model["merges"]]}


def encode(folder, texts, conversations):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    prompts = [
        tokenizer.apply_chat_template(
            one["messages"], tools=one.get("tools"), add_generation_prompt=True, tokenize=True, return_dict=False
        )
        for one in conversations
    ]
    return {"texts": [tokenizer.encode(text, add_special_tokens=False) for text in texts], "prompts": prompts}


given = json.load(sys.stdin)
answer = train(**given) if sys.argv[1] == "train" else encode(sys.argv[2], **given)
print(json.dumps(answer))
