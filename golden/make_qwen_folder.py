"""
A checkpoint as `save_pretrained` of today writes it, with the real Qwen tokenizer: a random Qwen2 model, narrow, with all
152,064 rows of QwQ-32B. The folder, .cache/qwen-tiny, is too large to commit (24 MB); its greedy tokens are committed.

  hf/qwen-folder.json    for one English and one Chinese question: the rendered prompt, its ids, 24 greedy tokens, their
                         margins and text; and the sha256 of the weights, by which the folder is known

  python golden/make_qwen_folder.py            needs .cache/qwen/tokenizer.json (npx tsx golden/install.ts qwen)
  python golden/make_qwen_folder.py --folder   the folder alone: another processor's margins differ in their last digits
"""

import hashlib
import pathlib
import sys

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

from common import main, save_record
from draw import parameters
from taps import greedy

SEED = 7
TOKENS = 24
QUESTIONS = {"english": "Why does the sea go out twice a day?", "chinese": "海水为什么每天退潮两次？请用一句话回答。"}
CONFIG = {
    "bos_token_id": 151643, "eos_token_id": 151645, "head_dim": 4, "hidden_size": 20, "intermediate_size": 36,
    "max_position_embeddings": 40960, "max_window_layers": 2, "num_attention_heads": 5, "num_hidden_layers": 2,
    "num_key_value_heads": 1, "rms_norm_eps": 1e-5, "rope_theta": 1e6, "sliding_window": 32768, "tie_word_embeddings": False,
    "use_sliding_window": False, "vocab_size": 152064,
}  # fmt: skip


def save(folder: pathlib.Path, tokenizer_folder: pathlib.Path, template: str) -> None:
    """Model and tokenizer, each by its own save_pretrained."""
    if not (tokenizer_folder / "tokenizer.json").exists():
        sys.exit(f"make_qwen_folder: no {tokenizer_folder}/tokenizer.json; fetch it with `npx tsx golden/install.ts qwen`")
    tokenizer = AutoTokenizer.from_pretrained(tokenizer_folder)
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    model = Qwen2ForCausalLM(Qwen2Config(**CONFIG))
    model.load_state_dict(parameters(CONFIG, SEED, unused_rows=CONFIG["vocab_size"] - len(tokenizer)))
    model.to(torch.bfloat16).save_pretrained(folder)


def answers(folder: pathlib.Path) -> dict[str, dict]:
    """The greedy continuation of each question, from the folder as a user would load it, in float32."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager").eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    found = {}
    for name, question in QUESTIONS.items():
        messages = [{"role": "user", "content": question}]
        prompt = tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
        ids = tokenizer.encode(prompt)
        tokens, margins = greedy(model, ids, TOKENS)
        found[name] = {
            "question": question, "prompt": prompt, "ids": ids, "greedy": tokens, "margins": margins, "text": tokenizer.decode(tokens),
        }  # fmt: skip
    return found


def make_folder(here: pathlib.Path) -> pathlib.Path:
    """Writes .cache/qwen-tiny."""
    folder = here.parent / ".cache/qwen-tiny"
    save(folder, here.parent / ".cache/qwen", (here / "text/templates/qwq-32b.jinja").read_text(encoding="utf-8"))
    return folder


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes .cache/qwen-tiny and golden/hf/qwen-folder.json."""
    folder = make_folder(here)
    sha256 = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    return [save_record(here / "hf/qwen-folder.json", {"weights_sha256": sha256, **answers(folder)})]


if __name__ == "__main__":
    if sys.argv[1:] == ["--folder"]:
        make_folder(pathlib.Path(__file__).resolve().parent)
    else:
        main(make)
