"""
The truth for a checkpoint that is larger than memory: Hugging Face's own layers in float32 and truth.py in float64, each
with one matrix in memory at a time.

  python golden/hf_layers.py CHECKPOINT IDS.json OUT [--layers 0,1,63]

OUT/manifest.json, taps-00001.safetensors   what Hugging Face computes, in the form of our bundles: every tap of the layers
                                            named, with embed, norm and logits
OUT/truth.safetensors                       the same taps in float64
OUT/about.json                              the likeliest tokens of each position by both, their margins, the noise of the
                                            logits; seconds and the largest memory that it took
"""

import argparse
import hashlib
import json
import pathlib
import resource
import time
from importlib.metadata import version

import numpy as np

from common import save_json, save_record, save_tensors
from streamed import Streamed, huggingface
from taps import record
from truth import forward

DIMS = {
    "n1": "T C", "q": "T HD", "k": "T KD", "v": "T KD", "qr": "T HD", "kr": "T KD", "a": "T HD", "o": "T C", "mid": "T C",
    "n2": "T C", "gate": "T F", "up": "T F", "act": "T F", "down": "T C", "out": "T C", "embed": "T C", "norm": "T C",
    "logits": "T V",
}  # fmt: skip
Taps = dict[str, np.ndarray]


def chosen(acts: dict, layers: list[int]) -> dict:
    """The taps of those layers and the three around all layers, in the order in which they are computed."""
    inner = [name for name in acts if "." in name and int(name.split(".")[0]) in layers]
    inner.sort(key=lambda name: (int(name.split(".")[0]), list(DIMS).index(name.split(".")[1])))
    return {name: acts[name] for name in ["embed", *inner, "norm", "logits"]}


def described(name: str, x: np.ndarray) -> dict[str, object]:
    """What a bundle's manifest says of a tap."""
    finite = x[np.isfinite(x)].astype(np.float64)
    stats = {"absmax": float(np.abs(finite).max()), "rms": float(np.sqrt(np.mean(finite**2))), "nonfinite": int(x.size - finite.size)}
    return {
        "name": name, "dims": DIMS[name.split(".")[-1]], "shape": list(x.shape), "dtype": "F32", "rows": list(range(len(x))),
        "file": "taps-00001.safetensors", "key": name, "sha256": hashlib.sha256(x.tobytes()).hexdigest(), "stats": stats,
    }  # fmt: skip


def save_bundle(folder: pathlib.Path, weights: Streamed, ids: list[int], taps: Taps) -> None:
    """Float32 taps in the form of src/oracle/bundle.ts."""
    save_tensors(folder / "taps-00001.safetensors", taps)
    config = hashlib.sha256((weights.folder / "config.json").read_bytes()).hexdigest()
    head = {
        "format": "oracle-bundle/1", "role": "candidate", "engine": "transformers",
        "model": {"id": weights.folder.name, "config_sha256": config},
        "producer": {"name": "transformers", "version": version("transformers"), "torch": version("torch")},
        "policy": "f32", "input": {"ids": ids},
    }  # fmt: skip
    save_record(folder / "manifest.json", head | {"taps": [described(name, x) for name, x in taps.items()]})


def likeliest(f32: np.ndarray, f64: np.ndarray) -> list[dict[str, object]]:
    """Of each position: five tokens and their logits, how far the first stands above the second, and the noise of them all."""
    found = []
    for ours, truth in zip(f32, f64):
        top, best = np.argsort(-ours, kind="stable")[:5], np.argsort(-truth, kind="stable")[:5]
        found.append({
            "f32": top.tolist(), "f64": best.tolist(), "logits": [round(float(truth[i]), 6) for i in best],
            "margin": float(truth[best[0]] - truth[best[1]]), "noise": float(np.abs(ours - truth).max()),
        })  # fmt: skip
    return found


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint", type=pathlib.Path)
    parser.add_argument("ids", type=pathlib.Path, help="a JSON array of token ids")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--layers", default="0", help="layers whose taps are kept: 0,1,63")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    ids, layers = json.loads(options.ids.read_text()), [int(layer) for layer in options.layers.split(",")]
    weights, seconds, clock = Streamed(options.checkpoint), {}, time.monotonic()

    def lap(name: str) -> None:
        nonlocal clock
        seconds[name] = round(time.monotonic() - clock, 1)
        clock = time.monotonic()
        print(f"{name}: {seconds[name]} s", flush=True)

    model = huggingface(weights)
    f32 = {name: x.numpy() for name, x in chosen(record(model, ids), layers).items()}
    save_bundle(options.out, weights, ids, f32)
    lap("float32")
    f64 = chosen(forward(weights.config, weights, ids), layers)
    save_tensors(options.out / "truth.safetensors", f64)
    lap("float64")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    about = {
        "ids": ids, "layers": layers, "next": likeliest(f32["logits"], f64["logits"]), "seconds": seconds, "peakBytes": peak,
        "versions": {name: version(name) for name in ("transformers", "torch", "numpy")},
    }  # fmt: skip
    save_json(options.out / "about.json", about)


if __name__ == "__main__":
    main()
