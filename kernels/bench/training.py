"""
One training step in PyTorch, as kernels/bench/training.ts asks for it: reads where the model and the batch lie, then takes a
step for each line that comes and answers with its loss and its seconds.

The model is the page's, in float32 on CPU threads; sequences are padded to the longest, and attention is torch's own.
"""

import json
import os
import sys
import time

os.environ["OMP_WAIT_POLICY"] = "passive"  # idle threads leave the cores to the other side
os.environ["KMP_BLOCKTIME"] = "0"

import numpy as np
import torch
from torch.nn.functional import cross_entropy, embedding, linear, scaled_dot_product_attention, silu

about = json.loads(sys.argv[1])
torch.set_num_threads(about["threads"])
values = np.fromfile(about["parameters"], dtype=np.float32)
W, at = {}, 0
for name, shape in about["shapes"]:
    size = int(np.prod(shape))
    W[name] = torch.nn.Parameter(torch.tensor(values[at : at + size]).reshape(shape))
    at += size
D, eps = about["D"], about["eps"]
lengths = torch.tensor([len(ids) for ids in about["ids"]])
longest = int(lengths.max())
there = torch.arange(longest)[None] < lengths[:, None]
ids, targets = (torch.zeros(len(lengths), longest, dtype=torch.long) for _ in range(2))
ids[there] = torch.tensor(sum(about["ids"], []))
targets[there] = torch.tensor(sum(about["targets"], []))
frequencies = about["theta"] ** (-torch.arange(0, D, 2) / D)
angle = torch.arange(longest)[:, None] * frequencies[None]
cos, sin = angle.cos(), angle.sin()
optimizer = torch.optim.AdamW(W.values(), about["rate"], weight_decay=0.01)


def norm(x, g):
    return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * g


def heads(x):
    return x.reshape(*x.shape[:2], -1, D).transpose(1, 2)


def turned(x):
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def forward():
    x = embedding(ids, W["E"])
    for layer in range(about["layers"]):
        w = {name: W[f"{layer}.{name}"] for name in ("g1", "Wq", "bq", "Wk", "bk", "Wv", "bv", "Wo", "g2", "Wgate", "Wup", "Wdown")}
        n = norm(x, w["g1"])
        q, k = turned(heads(linear(n, w["Wq"], w["bq"]))), turned(heads(linear(n, w["Wk"], w["bk"])))
        v = heads(linear(n, w["Wv"], w["bv"]))
        k, v = (y.repeat_interleave(q.shape[1] // k.shape[1], 1) for y in (k, v))
        a = scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + linear(a.transpose(1, 2).flatten(2), w["Wo"])
        n = norm(x, w["g2"])
        x = x + linear(silu(linear(n, w["Wgate"])) * linear(n, w["Wup"]), w["Wdown"])
    return linear(norm(x, W["g"])[there], W["U"])


print(json.dumps({"torch": torch.__version__}), flush=True)
for _ in sys.stdin:
    began = time.perf_counter()
    loss = cross_entropy(forward(), targets[there], reduction="sum") * about["weight"]
    loss.backward()
    torch.nn.utils.clip_grad_norm_(W.values(), 1.0)
    optimizer.step()
    optimizer.zero_grad()
    print(json.dumps({"loss": loss.item(), "seconds": time.perf_counter() - began}), flush=True)
