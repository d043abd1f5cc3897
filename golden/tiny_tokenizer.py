"""
The tokenizer of the embedded model: QwQ-32B's pipeline (NFC, Qwen's pattern, byte-level BPE, its 26 added tokens and its
chat template) over a vocabulary small enough to read: 256 bytes and the first 250 merges of model/tiny.txt.
"""

import json
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors, trainers
from tokenizers.models import BPE

from common import save_json

MERGES = 250

PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

# In the order of their ids. Special ones are dropped when a reply is decoded; `<think>` and its kin are not.
SPECIAL = [
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>",
    "<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>",
    "<|image_pad|>", "<|video_pad|>",
]  # fmt: skip
ORDINARY = [
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>",
    "<|file_sep|>", "<tool_response>", "</tool_response>", "<think>", "</think>",
]  # fmt: skip


def pipeline(model: BPE) -> Tokenizer:
    """Everything around the merges, as in Qwen's tokenizer.json."""
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    return tokenizer


def train(text: str) -> Tokenizer:
    """Bytes, then merges by frequency; merge k makes token 256 + k, as in Qwen's vocabulary."""
    tokenizer = pipeline(BPE())
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=len(alphabet) + MERGES, initial_alphabet=alphabet, show_progress=False)
    tokenizer.train_from_iterator(text.splitlines(keepends=True), trainer)
    model = json.loads(tokenizer.to_str())["model"]
    assert len(model["vocab"]) == len(alphabet) + MERGES and len(model["merges"]) == MERGES
    tokenizer = pipeline(BPE(vocab=model["vocab"], merges=[tuple(pair) for pair in model["merges"]]))
    for content in SPECIAL + ORDINARY:
        tokenizer.add_tokens([AddedToken(content, normalized=False, special=content in SPECIAL)])
    return tokenizer


def tokenizer_config(tokenizer: Tokenizer, template: str) -> dict:
    """tokenizer_config.json with the keys Qwen's has."""
    flags = {"lstrip": False, "normalized": False, "rstrip": False, "single_word": False}
    decoder = {
        str(tokenizer.token_to_id(content)): {"content": content, **flags, "special": content in SPECIAL}
        for content in SPECIAL + ORDINARY
    }
    return {
        "add_bos_token": False, "add_prefix_space": False, "added_tokens_decoder": decoder,
        "additional_special_tokens": SPECIAL[1:], "bos_token": None, "chat_template": template,
        "clean_up_tokenization_spaces": False, "eos_token": "<|im_end|>", "errors": "replace", "model_max_length": 40960,
        "pad_token": "<|endoftext|>", "split_special_tokens": False, "tokenizer_class": "Qwen2Tokenizer", "unk_token": None,
    }  # fmt: skip


def save(folder: pathlib.Path) -> list[pathlib.Path]:
    """tokenizer.json and tokenizer_config.json."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train((folder.parent / "tiny.txt").read_text(encoding="utf-8"))
    (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=True) + "\n", encoding="utf-8")
    template = (folder.parent.parent / "text/templates/qwq-32b.jinja").read_text(encoding="utf-8")
    config = save_json(folder / "tokenizer_config.json", tokenizer_config(tokenizer, template), sort=False)
    return [folder / "tokenizer.json", config]


def added_ids(folder: pathlib.Path) -> dict[str, int]:
    """The id of each added token."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    return {content: tokenizer.token_to_id(content) for content in SPECIAL + ORDINARY}
