"""
Matrices packed by the formats' own libraries, and the values that those libraries give.

  packed/library.safetensors  a matrix [64, 96] a case: `<case>.<tensor>` as the library packs it, `<case>.values` its own
                              dequantisation in float32 (scales widened to float32 first, where it would else round to half)

AutoAWQ 0.2.9 (packing_utils, WQLinear_GEMM), AutoGPTQ 0.7.1 (qlinear_cuda), bitsandbytes 0.50.2, compressed-tensors 0.20.0.
They are not in requirements.txt: the first two do not install beside a present torch. With PACKED_LIBRARIES naming a folder
that holds them (`pip install --no-deps --target`, or unpacked: awq, auto_gptq, bitsandbytes, compressed_tensors) the file is
made anew, else it stays as it is.
"""

import ast
import importlib.util
import os
import pathlib
import sys

import numpy as np
import torch

from common import main, save_tensors

SEED = 20250309
LIBRARIES = os.environ.get("PACKED_LIBRARIES")
OUTPUTS, INPUTS, GROUP = 64, 96, 32


def module(path: str):
    """One file of a library, without the package around it, which asks for CUDA."""
    spec = importlib.util.spec_from_file_location(pathlib.Path(path).stem, pathlib.Path(LIBRARIES) / path)
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def layer(rng: np.random.Generator) -> torch.nn.Linear:
    linear = torch.nn.Linear(INPUTS, OUTPUTS, bias=False)
    linear.weight.data = torch.tensor(rng.standard_normal((OUTPUTS, INPUTS)) / 8, dtype=torch.float32).half().float()
    return linear


def grid(W: torch.Tensor, group_of: torch.Tensor, bits: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Scales (halves, as float32) and zero points [O, G], from the extremes of each group; no zero point is 0."""
    most = 2**bits - 1
    parts = [W[:, group_of == g] for g in range(int(group_of.max()) + 1)]
    low = torch.stack([part.amin(1).clamp(max=-1e-3) for part in parts], 1)
    high = torch.stack([part.amax(1) for part in parts], 1)
    scales = ((high - low) / most).half().float()
    return scales, torch.clamp(torch.round(-low / scales), 1, most)


def awq(rng: np.random.Generator) -> dict[str, torch.Tensor]:
    """WQLinear_GEMM.from_linear as it stands in its file, without the kernels that the file imports."""
    linear, group_of = layer(rng), torch.arange(INPUTS) // GROUP
    scales, zeros = grid(linear.weight.data, group_of, 4)
    source = (pathlib.Path(LIBRARIES) / "awq/modules/linear/gemm.py").read_text()
    tree = ast.parse(source)
    kept = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "WQLinear_GEMM"]
    names = {"nn": torch.nn, "torch": torch, "get_best_device": lambda: "cpu"}
    exec(compile(ast.Module(kept, []), "gemm.py", "exec"), names)  # noqa: S102: a library's class
    packed = names["WQLinear_GEMM"].from_linear(linear, 4, GROUP, scales=scales.T.contiguous(), zeros=zeros.T.contiguous())
    utilities = module("awq/utils/packing_utils.py")
    values = utilities.dequantize_gemm(packed.qweight, packed.qzeros, packed.scales.float(), 4, GROUP).T
    return {"qweight": packed.qweight, "qzeros": packed.qzeros, "scales": packed.scales, "values": values}


def gptq(bits: int, act_order: bool):
    def make(rng: np.random.Generator) -> dict[str, torch.Tensor]:
        linear, group_of = layer(rng), torch.arange(INPUTS) // GROUP
        if act_order:
            group_of = torch.tensor(rng.permutation(group_of.numpy()))
        scales, zeros = grid(linear.weight.data, group_of, bits)
        packed = module("auto_gptq/nn_modules/qlinear/qlinear_cuda.py").QuantLinear(bits, GROUP, INPUTS, OUTPUTS, False)
        packed.pack(linear.half(), scales.half(), zeros.clone(), group_of.to(torch.int32))
        tensors = {name: getattr(packed, name).clone() for name in ("qweight", "qzeros", "scales", "g_idx")}
        packed.scales = packed.scales.float()
        return tensors | {"values": packed(torch.eye(INPUTS)).T}

    return make


def llm_int8(rng: np.random.Generator) -> dict[str, torch.Tensor]:
    import bitsandbytes as bnb

    linear = bnb.nn.Linear8bitLt(INPUTS, OUTPUTS, bias=False, has_fp16_weights=False)
    linear.load_state_dict(layer(rng).state_dict())
    stored = linear.to("cpu").state_dict()
    if "SCB" not in stored:  # moving to the processor alone may not quantise
        q, scb, _ = bnb.functional.int8_vectorwise_quant(linear.weight.data.half())
        stored = {"weight": q, "SCB": scb, "weight_format": torch.tensor(0, dtype=torch.uint8)}
    values = bnb.functional.int8_vectorwise_dequant(stored["weight"], stored["SCB"])
    return {name: stored[name] for name in ("weight", "SCB", "weight_format")} | {"values": values.float()}


def compressed(bits: int, group: int | None, form: str):
    def make(rng: np.random.Generator) -> dict[str, torch.Tensor]:
        from compressed_tensors.compressors import BaseCompressor
        from compressed_tensors.quantization import QuantizationArgs, QuantizationScheme

        W = layer(rng).weight.data
        arguments = QuantizationArgs(num_bits=bits, strategy="group" if group else "channel", group_size=group, symmetric=True)
        scheme = QuantizationScheme(targets=["Linear"], weights=arguments)
        scale = W.reshape(OUTPUTS, -1, group or INPUTS).abs().amax(2) / (2 ** (bits - 1) - 0.5)
        compressor = BaseCompressor.get_value_from_registry(form)
        stored = compressor.compress({"weight": W, "weight_scale": scale}, scheme)
        return stored | {"values": compressor.decompress(stored, scheme)["weight"]}

    return make


CASES = {
    "awq": awq,
    "gptq-int4": gptq(4, False), "gptq-int4-act": gptq(4, True), "gptq-int8": gptq(8, False), "gptq-int8-act": gptq(8, True),
    "llm-int8": llm_int8,
    "ct-w8a16": compressed(8, None, "pack-quantized"), "ct-w4a16": compressed(4, GROUP, "pack-quantized"),
    "ct-int8": compressed(8, None, "int-quantized"),
}  # fmt: skip


def make(here: pathlib.Path) -> list[pathlib.Path]:
    path = here / "packed/library.safetensors"
    if LIBRARIES is None:
        return [path] if path.exists() else []
    sys.path.insert(0, LIBRARIES)
    rng = np.random.default_rng(SEED)
    return [save_tensors(path, {f"{case}.{name}": x for case, pack in CASES.items() for name, x in pack(rng).items()})]


if __name__ == "__main__":
    main(make)
