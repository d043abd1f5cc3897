"""
  python test/hf/oracle/plant.py OUT [--dtypes f32,bf16] [--only NAME,...]

Every fault of faults.py in Hugging Face, at the first, the middle and the last layer: OUT/<dtype>/<fault>/<layer>.oracle,
and OUT/faults.json that lists them.
"""

import argparse
import json
import pathlib
import shutil

import torch
from bundles import load, save
from faults import LISTED, OTHERS

GOLDEN = pathlib.Path(__file__).resolve().parents[3] / "golden" / "model"
DTYPES = {"f32": torch.float32, "bf16": torch.bfloat16, "f16": torch.float16}
IDS = json.loads((GOLDEN / "tiny.json").read_text())["ids"]


def large(folder: pathlib.Path) -> str:
    """The tiny model with down_proj times 2^18, so that some of its values lie beyond float16."""
    from safetensors.torch import load_file, save_file

    shutil.copytree(GOLDEN / "tiny", folder, dirs_exist_ok=True)
    weights = load_file(folder / "model.safetensors")
    save_file({name: x * 2**18 if "down_proj" in name else x for name, x in weights.items()}, folder / "model.safetensors", {"format": "pt"})
    return str(folder)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--dtypes", default="f32,bf16")
    parser.add_argument("--only", default="")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    paths = {"tiny": str(GOLDEN / "tiny"), "yarn": str(GOLDEN / "yarn"), "large": large(args.out / "large")}
    ids = {"tiny": IDS, "large": IDS, "yarn": json.loads((GOLDEN / "yarn.json").read_text())["ids"]}
    listed = []
    for dtype in args.dtypes.split(","):
        models = {name: load(path, DTYPES[dtype]) for name, path in paths.items()}
        for name, model in models.items():
            save(model, ids[name], args.out / dtype / f"correct-{name}.oracle")
        for fault in LISTED + OTHERS:
            if args.only and fault.name not in args.only.split(","):
                continue
            model = models[fault.model]
            count = model.config.num_hidden_layers
            for layer in sorted({0, count // 2, count - 1}) if fault.layered else [count - 1]:
                at = args.out / dtype / fault.name / f"{layer}.oracle"
                with fault.plant(model, layer):
                    save(model, ids[fault.model], at, f"transformers with {fault.name} in layer {layer}")
                first = [f"{layer}.{tap}" if fault.layered else tap for tap in fault.first]
                listed.append({"dtype": dtype, "fault": fault.name, "code": fault.code, "layer": layer, "first": first, "model": paths[fault.model], "bundle": str(at)})
    (args.out / "faults.json").write_text(json.dumps(listed, indent=1))
    print(len(listed), "bundles")


main()
