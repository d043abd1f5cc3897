"""
Bugs planted in Hugging Face itself: each is a context in which a model computes wrongly in one layer.

A fault says its name, the code with which `diagnose` must name it (None: a bug that is in no list), and the taps at
which it first shows, any of which is right (several where it depends on how one looks).
"""

import contextlib
import dataclasses
import math
from collections.abc import Callable

import torch
from torch import nn
from transformers.models.qwen2 import modeling_qwen2 as hf


@dataclasses.dataclass
class Fault:
    name: str
    code: str | None
    first: list[str]
    plant: Callable  # (model, layer) -> context
    model: str = "tiny"
    layered: bool = True


LISTED: list[Fault] = []
OTHERS: list[Fault] = []


def fault(name: str, code: str | None, first: str, model: str = "tiny", layered: bool = True):
    """Adds a context manager (model, layer) to the list."""

    def add(plant):
        entry = Fault(name, code, first.split(), contextlib.contextmanager(plant), model, layered)
        (OTHERS if code is None else LISTED).append(entry)
        return plant

    return add


@contextlib.contextmanager
def put(place, name: str, value):
    """Has an attribute be another while the context lasts."""
    before = getattr(place, name)
    setattr(place, name, value)
    try:
        yield
    finally:
        setattr(place, name, before)


def changed(parameter, value):
    """Has a parameter hold other values."""
    return put(parameter, "data", value.to(parameter.dtype).contiguous())


@contextlib.contextmanager
def turning(model, layer: int, turn):
    """Has apply_rotary_pos_emb of one layer be `turn(plain, q, k, cos, sin)`."""
    plain, count = hf.apply_rotary_pos_emb, iter(range(10**9))
    layers = model.config.num_hidden_layers

    def counted(q, k, cos, sin, **named):
        here = next(count) % layers == layer
        return turn(plain, q, k, cos, sin) if here else plain(q, k, cos, sin, **named)

    with put(hf, "apply_rotary_pos_emb", counted):
        yield


def attending(layer: int, attend):
    """Has eager attention of one layer be `attend(module, q, k, v, mask, scaling)` -> [B, H, T, D]."""
    plain = hf.eager_attention_forward

    def there(module, query, key, value, attention_mask, scaling, **named):
        if module.layer_idx != layer:
            return plain(module, query, key, value, attention_mask, scaling, **named)
        return attend(module, query, key, value, attention_mask, scaling).transpose(1, 2).contiguous(), None

    return put(hf, "eager_attention_forward", there)


def attention(module, q, k, v, mask, scaling, repeat=hf.repeat_kv, soften=None, weights=None):
    """Eager attention with one of its steps another."""
    k, v = repeat(k, module.num_key_value_groups), repeat(v, module.num_key_value_groups)
    scores = torch.matmul(q, k.transpose(2, 3)) * scaling
    if weights is not None:
        scores = weights(scores)
    if mask is not None:
        scores = scores + mask
    p = soften(scores) if soften else nn.functional.softmax(scores, dim=-1, dtype=torch.float32).to(q.dtype)
    return torch.matmul(p, v)


def angles(model, length: int, theta: float | None = None, offset: int = 0):
    """cos and sin of another base or offset, in the model's dtype."""
    size = model.config.hidden_size // model.config.num_attention_heads
    size = getattr(model.config, "head_dim", None) or size
    inverse = model.model.rotary_emb.inv_freq if theta is None else 1.0 / (theta ** (torch.arange(0, size, 2, dtype=torch.float) / size))
    turn = (torch.arange(length, dtype=torch.float) + offset)[:, None] * inverse[None]
    both = torch.cat((turn, turn), dim=-1)
    scale = model.model.rotary_emb.attention_scaling
    return (both.cos() * scale).to(model.dtype)[None], (both.sin() * scale).to(model.dtype)[None]


def turned_by(**change):
    """A fault whose cos and sin are those of `angles` with that change."""

    def plant(model, layer):
        def turn(plain, q, k, cos, sin):
            return plain(q, k, *angles(model, q.shape[2], **change))

        with turning(model, layer, turn):
            yield

    return plant


@fault("rope-interleaved", "rope-interleaved", "qr")
def _(model, layer):
    def neighbours(x):
        return torch.stack((-x[..., 1::2], x[..., ::2]), dim=-1).flatten(-2)

    def turn(plain, q, k, cos, sin):
        half = cos.shape[-1] // 2
        cos, sin = (x[..., :half].repeat_interleave(2, dim=-1)[:, None] for x in (cos, sin))
        return q * cos + neighbours(q) * sin, k * cos + neighbours(k) * sin

    with turning(model, layer, turn):
        yield


fault("rope-theta-10000", "rope-theta", "qr")(turned_by(theta=10000.0))
fault("rope-theta-500000", "rope-theta", "qr")(turned_by(theta=500000.0))
fault("rope-offset+1", "rope-offset", "qr")(turned_by(offset=1))
fault("rope-offset-1", "rope-offset", "qr")(turned_by(offset=-1))


@fault("rope-missing", "rope-missing", "qr")
def _(model, layer):
    with turning(model, layer, lambda plain, q, k, cos, sin: (q, k)):
        yield


@fault("yarn-missing", "yarn-missing", "qr", model="yarn")
def _(model, layer):
    with turning(model, layer, lambda plain, q, k, cos, sin: plain(q, k, *plain_angles(model, q.shape[2]))):
        yield


def plain_angles(model, length):
    cos, sin = angles(model, length, theta=model.config.rope_parameters["rope_theta"])
    scale = model.model.rotary_emb.attention_scaling
    return cos / scale, sin / scale


@fault("yarn-factor-1", "yarn-factor", "qr", model="yarn")
def _(model, layer):
    def turn(plain, q, k, cos, sin):
        with put(model.model.rotary_emb, "attention_scaling", 1.0):
            return plain(q, k, *angles(model, q.shape[2]))

    with turning(model, layer, turn):
        yield


@fault("yarn-factor-wrong-field", "yarn-factor", "qr", model="yarn")
def _(model, layer):
    factor = float(model.config.rope_parameters["factor"])

    def turn(plain, q, k, cos, sin):
        with put(model.model.rotary_emb, "attention_scaling", factor):
            return plain(q, k, *angles(model, q.shape[2]))

    with turning(model, layer, turn):
        yield


def without_bias(*names):
    def plant(model, layer):
        with contextlib.ExitStack() as stack:
            for name in names:
                bias = getattr(model.model.layers[layer].self_attn, f"{name}_proj").bias
                stack.enter_context(changed(bias, torch.zeros_like(bias)))
            yield

    return plant


fault("bias-q", "bias-q", "q")(without_bias("q"))
fault("bias-k", "bias-k", "k")(without_bias("k"))
fault("bias-v", "bias-v", "v")(without_bias("v"))
fault("bias-qkv", "bias-qkv", "q")(without_bias("q", "k", "v"))


@fault("bias-o", "bias-o", "o")
def _(model, layer):
    projection = model.model.layers[layer].self_attn.o_proj
    bias = torch.randn(projection.out_features, generator=torch.Generator().manual_seed(7)) * 0.1
    with put(projection, "bias", nn.Parameter(bias.to(model.dtype), requires_grad=False)):
        yield


@fault("gqa-tile", "gqa-tile", "a")
def _(model, layer):
    def tile(x, n):
        return x.repeat(1, n, 1, 1)

    with attending(layer, lambda *args: attention(*args, repeat=tile)):
        yield


def with_eps(eps):
    def plant(model, layer):
        with put(model.model.layers[layer].input_layernorm, "variance_epsilon", eps):
            yield

    return plant


fault("eps-1e-6", "eps", "n1")(with_eps(1e-6))
fault("eps-1e-3", "eps", "n1")(with_eps(1e-3))


def without_gain(name):
    def plant(model, layer):
        weight = getattr(model.model.layers[layer], name).weight
        with changed(weight, torch.ones_like(weight)):
            yield

    return plant


fault("gain-n1", "gain-n1", "n1")(without_gain("input_layernorm"))
fault("gain-n2", "gain-n2", "n2")(without_gain("post_attention_layernorm"))


@fault("gain-final", "gain-final", "norm", layered=False)
def _(model, layer):
    with changed(model.model.norm.weight, torch.ones_like(model.model.norm.weight)):
        yield


@fault("norm-mean", "norm-mean", "n1")
def _(model, layer):
    norm = model.model.layers[layer].input_layernorm
    with put(norm, "forward", lambda x: layer_norm(norm, x)):
        yield


def layer_norm(norm, x):
    """LayerNorm inside float32, cast where RMSNorm casts."""
    y = x.float()
    y = y - y.mean(-1, keepdim=True)
    y = y * torch.rsqrt(y.pow(2).mean(-1, keepdim=True) + norm.variance_epsilon)
    return norm.weight * y.to(x.dtype)


@fault("norm-order-gains", "norm-order", "n1")
def _(model, layer):
    block = model.model.layers[layer]
    first, second = block.input_layernorm.weight, block.post_attention_layernorm.weight
    a, b = first.data.clone(), second.data.clone()
    with changed(first, b), changed(second, a):
        yield


@fault("norm-order-after", "norm-order", "n1")
def _(model, layer):
    block = model.model.layers[layer]

    def forward(hidden_states, **named):
        named = {key: named[key] for key in named if key in ("attention_mask", "position_ids", "past_key_values", "position_embeddings")}
        x = hidden_states
        x = x + block.input_layernorm(block.self_attn(hidden_states=x, **named)[0])
        keep = block.post_attention_layernorm
        return x + keep(block.mlp(x))

    with put(block, "forward", forward):
        yield


def activation(f):
    def plant(model, layer):
        with put(model.model.layers[layer].mlp.act_fn, "forward", lambda x: f(x)):
            yield

    return plant


fault("act-gelu", "act-gelu", "act")(activation(nn.GELU()))
fault("act-gelu-tanh", "act-gelu", "act")(activation(nn.GELU(approximate="tanh")))
fault("act-gelu-quick", "act-gelu", "act")(activation(lambda x: x * torch.sigmoid(1.702 * x)))


@fault("act-swap-half", "act-swap", "act")
def _(model, layer):
    mlp = model.model.layers[layer].mlp
    with put(mlp, "forward", lambda x: mlp.down_proj(mlp.gate_proj(x) * mlp.act_fn(mlp.up_proj(x)))):
        yield


@fault("act-swap-weights", "act-swap", "gate")
def _(model, layer):
    mlp = model.model.layers[layer].mlp
    a, b = mlp.gate_proj.weight.data.clone(), mlp.up_proj.weight.data.clone()
    with changed(mlp.gate_proj.weight, b), changed(mlp.up_proj.weight, a):
        yield


@fault("scale-missing", "scale-missing", "a")
def _(model, layer):
    with attending(layer, lambda module, q, k, v, mask, scaling: attention(module, q, k, v, mask, 1.0)):
        yield


@fault("scale-double", "scale-double", "a")
def _(model, layer):
    with attending(layer, lambda module, q, k, v, mask, scaling: attention(module, q, k, v, mask, scaling * scaling)):
        yield


def seeing(allowed):
    """A fault whose mask lets token t see token s where allowed(t, s)."""

    def plant(model, layer):
        def attend(module, q, k, v, mask, scaling):
            T, S = q.shape[2], k.shape[2]
            t, s = torch.arange(T)[:, None] + S - T, torch.arange(S)[None]
            hidden = torch.zeros(T, S).masked_fill(~allowed(t, s), torch.finfo(q.dtype).min).to(q.dtype)
            return attention(module, q, k, v, hidden[None, None], scaling)

        with attending(layer, attend):
            yield

    return plant


fault("mask-open-one", "mask-open", "a")(seeing(lambda t, s: s <= t + 1))
fault("mask-open-all", "mask-open", "a")(seeing(lambda t, s: s >= 0))
fault("mask-strict", "mask-strict", "a")(seeing(lambda t, s: (s < t) | (t == 0) & (s == 0)))


def shifted(x):
    return torch.cat((torch.zeros_like(x[:, :, :1]), x[:, :, :-1]), dim=2)


@fault("cache-shift-k", "cache-shift", "a")
def _(model, layer):
    with attending(layer, lambda module, q, k, v, mask, scaling: attention(module, q, shifted(k), v, mask, scaling)):
        yield


@fault("cache-shift-v", "cache-shift", "a")
def _(model, layer):
    with attending(layer, lambda module, q, k, v, mask, scaling: attention(module, q, k, shifted(v), mask, scaling)):
        yield


def block_forward(layer_forward):
    """A fault that is another forward of the whole block: layer_forward(block, x, attend)."""

    def plant(model, layer):
        block = model.model.layers[layer]

        def forward(hidden_states, **named):
            named = {key: named[key] for key in named if key in ("attention_mask", "position_ids", "past_key_values", "position_embeddings")}
            return layer_forward(block, hidden_states, lambda x: block.self_attn(hidden_states=x, **named)[0])

        with put(block, "forward", forward):
            yield

    return plant


def forgets_first(block, x, attend):
    x = attend(block.input_layernorm(x))
    return x + block.mlp(block.post_attention_layernorm(x))


def forgets_second(block, x, attend):
    x = x + attend(block.input_layernorm(x))
    return block.mlp(block.post_attention_layernorm(x))


fault("residual-attn", "residual-attn", "mid")(block_forward(forgets_first))
fault("residual-mlp", "residual-mlp", "out")(block_forward(forgets_second))


def cut(x, dtype, bits=None):
    """float32 with its last bits cut off, as many as the format lacks."""
    lost = bits or {torch.bfloat16: 16, torch.float16: 13}[dtype]
    return (x.float().contiguous().view(torch.int32) & -(1 << lost)).view(torch.float32).to(dtype)


@fault("round-truncate", "round-truncate", "q")
def _(model, layer):
    projection = model.model.layers[layer].self_attn.q_proj
    weight, bias = projection.weight, projection.bias
    if model.dtype == torch.float32:  # float64 cut to float32
        def forward(x):
            y = nn.functional.linear(x.double(), weight.double(), bias.double())
            z = y.float()
            over = z.double().abs() > y.abs()
            return torch.where(over, torch.nextafter(z, torch.zeros_like(z)), z)
    else:
        def forward(x):
            return cut(nn.functional.linear(x.float(), weight.float(), bias.float()), model.dtype)

    with put(projection, "forward", forward):
        yield


@fault("round-truncate-to-bf16", "round-truncate", "q")
def _(model, layer):
    projection = model.model.layers[layer].self_attn.q_proj
    plain = projection.forward
    with put(projection, "forward", lambda x: cut(plain(x).float(), model.dtype, 16)):
        yield


@fault("overflow-f16", "overflow-f16", "down", model="large")
def _(model, layer):
    projection = model.model.layers[layer].mlp.down_proj
    plain = projection.forward
    with put(projection, "forward", lambda x: plain(x).clamp(-65504, 65504)):
        yield


def transposed(name):
    def plant(model, layer):
        weight = getattr(model.model.layers[layer].self_attn, f"{name}_proj").weight
        with changed(weight, weight.data.T.clone()):
            yield

    return plant


fault("weight-transposed-q", "weight-transposed", "q")(transposed("q"))
fault("weight-transposed-o", "weight-transposed", "o")(transposed("o"))


@fault("softmax-low", "softmax-low", "a")
def _(model, layer):
    def soften(scores):
        return nn.functional.softmax(scores.to(torch.bfloat16), dim=-1).to(scores.dtype)

    with attending(layer, lambda *args: attention(*args, soften=soften)):
        yield


@fault("dequant-offset", "dequant-offset", "up")
def _(model, layer):
    weight = model.model.layers[layer].mlp.up_proj.weight
    step = weight.data.float().abs().amax(1, keepdim=True) / 127
    with changed(weight, weight.data.float() + step):
        yield


@fault("head-tied", "head-tied", "logits", layered=False)
def _(model, layer):
    with changed(model.lm_head.weight, model.model.embed_tokens.weight.data.clone()):
        yield


# ---- bugs that are in no list ----


@fault("window-of-4", None, "a")
def _(model, layer):
    yield from seeing(lambda t, s: (s <= t) & (s > t - 4))(model, layer)


@fault("first-token-unseen", None, "a")
def _(model, layer):
    yield from seeing(lambda t, s: (s <= t) & ((s > 0) | (t == 0)))(model, layer)


fault("relu", None, "act")(activation(nn.ReLU()))


@fault("scores-capped", None, "a")
def _(model, layer):
    with attending(layer, lambda *args: attention(*args, weights=lambda s: torch.tanh(s / 2) * 2)):
        yield


@fault("alibi", None, "a")
def _(model, layer):
    def lean(scores):
        heads, T, S = scores.shape[1:]
        away = (torch.arange(S)[None] - torch.arange(T)[:, None]).to(scores.dtype)
        slope = 2.0 ** (-8 * (torch.arange(heads) + 1) / heads)
        return scores + slope[:, None, None].to(scores.dtype) * away

    with attending(layer, lambda *args: attention(*args, weights=lean)):
        yield


@fault("not-normalised", None, "a")
def _(model, layer):
    def soften(scores):
        return torch.exp(scores.float() - scores.float().amax(-1, keepdim=True)).to(scores.dtype)

    with attending(layer, lambda *args: attention(*args, soften=soften)):
        yield


@fault("heads-reversed", None, "a")
def _(model, layer):
    with attending(layer, lambda module, q, k, v, mask, scaling: attention(module, q, k.flip(1), v.flip(1), mask, scaling)):
        yield


@fault("head-zero", None, "a")
def _(model, layer):
    def attend(*args):
        out = attention(*args).clone()
        out[:, 1] = 0
        return out

    with attending(layer, attend):
        yield


@fault("rope-half-a-head", None, "qr")
def _(model, layer):
    def turn(plain, q, k, cos, sin):
        half = q.shape[-1] // 2
        part = [torch.cat((x[..., : half // 2], x[..., : half // 2]), dim=-1) for x in (cos, sin)]
        front = plain(q[..., :half].contiguous(), k[..., :half].contiguous(), *part)
        return tuple(torch.cat((f, x[..., half:]), dim=-1) for f, x in zip(front, (q, k)))

    with turning(model, layer, turn):
        yield


@fault("rope-backwards", None, "qr")
def _(model, layer):
    with turning(model, layer, lambda plain, q, k, cos, sin: plain(q, k, cos, -sin)):
        yield


@fault("bias-q-after-rope", None, "q")
def _(model, layer):
    bias = model.model.layers[layer].self_attn.q_proj.bias
    size = model.model.layers[layer].self_attn.head_dim
    added = bias.data.clone().view(-1, 1, size)[None]
    # The projection doubles its bias in place of losing it, so that it is not the listed fault.
    with changed(bias, bias.data * 2), turning(model, layer, lambda plain, q, k, c, s: (plain(q - added, k, c, s)[0] + added, plain(q, k, c, s)[1])):
        yield


@fault("gain-plus-one", None, "n1")
def _(model, layer):
    weight = model.model.layers[layer].input_layernorm.weight
    with changed(weight, weight.data + 1):
        yield


@fault("residual-halved", None, "out")
def _(model, layer):
    def forward(block, x, attend):
        x = x + attend(block.input_layernorm(x))
        return x * 0.5 + block.mlp(block.post_attention_layernorm(x))

    yield from block_forward(forward)(model, layer)


@fault("mlp-last-block-lost", None, "down")
def _(model, layer):
    projection = model.model.layers[layer].mlp.down_proj
    plain = projection.forward

    def forward(x):
        x = x.clone()
        x[..., -12:] = 0
        return plain(x)

    with put(projection, "forward", forward):
        yield


@fault("up-of-next-layer", None, "up")
def _(model, layer):
    layers = model.model.layers
    with changed(layers[layer].mlp.up_proj.weight, layers[(layer + 1) % len(layers)].mlp.up_proj.weight.data.clone()):
        yield


@fault("weights-4-bit", None, "gate")
def _(model, layer):
    weight = model.model.layers[layer].mlp.gate_proj.weight
    step = weight.data.float().abs().amax(1, keepdim=True) / 7
    with changed(weight, torch.round(weight.data.float() / step) * step):
        yield


@fault("logits-capped", None, "logits", layered=False)
def _(model, layer):
    head = model.lm_head
    plain = head.forward
    with put(head, "forward", lambda x: torch.tanh(plain(x) / 5) * 5):
        yield
