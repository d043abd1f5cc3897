"""
The weights of `qwq synth`, made in Python: any tensor, or any range of its values, without the rest.

  python golden/synth.py SEED NAME ROLE ROWS COLUMNS FIRST COUNT    values as JSON, float32

A word is Threefry-2x32 with 20 rounds (Salmon et al. 2011) of a key, which is a hash of seed and name, and of a counter,
the place of the value in its tensor. The sum of its four bytes picks the value; see src/synth/draw.ts for the equation.
"""

import hashlib
import json
import sys

import numpy as np

ROTATIONS = [13, 15, 26, 6, 17, 29, 16, 24]
#: centre and factor of each parameter, by its name on the page
FACTORS = {
    **{role: (1.0, 0.25) for role in ("g1", "g2", "g")},
    **{role: (0.0, 0.5) for role in ("bq", "bk", "bv")},
    **{role: (0.0, 1.5) for role in ("Wq", "Wk")},
    **{role: (0.0, 1.0) for role in ("Wv", "Wo", "Wgate", "Wup", "Wdown", "E")},
    "U": (0.0, 2.0),
}


def threefry(key: tuple[int, int], counters: np.ndarray) -> np.ndarray:
    """Two words for each counter below 2^64, one pair after another."""
    counters = counters.astype(np.uint64)
    keys = [np.uint32(key[0]), np.uint32(key[1]), np.uint32(0x1BD11BDA ^ key[0] ^ key[1])]
    with np.errstate(over="ignore"):
        a = counters.astype(np.uint32) + keys[0]
        b = (counters >> np.uint64(32)).astype(np.uint32) + keys[1]
        for i in range(20):
            r = ROTATIONS[i % 8]
            a = a + b
            b = ((b << np.uint32(r)) | (b >> np.uint32(32 - r))) ^ a
            if i % 4 == 3:
                j = i // 4 + 1
                a = a + keys[j % 3]
                b = b + keys[(j + 1) % 3] + np.uint32(j)
    return np.stack([a, b], axis=-1).reshape(-1)


def key_of(seed: int, name: str) -> tuple[int, int]:
    """The first eight bytes of sha256 of "<seed> <name>" as two little-endian words."""
    digest = hashlib.sha256(f"{seed} {name}".encode()).digest()
    return int.from_bytes(digest[:4], "little"), int.from_bytes(digest[4:8], "little")


def draw(seed: int, name: str, role: str, shape: list[int], first: int = 0, count: int | None = None) -> np.ndarray:
    """Values [first, first + count) of a tensor in float32, row after row."""
    count = int(np.prod(shape)) - first if count is None else count
    pairs = np.arange(first // 2, (first + count + 1) // 2)
    words = threefry(key_of(seed, name), pairs)[first % 2 :][:count]
    sums = words.astype("<u4").view(np.uint8).reshape(-1, 4).sum(axis=1, dtype=np.int64)
    centre, factor = FACTORS[role]
    inputs = 1 if len(shape) == 1 or role == "E" else shape[1]
    return (centre + (sums - 510) * (factor / np.sqrt(np.float64(21845 * inputs)))).astype(np.float32)


def stored(values: np.ndarray, dtype: str) -> bytes:
    """float32 values as a file of that dtype has them."""
    if dtype == "BF16":
        bits = values.view(np.uint32).astype(np.uint64)
        return ((bits + 0x7FFF + ((bits >> np.uint64(16)) & np.uint64(1))) >> np.uint64(16)).astype("<u2").tobytes()
    return values.astype({"F16": "<f2", "F32": "<f4"}[dtype]).tobytes()


if __name__ == "__main__":
    seed, name, role, rows, columns, start, size = sys.argv[1:]
    print(json.dumps(draw(int(seed), name, role, [int(rows), int(columns)], int(start), int(size)).tolist()))
