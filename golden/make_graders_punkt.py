"""
Punkt's parameters for English, as nltk's package punkt_tab has them (MIT), in one small file: IFEval counts sentences by
them. They lie in .cache/graders (npx tsx golden/install.ts graders).
"""

import gzip
import json
import pathlib


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """Writes graders/punkt-english.json.gz."""
    source = here.parent / ".cache/graders/nltk_data/tokenizers/punkt_tab/english"
    contexts: dict[str, list[str]] = {}
    for line in lines(source / "ortho_context.tab"):
        word, bits = line.split("\t")
        contexts.setdefault(bits, []).append(word)
    stored = {
        "abbreviations": "\n".join(sorted(lines(source / "abbrev_types.txt"))),
        "starters": "\n".join(sorted(lines(source / "sent_starters.txt"))),
        "pairs": "\n".join(sorted(lines(source / "collocations.tab"))),
        "contexts": {bits: "\n".join(sorted(words)) for bits, words in sorted(contexts.items())},
    }
    path = here / "graders/punkt-english.json.gz"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(gzip.compress(json.dumps(stored, ensure_ascii=False).encode(), mtime=0))
    return [path]


def lines(path: pathlib.Path) -> list[str]:
    """Lines that are not empty."""
    return [line for line in path.read_text(encoding="utf-8").split("\n") if line]
