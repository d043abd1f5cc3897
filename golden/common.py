"""What every golden script does the same way: writing files that come out the same each time, and quiet, single-threaded torch."""

import json
import os
import pathlib
import sys

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TQDM_DISABLE", "1")

import numpy as np
import torch
from safetensors.torch import save_file
from transformers.utils import logging

torch.set_num_threads(1)  # a sum's order, and so its last bits, may depend on the number of threads
torch.set_grad_enabled(False)
logging.set_verbosity_error()
logging.disable_progress_bar()


def save_tensors(path: pathlib.Path, tensors: dict[str, torch.Tensor | np.ndarray]) -> pathlib.Path:
    """Writes a safetensors file, without metadata (its order is not fixed when there are several keys)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    as_torch = {name: torch.as_tensor(np.ascontiguousarray(x)) if isinstance(x, np.ndarray) else x for name, x in tensors.items()}
    save_file({name: x.contiguous() for name, x in sorted(as_torch.items())}, path)
    return path


def save_json(path: pathlib.Path, value: object, sort: bool = True) -> pathlib.Path:
    """Writes JSON with two spaces and one newline at the end; keys sorted, unless their order is itself the point."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, sort_keys=sort) + "\n", encoding="utf-8")
    return path


def save_record(path: pathlib.Path, value: dict[str, object]) -> pathlib.Path:
    """Writes a JSON object with one key a line, so that a list of numbers is one line; keys in the order given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (f"  {json.dumps(key)}: {json.dumps(x, ensure_ascii=False)}" for key, x in value.items())
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
    return path


def main(make) -> None:
    """Runs one part alone: `python golden/make_<part>.py`."""
    here = pathlib.Path(__file__).resolve().parent
    for path in make(here):
        print(f"{path.stat().st_size:>9,}  {path.relative_to(here)}", file=sys.stderr)
