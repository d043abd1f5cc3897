"""
A checkpoint that is larger than memory, for Hugging Face's model and for truth.py: weights come from the safetensors files
a block of rows at a time, or a matrix at a time, and go again.
"""

import contextlib
import json
import pathlib

import numpy as np
import torch
from safetensors import safe_open
from torch import nn
from transformers import AutoConfig, Qwen2ForCausalLM
from transformers.models.qwen2.modeling_qwen2 import Qwen2RotaryEmbedding

BLOCK = 1 << 20  # values of a matrix that are widened at a time: 8 MiB of float64, which stay in the processor's cache


class Streamed:
    """The tensors of a folder by Hugging Face's names: as truth.py wants its weights, and as torch does."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self.config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        index = folder / "model.safetensors.index.json"
        if index.exists():
            self.files = json.loads(index.read_text(encoding="utf-8"))["weight_map"]
        else:
            with safe_open(folder / "model.safetensors", "pt") as file:
                self.files = dict.fromkeys(file.keys(), "model.safetensors")

    @contextlib.contextmanager
    def opened(self, name: str):
        """The tensor as a slice of its file, which is mapped only meanwhile: what was read does not stay in memory."""
        with safe_open(self.folder / self.files[name], "pt") as file:
            yield file.get_slice(name)

    def tensor(self, name: str) -> torch.Tensor:
        """The whole, in float32."""
        with self.opened(name) as rows:
            return rows[:].to(torch.float32, copy=True)

    def __getitem__(self, name: str) -> "np.ndarray | Matrix":
        with self.opened(name) as rows:
            matrix = len(rows.get_shape()) == 2
        return Matrix(self, name) if matrix else self.tensor(name).numpy()

    def get(self, name: str):
        """As a dict's."""
        return self[name] if name in self.files else None


class Matrix:
    """What truth.py does with a matrix: `W[ids]`, and `x @ W.astype(float64).T`, without ever holding all of W."""

    __array_ufunc__ = None  # so that numpy leaves `x @ W` to us

    def __init__(self, of: Streamed, name: str, absolute: bool = False):
        self.of, self.name, self.absolute = of, name, absolute

    def __getitem__(self, ids: list[int]) -> np.ndarray:
        with self.of.opened(self.name) as rows:
            return torch.cat([rows[i : i + 1] for i in ids]).double().numpy()

    def __abs__(self) -> "Matrix":
        return Matrix(self.of, self.name, absolute=True)

    def astype(self, dtype: type) -> "Matrix":
        assert dtype is np.float64
        return self

    @property
    def T(self) -> "Matrix":
        return self

    def __rmatmul__(self, x: np.ndarray) -> np.ndarray:
        with self.of.opened(self.name) as rows:
            count, width = rows.get_shape()
            step = max(1, BLOCK // width)
            blocks = (rows[at : at + step].double() for at in range(0, count, step))
            # torch multiplies here, in the one thread it was given; numpy would take as many as there are cores.
            y = [nn.functional.linear(torch.from_numpy(x), w.abs() if self.absolute else w) for w in blocks]
            return torch.cat(y, dim=1).numpy()


def huggingface(weights: Streamed) -> Qwen2ForCausalLM:
    """
    Hugging Face's own model in float32 with eager attention, of which every matrix is read when its module is called and
    given back afterwards. The embedding is looked up as it is stored; the unembedding is multiplied in blocks of rows.
    """
    config = AutoConfig.from_pretrained(weights.folder, attn_implementation="eager", dtype=torch.float32)
    with torch.device("meta"):
        model = Qwen2ForCausalLM(config).eval()
    model.model.rotary_emb = Qwen2RotaryEmbedding(config)
    names = {module: name for name, module in model.named_modules()}
    head = "model.embed_tokens" if config.tie_word_embeddings else "lm_head"
    model.model.embed_tokens = Embedding(weights, "model.embed_tokens.weight")
    model.lm_head = Unembedding(weights, f"{head}.weight")
    for module in model.model.modules():
        if isinstance(module, nn.Linear) or hasattr(module, "variance_epsilon"):
            module.register_forward_pre_hook(lambda module, _: lend(module, names[module], weights))
            module.register_forward_hook(lambda module, *_: module.to("meta") and None)
    return model


def lend(module: nn.Module, name: str, weights: Streamed) -> None:
    """Puts a module's parameters into memory."""
    for short, _ in list(module.named_parameters(recurse=False)):
        setattr(module, short, nn.Parameter(weights.tensor(f"{name}.{short}"), requires_grad=False))


class Embedding(nn.Module):
    """nn.Embedding whose rows are fetched one by one."""

    def __init__(self, weights: Streamed, name: str):
        super().__init__()
        self.weights, self.name = weights, name

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        with self.weights.opened(self.name) as rows:
            return torch.stack([torch.cat([rows[i : i + 1] for i in line]) for line in ids.tolist()]).float()


class Unembedding(Embedding):
    """nn.Linear without bias, in blocks of rows."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        with self.weights.opened(self.name) as rows:
            count, width = rows.get_shape()
            step = max(1, BLOCK // width)
            blocks = (rows[at : at + step].float() for at in range(0, count, step))
            return torch.cat([nn.functional.linear(x, w) for w in blocks], dim=-1)
