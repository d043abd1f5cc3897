"""
Hugging Face's activations under the names of the page: `embed`, `0.n1`, `0.q` ... `norm`, `logits`.

Most are inputs or outputs of a module and are seen by hooks. `qr` and `kr` are not: the function that rotates them is
wrapped. Every tap is [T, width]; nothing about the computation is changed.
"""

import contextlib
import sys

import torch


def record(model, ids: list[int], past=None) -> dict[str, torch.Tensor]:
    """Runs `model` on one sequence of ids (after those in `past`, if given) and returns every activation."""
    acts: dict[str, torch.Tensor] = {}
    with hooked(model, acts):
        out = model(torch.tensor([ids]), past_key_values=past, use_cache=past is not None)
    acts["logits"] = out.logits[0].clone()
    return acts


@contextlib.contextmanager
def hooked(model, acts: dict[str, torch.Tensor]):
    """Puts activations into `acts` while the context lasts."""
    handles = []

    def see(module, name: str, which: str) -> None:
        """Keeps a module's input ("in") or output ("out")."""

        def keep(_module, inputs, output) -> None:
            value = inputs[0] if which == "in" else output
            acts[name] = (value[0] if isinstance(value, tuple) else value)[0].clone()

        handles.append(module.register_forward_hook(keep))

    see(model.model.embed_tokens, "embed", "out")
    for layer, block in enumerate(model.model.layers):
        attention, mlp = block.self_attn, block.mlp
        for name, module, which in [
            ("n1", block.input_layernorm, "out"), ("q", attention.q_proj, "out"), ("k", attention.k_proj, "out"),
            ("v", attention.v_proj, "out"), ("a", attention.o_proj, "in"), ("o", attention.o_proj, "out"),
            ("mid", block.post_attention_layernorm, "in"), ("n2", block.post_attention_layernorm, "out"),
            ("gate", mlp.gate_proj, "out"), ("up", mlp.up_proj, "out"), ("act", mlp.down_proj, "in"),
            ("down", mlp.down_proj, "out"), ("out", block, "out"),
        ]:
            see(module, f"{layer}.{name}", which)
    see(model.model.norm, "norm", "out")
    with rotations_seen(model, acts):
        yield
    for handle in handles:
        handle.remove()


@contextlib.contextmanager
def rotations_seen(model, acts: dict[str, torch.Tensor]):
    """Wraps `apply_rotary_pos_emb` of the model's module: its n-th call is layer n."""
    module = sys.modules[type(model).__module__]
    plain, calls = module.apply_rotary_pos_emb, iter(range(model.config.num_hidden_layers))

    def seen(q, k, *rest, **named):
        turned = plain(q, k, *rest, **named)
        layer = next(calls)
        for name, x in zip(("qr", "kr"), turned):
            acts[f"{layer}.{name}"] = x[0].transpose(0, 1).flatten(1).clone()
        return turned

    module.apply_rotary_pos_emb = seen
    try:
        yield
    finally:
        module.apply_rotary_pos_emb = plain


def greedy(model, ids: list[int], count: int) -> tuple[list[int], list[float]]:
    """The `count` likeliest next tokens, one after another, and how far each stood above the second (in logits)."""
    chosen, margins, past = [], [], None
    fresh = ids
    for _ in range(count):
        out = model(torch.tensor([fresh]), past_key_values=past, use_cache=True)
        past, (best, second) = out.past_key_values, out.logits[0, -1].double().topk(2).values.tolist()
        chosen.append(int(out.logits[0, -1].argmax()))
        margins.append(best - second)
        fresh = chosen[-1:]
    return chosen, margins
