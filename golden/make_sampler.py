"""Sampler goldens: what Hugging Face's own processors keep, and with which probabilities.

The processors are those that `generate` builds for a Qwen2 with the case's settings. One JSON object a line in
sampler/cases.jsonl, in the form that `qwq oracle sampler` reads, with the answer beside it. sampler/torch.jsonl holds
what decides the ties and thresholds below them: float32 softmax to the bit (of the AVX-512 kernel), and the order in
which torch.sort leaves equal scores.
"""

import json
import pathlib
import random

import torch
from common import main
from transformers import GenerationConfig, Qwen2Config, Qwen2ForCausalLM

OFF = {"repetition_penalty": 1.0, "temperature": 1.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0}
MINUS_INFINITY = float("-inf")

SEED = 20250306

_model = None


def tiny_model():
    """The smallest Qwen2: only its way to build processors is used."""
    global _model
    if _model is None:
        sizes = {"vocab_size": 8, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1}
        config = Qwen2Config(**sizes, num_attention_heads=1, num_key_value_heads=1)
        _model = Qwen2ForCausalLM(config)
    return _model


def answer(case):
    """Kept ids and probabilities of a case, or None where Hugging Face's probabilities are not numbers."""
    settings = GenerationConfig(do_sample=True, **{key: case[key] for key in OFF})
    processors = tiny_model()._get_logits_processor(settings, input_ids_seq_length=len(case["previous"]))
    logits = [MINUS_INFINITY if x is None else x for x in case["logits"]]
    scores = torch.tensor([logits], dtype=torch.float32)
    if case["previous"]:
        scores = processors(torch.tensor([case["previous"]]), scores)
    else:
        scores = type(processors)(p for p in processors if "Repetition" not in type(p).__name__)(None, scores)
    probabilities = scores.softmax(dim=-1)[0]
    if probabilities.isnan().any():
        return None
    ids = (scores[0] > MINUS_INFINITY).nonzero()[:, 0].tolist()
    return {"ids": ids, "probabilities": [float(f"{p:.9g}") for p in probabilities[ids].tolist()]}


def draw_logits(rng, kind, n):
    """A row of one of the kinds below."""
    if kind == "normal":
        return [round(rng.gauss(0, 4), 3) for _ in range(n)]
    if kind == "full":
        return [float(torch.tensor(rng.gauss(0, 3), dtype=torch.float32)) for _ in range(n)]
    if kind == "ties":
        return [float(rng.randint(-2, 3)) for _ in range(n)]
    if kind == "equal":
        return [1.5] * n
    if kind == "holes":
        row = [None if rng.random() < 0.4 else round(rng.gauss(0, 3), 2) for _ in range(n)]
        row[rng.randrange(n)] = 1.0
        return row
    if kind == "extreme":
        return [rng.choice([-1e30, -1000.0, -88.0, 0.0, 88.0, 1000.0, 1e-30, round(rng.gauss(0, 50), 1)]) for _ in range(n)]
    if kind == "round":
        weights = [rng.choice([1, 1, 2, 4, 5, 10]) for _ in range(n)]
        return [float(torch.tensor(w / sum(weights), dtype=torch.float32).log()) for w in weights]
    raise ValueError(kind)


KINDS = ["normal", "full", "ties", "equal", "holes", "extreme", "round"]


def draw_case(rng, kind=None, n=None):
    """A case with a few settings on."""
    kind = kind or rng.choice(KINDS)
    n = n or rng.choice([1, 2, 3, 5, 8, 15, 16, 17, 20, 31, 33, 40, 64])
    case = {"logits": draw_logits(rng, kind, n), "previous": [], **OFF}
    if rng.random() < 0.4:
        case["previous"] = [rng.randrange(n + 2) for _ in range(rng.randint(1, 12))]
        case["repetition_penalty"] = rng.choice([0.5, 0.9, 1.05, 1.1, 1.3, 2.0, 10.0])
    if rng.random() < 0.5:
        case["temperature"] = rng.choice([0.01, 0.3, 0.6, 0.7, 1.5, 2.0, 100.0])
    if rng.random() < 0.5:
        case["top_k"] = rng.choice([1, 2, 3, 5, 20, 40, 100])
    if rng.random() < 0.6:
        case["top_p"] = rng.choice([0.001, 0.1, 0.25, 0.5, 0.75, 0.8, 0.9, 0.95, 0.999, 1 - 2.0**-20])
    if rng.random() < 0.4:
        case["min_p"] = rng.choice([0.001, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0])
    return case


def cases(rng, count, wide):
    """`count` cases that have an answer; `wide` of them with rows of 200 to 2,000."""
    found = []
    while len(found) < count:
        n = rng.choice([200, 500, 1000, 2000]) if len(found) < wide else None
        case = draw_case(rng, rng.choice(["ties", "equal", "holes"]) if n else None, n)
        result = answer(case)
        if result is not None:
            found.append({**case, **result})
    return found


def killer(n):
    """The row on which median-of-three quicksort goes deepest (Musser 1997), so that std::sort changes to heapsort."""
    half = n // 2
    row = [0] * n
    for i in range(1, half + 1):
        row[i - 1] = i if i % 2 == 1 else half + i - 1
        row[half + i - 1] = 2 * i
    return [float(x // 8) / 64 for x in row]


def torch_rows(rng):
    """Rows with PyTorch's softmax, as the float32's bits, or with the ids in torch.sort's order."""
    for n in (1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 100, 500):
        row = torch.tensor([[round(rng.gauss(0, 6), 2) for _ in range(n)]])
        yield {"logits": row[0].mul(100).round().int().tolist(), "scale": 100, "bits": row.softmax(-1)[0].view(torch.int32).tolist()}
    for n in (1, 2, 16, 17, 18, 40, 64, 300):
        row = [rng.randint(0, max(2, n // 8)) for _ in range(n)]
        yield {"scores": row, "order": torch.sort(torch.tensor([row], dtype=torch.float32))[1][0].tolist()}
    row = [int(64 * x) for x in killer(1024)]
    yield {"scores": row, "order": torch.sort(torch.tensor([row], dtype=torch.float32))[1][0].tolist()}


def write_lines(path, rows):
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(json.dumps(row, sort_keys=True, separators=(",", ":")) + "\n" for row in rows))
    return path


def make(here: pathlib.Path) -> list[pathlib.Path]:
    torch.set_num_threads(1)
    rng = random.Random(SEED)
    found = cases(rng, 298, 8)
    for top_p in (0.5, 0.9):
        case = {"logits": killer(1024), "previous": [], **OFF, "top_p": top_p}
        found.append({**case, **answer(case)})
    folder = here / "sampler"
    return [write_lines(folder / "cases.jsonl", found), write_lines(folder / "torch.jsonl", torch_rows(rng))]


if __name__ == "__main__":
    main(make)
