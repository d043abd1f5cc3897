"""
  python test/hf/oracle/onnx_engines.py OUT tiny|smollm2 PROMPTS

ONNX Runtime, float32: Hugging Face's model exported by torch.onnx with every tap as an output, and run with the graph as it
was exported and as ONNX Runtime rewrites it. Its sigmoid is an approximation (sigmoid.py), so the policy is absolute-sigmoid.
PROMPTS is the folder that engines.py wrote. OUT/runs.json lists the bundles.
"""

import json
import pathlib
import sys

import bundles
import numpy as np
import onnxruntime
import torch
from taps import hooked

ROOT = pathlib.Path(__file__).resolve().parents[3]
WAYS = {
    "ONNX Runtime, as exported": (onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL, 1),
    "ONNX Runtime, optimised": (onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL, 2),
}


class Tapped(torch.nn.Module):
    """A model whose outputs are its taps, in the order of `names`."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.names: list[str] = []

    def forward(self, ids, positions, mask):
        acts: dict[str, torch.Tensor] = {}
        with hooked(self.model, acts):
            of_each = {"full_attention": mask} if self.model.config.model_type == "qwen2" else mask
            out = self.model(ids, position_ids=positions, attention_mask=of_each, use_cache=False)
        acts["logits"] = out.logits[0]
        self.names = list(acts)
        return tuple(acts.values())


def inputs(ids: list[int]) -> dict[str, np.ndarray]:
    """A prompt, its positions and its causal mask."""
    count = len(ids)
    mask = np.triu(np.full((count, count), np.finfo(np.float32).min, np.float32), 1)
    return {"ids": np.array([ids]), "positions": np.arange(count)[None], "mask": mask[None, None]}


def load(name: str):
    if name == "tiny":
        return bundles.load(str(ROOT / "golden/model/tiny"), torch.float32)
    from make_smollm2 import find_gguf
    from transformers import AutoModelForCausalLM

    gguf = find_gguf(ROOT / "golden")
    return AutoModelForCausalLM.from_pretrained(str(gguf.parent), gguf_file=gguf.name, dtype=torch.float32, attn_implementation="eager").eval()


def export(name: str, at: pathlib.Path) -> None:
    tapped = Tapped(load(name))
    given = {key: torch.tensor(value) for key, value in inputs([5, 9, 300, 17, 42, 11, 3]).items()}
    with torch.no_grad():
        tapped(**given)
        torch.onnx.export(
            tapped, tuple(given.values()), at, dynamo=False, opset_version=17, input_names=list(given), output_names=tapped.names,
            dynamic_axes={"ids": {1: "T"}, "positions": {1: "T"}, "mask": {2: "T", 3: "T"}},
        )  # fmt: skip


def main() -> None:
    out, name, prompts = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    out.mkdir(parents=True, exist_ok=True)
    if not (out / "model.onnx").exists():
        export(name, out / "model.onnx")
    listed = []
    for engine, (level, threads) in WAYS.items():
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level, options.intra_op_num_threads = level, threads
        session = onnxruntime.InferenceSession(out / "model.onnx", options, providers=["CPUExecutionProvider"])
        for number, path in enumerate(sorted(prompts.glob("ids-*.json"))):
            ids = json.loads(path.read_text())
            names = [output.name for output in session.get_outputs()]
            taps = {key: torch.from_numpy(x) for key, x in zip(names, session.run(None, inputs(ids)))}
            folder = out / f"{'optimised' if threads == 2 else 'exported'}-{number}.oracle"
            bundles.write(folder, taps, ids, "absolute-sigmoid", engine)
            listed.append({"engine": engine, "prompt": number, "bundle": str(folder)})
    (out / "runs.json").write_text(json.dumps(listed, indent=1))
    print(len(listed), "runs")


main()
