"""
What is committed of a run of hf_layers.py: sixteen columns of every tap in both columns of precision, the noise of all
columns, and the likeliest tokens.

  python golden/hf_summary.py FOLDER NAME COMMAND    FOLDER is what hf_layers.py wrote, COMMAND what made the checkpoint

  full/NAME.f32, NAME.f64   `31.q` is [T, 16]: of a row of W values those at floor(j W / 16), j = 0 ... 15
  full/NAME.json            the ids, the floor of every tap over all rows and columns, and of each position the likeliest tokens
"""

import json
import pathlib
import sys

import numpy as np
from safetensors.numpy import load_file

from common import save_record, save_tensors

COLUMNS = 16


def some(x: np.ndarray) -> np.ndarray:
    """Sixteen columns, evenly spread."""
    return x[:, np.arange(COLUMNS) * x.shape[1] // COLUMNS]


def main(folder: pathlib.Path, name: str, command: str) -> None:
    full = pathlib.Path(__file__).resolve().parent / "full"
    f32, f64 = load_file(folder / "taps-00001.safetensors"), load_file(folder / "truth.safetensors")
    about = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    for column, taps in (("f32", f32), ("f64", f64)):
        save_tensors(full / f"{name}.{column}.safetensors", {tap: some(x) for tap, x in taps.items()})
    floors = {tap: float(np.abs(f32[tap] - f64[tap]).max()) for tap in sorted(f64)}
    kept = {key: about[key] for key in ("ids", "layers", "next", "versions")}
    save_record(full / f"{name}.json", {"checkpoint": command, **kept, "floors": floors})


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3])
