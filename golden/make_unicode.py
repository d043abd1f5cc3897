"""Unicode as the tokenizers library has it, found by asking the library about every code point.

Writes src/text/unicode-data.ts (the tables) and golden/text/unicode.json (sums over the library's own answers, which
the tables must reproduce). Run: python golden/make_unicode.py
"""

import functools
import hashlib
import pathlib

from tokenizers import Regex, normalizers, pre_tokenizers

from common import main, save_json

POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
nfc = normalizers.NFC().normalize_str
nfd = normalizers.NFD().normalize_str


def matched(pattern: str) -> list[int]:
    """The code points that a one-character pattern of the library's regex engine matches."""
    cut = pre_tokenizers.Split(Regex(pattern), behavior="isolated")
    # Between two controls, a match is set apart and makes three pieces of one.
    return [c for c in POINTS if len(cut.pre_tokenize_str(f"\x01{chr(c)}\x01")) == 3]


def numeric() -> list[int]:
    """The code points that pre_tokenizers.Digits sets apart (Rust's char::is_numeric, not the regex engine's \\p{N})."""
    cut = pre_tokenizers.Digits(individual_digits=True)
    return [c for c in POINTS if len(cut.pre_tokenize_str(f"\x01{chr(c)}\x01")) == 3]


def base36(n: int) -> str:
    sign, n = ("-", -n) if n < 0 else ("", n)
    digits = ""
    while True:
        n, d = divmod(n, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[d] + digits
        if n == 0:
            return sign + digits


def ranges(points: list[int]) -> list[tuple[int, int]]:
    """Runs [first, one past the last]."""
    runs: list[list[int]] = []
    for c in points:
        if runs and runs[-1][1] == c:
            runs[-1][1] = c + 1
        else:
            runs.append([c, c + 1])
    return [(a, b) for a, b in runs]


def coded(points: list[int]) -> str:
    """Runs as the distances between their ends: skip, take, skip, take ..."""
    out, at = [], 0
    for a, b in ranges(points):
        out += [base36(a - at), base36(b - a)]
        at = b
    return " ".join(out)


def classes() -> dict[int, int]:
    """Canonical combining classes, as ranks from 1: marks whose order NFD changes have different classes."""
    low, high = "\u0334", "\u0345"  # the library's lowest and highest class
    marks = [chr(c) for c in POINTS if len(nfd(chr(c))) == 1]
    marks = [m for m in marks if nfd(high + m) == m + high or nfd(m + low) == low + m]

    def compare(a: str, b: str) -> int:
        return 1 if nfd(a + b) == b + a != a + b else -1 if nfd(b + a) == a + b != b + a else 0

    rank, out, before = 0, {}, None
    for m in sorted(marks, key=functools.cmp_to_key(compare)):
        rank += before is None or compare(before, m) != 0
        out[ord(m)], before = rank, m
    return out


def decompositions() -> dict[int, tuple[int, int]]:
    """One step of each canonical decomposition: (first, second), second 0 where there is one character only."""
    full = {c: nfd(chr(c)) for c in POINTS if not 0xAC00 <= c <= 0xD7A3 and nfd(chr(c)) != chr(c)}
    # Where the first part is excluded from composition itself (U+FB49 in U+FB2C), it is known by its decomposition.
    known = {text: chr(c) for c, text in full.items()}
    out = {}
    for c, text in full.items():
        first = nfc(text[:-1])
        if len(text) == 1:
            out[c] = (ord(text), 0)
        else:
            out[c] = (ord(first if len(first) == 1 else known[text[:-1]]), ord(text[-1]))
    return out


def coded_decompositions(steps: dict[int, tuple[int, int]]) -> str:
    """Three numbers each: distance from the character before, distance of the first part, and the second part."""
    out, c0, a0 = [], 0, 0
    for c, (a, b) in sorted(steps.items()):
        out += [base36(c - c0), base36(a - a0), base36(b)]
        c0, a0 = c, a
    return " ".join(out)


def coded_classes(ranks: dict[int, int]) -> str:
    """Three numbers for each run of one class: skip, take, rank."""
    runs: list[list[int]] = []
    for c, r in sorted(ranks.items()):
        if runs and runs[-1][1] == c and runs[-1][2] == r:
            runs[-1][1] = c + 1
        else:
            runs.append([c, c + 1, r])
    out, at = [], 0
    for a, b, r in runs:
        out += [base36(a - at), base36(b - a), base36(r)]
        at = b
    return " ".join(out)


def constant(name: str, what: str, text: str) -> str:
    words, lines, line = text.split(" "), [], ""
    for w in words:
        if len(line) + len(w) + 1 > 112:
            lines.append(line)
            line = ""
        line += w + " "
    lines.append(line.rstrip())
    if len(lines) == 1:
        return f'/** {what} */\nexport const {name} = "{lines[0]}";\n'
    body = "\n".join(f'  "{x}",' for x in lines)
    return f"/** {what} */\nexport const {name} = [\n{body}\n].join(\"\");\n"


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def listed(points: list[int]) -> str:
    return ",".join(f"{a:x}-{b - 1:x}" for a, b in ranges(points))


def pairs(steps: dict[int, tuple[int, int]], ranks: dict[int, int]) -> tuple[list[int], list[int]]:
    """Every character that could begin, and every one that could end, a composition; Hangul's among them."""
    firsts = sorted({a for a, b in steps.values() if b} | set(steps) | {0x1100, 0x1112, 0xAC00, 0xAC01, 0xD788})
    seconds = sorted({b for _, b in steps.values() if b} | set(ranks) | {0x1161, 0x1175, 0x11A7, 0x11A8, 0x11C2, 0x11C3})
    return firsts, seconds


def make(here: pathlib.Path) -> list[pathlib.Path]:
    letters, numbers, spaces, digits = matched(r"\p{L}"), matched(r"\p{N}"), matched(r"\s"), numeric()
    steps, ranks = decompositions(), classes()
    excluded = [c for c, (a, b) in sorted(steps.items()) if b and nfc(chr(c)) != chr(c)]
    source = here.parent / "src" / "text" / "unicode-data.ts"
    source.write_text(
        "/**\n"
        " * Made by golden/make_unicode.py: Unicode as the tokenizers library (0.23) has it, numbers in base 36.\n"
        " * What they mean is said in unicode.ts and nfc.ts, which read them.\n"
        " */\n\n"
        + "\n".join(
            [
                constant("LETTERS", "\\p{L} of its regex engine: skip, take ...", coded(letters)),
                constant("NUMBERS", "\\p{N} of its regex engine.", coded(numbers)),
                constant("SPACES", "\\s of its regex engine.", coded(spaces)),
                constant("NUMERIC", "What its Digits pre-tokenizer sets apart.", coded(digits)),
                constant("CLASSES", "Ranks of the canonical combining classes: skip, take, rank ...", coded_classes(ranks)),
                constant(
                    "DECOMPOSITIONS",
                    "Canonical decompositions: distance, distance of the first part, second part or 0 ...",
                    coded_decompositions(steps),
                ),
                constant("EXCLUDED", "Pairs that decompose and are never composed again.", coded(excluded)),
            ]
        )
    )
    firsts, seconds = pairs(steps, ranks)
    golden = {
        "about": "made by golden/make_unicode.py with tokenizers; sha256 of hexadecimal ranges, or of the library's answers",
        "letters": digest(listed(letters)),
        "numbers": digest(listed(numbers)),
        "spaces": digest(listed(spaces)),
        "numeric": digest(listed(digits)),
        "nfcOfEach": digest("\n".join(nfc(chr(c)) for c in POINTS)),
        "nfcOfPairs": digest("\n".join(nfc(chr(a) + chr(b)) for a in firsts for b in seconds)),
        "firsts": listed(firsts),
        "seconds": listed(seconds),
    }
    return [save_json(here / "text" / "unicode.json", golden)]


if __name__ == "__main__":
    main(make)
