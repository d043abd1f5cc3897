"""
  python test/hf/oracle/sigmoid.py

How far ONNX Runtime's sigmoid of float32 is from the truth, on 5 million values from -40 to 40: the largest error and its
root mean square, as JSON. The policy absolute-sigmoid rests on it (src/oracle/numbers/policies.ts).
"""

import json

import numpy as np
import onnxruntime
from onnx import TensorProto, helper


def session() -> onnxruntime.InferenceSession:
    """A model of one operation."""
    value = lambda name: helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"])  # noqa: E731
    graph = helper.make_graph([helper.make_node("Sigmoid", ["x"], ["y"])], "sigmoid", [value("x")], [value("y")])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


x = np.linspace(-40, 40, 5_000_001).astype(np.float32)
(y,) = session().run(None, {"x": x})
error = np.abs(y - 1 / (1 + np.exp(-x.astype(np.float64))))
print(json.dumps({"version": onnxruntime.__version__, "largest": error.max(), "rms": np.sqrt((error**2).mean())}))
