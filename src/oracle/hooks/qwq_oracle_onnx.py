"""
Runs an ONNX model of ONNX Runtime's model builder with every value of its graph as an output, and saves them as .npz for
`qwq oracle import onnx`.

  python qwq_oracle_onnx.py MODEL.onnx IDS.json OUT.npz
"""

import json
import pathlib
import sys

import numpy as np
import onnx
import onnxruntime


def head_size(model_path: str) -> int:
    """Of the configuration that the model builder writes beside the model."""
    config = json.loads(pathlib.Path(model_path).with_name("genai_config.json").read_text())
    return config["model"]["decoder"]["head_size"]


def main(model_path: str, ids_path: str, out: str) -> None:
    """Adds the outputs in a copy beside the model, runs it once, and saves what came."""
    ids = json.loads(pathlib.Path(ids_path).read_text())
    model = onnx.load(model_path, load_external_data=False)
    inputs = {value.name: value for value in model.graph.input}
    have = {value.name for value in model.graph.output}
    wanted = [o for node in model.graph.node for o in node.output if o.startswith("/model/") and "/constants/" not in o and "attn_mask" not in o]
    model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted if name not in have)
    copy = pathlib.Path(model_path).with_name("with-taps.onnx")
    onnx.save(model, copy)
    try:
        session = onnxruntime.InferenceSession(str(copy), providers=["CPUExecutionProvider"])
    finally:
        copy.unlink()
    feed = {"input_ids": np.array([ids], np.int64), "attention_mask": np.ones((1, len(ids)), np.int64)}
    if "position_ids" in inputs:
        feed["position_ids"] = np.arange(len(ids), dtype=np.int64)[None]
    for name, value in inputs.items():
        if name.startswith("past_key_values"):
            _, heads, _, size = [dim.dim_value for dim in value.type.tensor_type.shape.dim]
            feed[name] = np.zeros((1, heads, 0, size or head_size(model_path)), np.float32)
    names = [output.name for output in session.get_outputs()]
    values = dict(zip(names, session.run(names, feed)))
    np.savez(out, input_ids=np.array(ids), **{name: x for name, x in values.items() if x.dtype == np.float32})


if __name__ == "__main__":
    main(*sys.argv[1:])
