"""Strings and what the tokenizers library makes of them: cuts, ids and decoded text.

Writes golden/text/encode.json (telling strings over three vocabularies), decode.json (ids that are not whole text) and
adversarial.json (20,000 drawn strings over the two real vocabularies, as sums). The tiny vocabulary is in the repository;
the real ones must lie in .cache, where golden/install.ts puts them. Run: python golden/make_text.py
"""

import functools
import hashlib
import json
import pathlib

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

from common import main
from text_strings import LITERALS, RANGES, TELLING
from tiny_tokenizer import PATTERN

SEED = 20_250_306
COUNT = 20_000
CHUNK = 500


def smollm(cache: pathlib.Path) -> Tokenizer:
    """SmolLM2's published pipeline over the vocabulary in its GGUF file."""
    import gguf

    path = next((cache / "smollm2").rglob("*.gguf"))
    fields = gguf.GGUFReader(path).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    types = fields["tokenizer.ggml.token_type"].contents()
    merges = [tuple(pair.split(" ")) for pair in fields["tokenizer.ggml.merges"].contents()]
    tokenizer = Tokenizer(models.BPE(vocab={token: i for i, token in enumerate(tokens)}, merges=merges))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    special = [AddedToken(t, normalized=False, special=True) for t, kind in zip(tokens, types) if kind == 3]
    tokenizer.add_special_tokens(special)
    return tokenizer


def vocabularies(here: pathlib.Path) -> dict[str, Tokenizer]:
    cache = here.parent / ".cache"
    return {
        "tiny": Tokenizer.from_file(str(here / "model" / "tiny" / "tokenizer.json")),
        "qwen2": Tokenizer.from_file(str(cache / "qwen" / "tokenizer.json")),
        "smollm": smollm(cache),
    }


def encode(tokenizer: Tokenizer, texts: list[str], special: bool = True) -> list[list[int]]:
    tokenizer.encode_special_tokens = not special
    found = [e.ids for e in tokenizer.encode_batch(texts, add_special_tokens=False)]
    tokenizer.encode_special_tokens = False
    return found


PRE_TOKENIZERS = {
    "qwen2": pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    ),
    "gpt2": pre_tokenizers.ByteLevel(add_prefix_space=False),
}


def cuts(pattern: str, text: str) -> list[int]:
    """Where words end, in code points."""
    return [end for _, (_, end) in PRE_TOKENIZERS[pattern].pre_tokenize_str(text)]


def save_lines(path: pathlib.Path, rows: list[object]) -> pathlib.Path:
    """A JSON array with one element a line; ASCII only, so that no editor can change a string."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows) + "\n]\n")
    return path


def telling(here: pathlib.Path, tokenizers: dict[str, Tokenizer]) -> pathlib.Path:
    columns = {name: encode(t, TELLING) for name, t in tokenizers.items()}
    plain = {name: encode(t, TELLING, special=False) for name, t in tokenizers.items()}
    rows = []
    for i, text in enumerate(TELLING):
        row: dict[str, object] = {"text": text, "ids": {name: ids[i] for name, ids in columns.items()}}
        differ = {name: ids[i] for name, ids in plain.items() if ids[i] != columns[name][i]}
        rows.append({**row, "plain": differ, "cuts": {name: cuts(name, text) for name in PRE_TOKENIZERS}})
    return save_lines(here / "text" / "encode.json", rows)


class Draw:
    """xorshift32: the same few lines give the same numbers in any language."""

    def __init__(self, seed: int):
        self.state = seed

    def below(self, n: int) -> int:
        x = self.state
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self.state = x
        return x % n


def drawn(draw: Draw) -> str:
    """A few pieces: a literal, a character of a range, or the piece before up to 40 times more."""
    pieces: list[str] = []
    for _ in range(1 + draw.below(14)):
        kind = draw.below(16)
        if kind == 0 and pieces:
            pieces.append(pieces[-1] * (1 + draw.below(40)))
        elif kind < 9:
            pieces.append(LITERALS[draw.below(len(LITERALS))])
        else:
            first, last = RANGES[draw.below(len(RANGES))]
            pieces.append(chr(first + draw.below(last - first + 1)))
    return "".join(pieces)


@functools.cache
def adversarial() -> list[str]:
    draw = Draw(SEED)
    return [drawn(draw) for _ in range(COUNT)]


def answers(tokenizer: Tokenizer, texts: list[str]) -> list[list[object]]:
    """For each text: its ids, its ids without special tokens, and its ids decoded with special tokens and without."""
    ids, plain = encode(tokenizer, texts), encode(tokenizer, texts, special=False)
    return [[a, b, tokenizer.decode(a, skip_special_tokens=False), tokenizer.decode(a)] for a, b in zip(ids, plain)]


def sums(tokenizer: Tokenizer) -> list[str]:
    rows = answers(tokenizer, adversarial())
    lines = [json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in rows]
    chunks = ["".join(lines[i : i + CHUNK]) for i in range(0, COUNT, CHUNK)]
    return [hashlib.sha256(chunk.encode()).hexdigest() for chunk in chunks]


def decoding(here: pathlib.Path, tokenizer: Tokenizer) -> pathlib.Path:
    """Single bytes, in every bad order that UTF-8 knows, among tokens and added tokens."""
    draw = Draw(SEED)
    leads = [0x41, 0x7F, 0x80, 0xBF, 0xC0, 0xC2, 0xDF, 0xE0, 0xED, 0xEF, 0xF0, 0xF4, 0xF5, 0xFF, 0x9F, 0xA0, 0x8F, 0x90, 0xBB]
    letter = byte_ids(tokenizer)
    rows = [[letter[0xEF], letter[0xBB], letter[0xBF], letter[0x41]], []]  # a byte order mark is text like any other
    while len(rows) < 300:
        pieces = []
        for _ in range(1 + draw.below(9)):
            kind = draw.below(8)
            pieces.append(draw.below(tokenizer.get_vocab_size() + 20) if kind == 0 else letter[leads[draw.below(len(leads))]])
        rows.append(pieces)
    texts = [[ids, tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)] for ids in rows]
    return save_lines(here / "text" / "decode.json", texts)


def byte_ids(tokenizer: Tokenizer) -> dict[int, int]:
    """The token of each byte, by GPT-2's alphabet: printable bytes as they are, the others from U+0100 on."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [b for b in range(256) if b not in printable]
    characters = {b: chr(b) for b in printable} | {b: chr(256 + n) for n, b in enumerate(others)}
    return {b: tokenizer.token_to_id(c) for b, c in characters.items()}


def make(here: pathlib.Path) -> list[pathlib.Path]:
    tokenizers = vocabularies(here)
    record = {
        "about": "made by golden/make_text.py: sha256 of every 500 lines, each the JSON of [ids, ids without special tokens,"
        " decoded, decoded without special tokens]",
        "seed": SEED,
        "count": COUNT,
        "chunk": CHUNK,
        "literals": LITERALS,
        "ranges": RANGES,
        "strings": hashlib.sha256("\n".join(adversarial()).encode()).hexdigest(),
        "qwen2": sums(tokenizers["qwen2"]),
        "smollm": sums(tokenizers["smollm"]),
    }
    target = here / "text" / "adversarial.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(record, indent=1) + "\n")
    return [telling(here, tokenizers), decoding(here, tokenizers["tiny"]), target]


if __name__ == "__main__":
    main(make)
