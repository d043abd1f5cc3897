"""
  python test/hf/oracle/engines.py OUT tiny|smollm2

Hugging Face as correct engines run it: float32, bfloat16 and float16, eager and sdpa, one thread and two, whole prompts
and four (or single) tokens at a time, on five prompts. OUT/runs.json lists the bundles.
"""

import argparse
import json
import pathlib

import bundles
import torch

ROOT = pathlib.Path(__file__).resolve().parents[3]
PROMPTS = {
    "tiny": [
        [507, 317, 198, 306, 508, 198, 507, 345, 198, 530, 198],
        [11, 205, 77, 340, 7, 8, 9, 501, 266, 13, 99, 101, 3, 402, 57, 58],
        [400],
        [5, 5, 5, 5, 5, 5, 5, 5],
        [(37 * i * i + 11 * i + 5) % 500 for i in range(48)],
    ],
    "smollm2": [
        "The tide comes in twice a day because the moon",
        "def add(a, b):\n    return a + b\n\nprint(add(2, 3))",
        "How many apples are there in 3 boxes of 12? 3 x 12 =",
        "Hello! Who are you, and what do you know about the sea?",
        "你好!请问今天天气怎么样?",
    ],
}
DTYPES = [torch.float32, torch.bfloat16, torch.float16]
WAYS = {"tiny": [(1, None), (2, None), (1, 4), (2, 1)], "smollm2": [(1, None), (2, None), (1, 4)]}


def models(name: str):
    """(dtype, attention, model, prompts as ids), one after another."""
    for dtype in DTYPES:
        for attention in ("eager", "sdpa"):
            if name == "tiny":
                yield dtype, attention, bundles.load(str(ROOT / "golden/model/tiny"), dtype, attention), PROMPTS["tiny"]
            else:
                from make_smollm2 import find_gguf
                from transformers import AutoModelForCausalLM, AutoTokenizer

                gguf = find_gguf(ROOT / "golden")
                named = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
                tokenizer = AutoTokenizer.from_pretrained(**named)
                model = AutoModelForCausalLM.from_pretrained(**named, dtype=dtype, attn_implementation=attention).eval()
                yield dtype, attention, model, [tokenizer.encode(text)[:16] for text in PROMPTS["smollm2"]]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("model", choices=["tiny", "smollm2"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    listed = []
    for dtype, attention, model, prompts in models(args.model):
        for number, ids in enumerate(prompts):
            (args.out / f"ids-{number}.json").write_text(json.dumps(ids))
            for threads, chunk in WAYS[args.model]:
                torch.set_num_threads(threads)
                name = f"{bundles.POLICIES[dtype]}-{attention}-{threads}-{chunk or 'whole'}-{number}.oracle"
                if (args.out / name / "manifest.json").exists():
                    pass  # made by a run before
                elif chunk is None:
                    bundles.save(model, ids, args.out / name)
                else:
                    bundles.save_chunked(model, ids, args.out / name, chunk)
                listed.append({"dtype": str(dtype)[6:], "attention": attention, "threads": threads, "chunk": chunk, "prompt": number, "bundle": str(args.out / name)})
        (args.out / "runs.json").write_text(json.dumps(listed, indent=1))
    print(len(listed), "runs")


main()
