"""
A real trained model: SmolLM2-135M-Instruct from its Q4_1 GGUF, dequantised by transformers, in float32, eager attention.

  smollm2/taps.f32, taps.f64   every activation of the first, a middle and the last layer, at the first and the last token of
                               a prompt (truth.py computes f64 from the same dequantised weights); f32 has the last logits too
  smollm2/taps.json            the prompt, its ids, and the floor of every activation over all tokens
  smollm2/greedy.json          64 greedy tokens through the model's chat template, and the margin of each
  smollm2/perplexity.json      negative log likelihoods of text.txt, window by window

  python golden/make_smollm2.py [GGUF]      (or QWQ_SMOLLM2=GGUF; else .cache/smollm2/)
"""

import hashlib
import os
import pathlib
import sys

import numpy as np
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from common import main, save_record, save_tensors
from taps import greedy, record
from truth import forward

LAYERS = [0, 14, 29]
PROMPT = "The tide comes in twice a day because the moon"
QUESTION = "Why is the sky blue?"
# Windows and strides in tokens, and how many tokens of the text: two that a slow reference can follow, and the whole.
PERPLEXITIES = [(256, 128, 768), (512, 512, 1024), (1024, 512, None)]


def find_gguf(here: pathlib.Path) -> pathlib.Path:
    """The file named on the command line of this script, by QWQ_SMOLLM2, or wherever it lies in .cache/smollm2."""
    named = sys.argv[1:2] if pathlib.Path(sys.argv[0]).stem == "make_smollm2" else []
    cached = sorted((here.parent / ".cache/smollm2").rglob("SmolLM2-135M-Instruct.Q4_1.gguf"))
    candidates = [*named, *filter(None, [os.environ.get("QWQ_SMOLLM2")]), *cached]
    if not candidates:
        sys.exit("make_smollm2: no GGUF found; fetch it with `npx tsx golden/install.ts smollm2`")
    return pathlib.Path(candidates[0])


def load(gguf: pathlib.Path):
    """Hugging Face's model and tokenizer from the one file."""
    named = {"pretrained_model_name_or_path": str(gguf.parent), "gguf_file": gguf.name}
    model = AutoModelForCausalLM.from_pretrained(**named, dtype=torch.float32, attn_implementation="eager").eval()
    return model, AutoTokenizer.from_pretrained(**named)


def truth_of(model, ids: list[int]) -> dict[str, np.ndarray]:
    """The float64 forward over the weights the float32 model has."""
    c = model.config
    config = {
        "hidden_size": c.hidden_size, "num_attention_heads": c.num_attention_heads, "num_hidden_layers": c.num_hidden_layers,
        "max_position_embeddings": c.max_position_embeddings, "rms_norm_eps": c.rms_norm_eps,
        "rope_theta": c.rope_parameters["rope_theta"], "tie_word_embeddings": c.tie_word_embeddings,
    }  # fmt: skip
    return forward(config, {name: x.numpy() for name, x in model.state_dict().items()}, ids)


def make_taps(here: pathlib.Path, model, tokenizer, sha256: str) -> list[pathlib.Path]:
    """Activations of a sentence, with floors over all its tokens."""
    ids = tokenizer.encode(PROMPT)
    f32, f64 = {name: x.numpy() for name, x in record(model, ids).items()}, truth_of(model, ids)
    rows = [0, len(ids) - 1]
    kept = [name for name in f64 if name in ("embed", "norm") or name.split(".")[0] in map(str, LAYERS)]
    files = [
        save_tensors(here / f"smollm2/taps.{column}.safetensors", {name: acts[name][rows] for name in kept} | extra)
        for column, acts, extra in (("f32", f32, {"logits": f32["logits"][-1:]}), ("f64", f64, {}))
    ]
    floors = {name: float(np.abs(f32[name] - f64[name]).max()) for name in f64}
    about = {"sha256": sha256, "prompt": PROMPT, "ids": ids, "rows": rows, "logits_rows": rows[-1:], "floors": floors}
    return files + [save_record(here / "smollm2/taps.json", about)]


def make_greedy(here: pathlib.Path, model, tokenizer) -> pathlib.Path:
    """What the model answers, token by token, by the likeliest."""
    messages = [{"role": "user", "content": QUESTION}]
    prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
    ids = tokenizer.encode(prompt)
    tokens, margins = greedy(model, ids, 64)
    about = {"question": QUESTION, "prompt": prompt, "ids": ids, "greedy": tokens, "margins": margins, "text": tokenizer.decode(tokens)}
    return save_record(here / "smollm2/greedy.json", about)


def windows(length: int, window: int, stride: int) -> list[tuple[int, int, int]]:
    """(begin, end, scored): each window scores the tokens no window before it has; the very first token has no context."""
    found, before = [], 0
    for begin in range(0, length, stride):
        end = min(begin + window, length)
        found.append((begin, end, end - max(before, begin + 1)))
        before = end
        if end == length:
            break
    return found


def nll(model, ids: list[int], scored: int) -> float:
    """- sum of the log probabilities of the last `scored` ids; float32 logits, log-softmax and sum in float64."""
    logits = model(torch.tensor([ids])).logits[0, -scored - 1 : -1].double()
    targets = torch.tensor(ids[-scored:])
    return float(-torch.log_softmax(logits, dim=-1).gather(1, targets[:, None]).sum())


def make_perplexity(here: pathlib.Path, model, tokenizer) -> pathlib.Path:
    """Perplexity of text.txt with several windows and strides."""
    ids = tokenizer.encode((here / "smollm2/text.txt").read_text(encoding="utf-8"))
    results = []
    for window, stride, first in PERPLEXITIES:
        spans = windows(len(ids[:first]), window, stride)
        sums = [nll(model, ids[begin:end], scored) for begin, end, scored in spans]
        tokens = sum(scored for _, _, scored in spans)
        results.append({
            "window": window, "stride": stride, "tokens": len(ids[:first]), "scored": tokens, "windows": spans, "nll": sums,
            "perplexity": float(np.exp(sum(sums) / tokens)),
        })  # fmt: skip
    return save_record(here / "smollm2/perplexity.json", {"ids": ids, "results": results})


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes golden/smollm2."""
    gguf = find_gguf(here)
    model, tokenizer = load(gguf)
    files = make_taps(here, model, tokenizer, hashlib.sha256(gguf.read_bytes()).hexdigest())
    return files + [make_greedy(here, model, tokenizer), make_perplexity(here, model, tokenizer)]


if __name__ == "__main__":
    main(make)
