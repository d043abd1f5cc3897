"""The 0.5B shape for ONNX Runtime: onnx_models.py FOLDER OUT, in the files that transformers.js looks for.

model.onnx is float32 as onnxruntime-genai's builder writes it for processors: attention and RMSNorm fused, logits of the last
token alone. model_quantized.onnx has its matrices, the embedding too, in int8 with int8 activations
(quantize_dynamic); model_q4.onnx has them in int4, 32 under a scale, also with int8 activations (MatMulNBits), and the embedding in
float32.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic
from onnxruntime.quantization.matmul_nbits_quantizer import MatMulNBitsQuantizer

folder, out = sys.argv[1:]
os.makedirs(f"{out}/onnx", exist_ok=True)
with tempfile.TemporaryDirectory(dir=out) as work:
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-i", folder, "-o", work, "-c", f"{work}/cache"]
    options = ["-p", "fp32", "-e", "cpu", "--extra_options", "prune_lm_head=true"]
    subprocess.run([*builder, *options], check=True, capture_output=True)
    plain = f"{work}/model.onnx"
    with open(f"{folder}/config.json") as file:
        config = json.load(file)
    fixed = onnx.load(plain, load_external_data=False)
    for value in (*fixed.graph.input, *fixed.graph.output):
        last = value.type.tensor_type.shape.dim[-1]
        if last.dim_param == "kv_cache_dim":  # transformers.js makes empty caches by these shapes
            last.dim_value = config["hidden_size"] // config["num_attention_heads"]
    onnx.save(fixed, plain)
    quantize_dynamic(plain, f"{out}/onnx/model_quantized.onnx", weight_type=QuantType.QInt8)
    q4 = MatMulNBitsQuantizer(onnx.load(plain), block_size=32, is_symmetric=True, accuracy_level=4)
    q4.process()
    onnx.save(q4.model.model, f"{out}/onnx/model_q4.onnx")
    for name in ("model.onnx", "model.onnx.data"):
        shutil.move(f"{work}/{name}", f"{out}/onnx/{name}")
for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
    shutil.copy(f"{folder}/{name}", out)
