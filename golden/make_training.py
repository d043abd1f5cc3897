"""
Training, by torch: training/adamw.safetensors holds 100 steps of torch.optim.AdamW on 65 drawn weights.

`gradients` [100, 65], `start` [65], and `<case>.<step>`: the weights after that step, with the settings of adamw.json. The
gradients' sizes span ten decades, one weight has none at all, and one has its first at step 50. training/policy and
training/preference are the losses of policy optimisation and of a reward model.

It runs in a process of its own, with torch's plain kernels: those for wider vectors fuse products and sums, and so their last
bits depend on the machine. Their square root is still MKL's, which is one step off for one number in six.
"""

import os
import pathlib
import subprocess
import sys

import numpy as np
import torch

from common import main, save_record, save_tensors

SEED = 9
STEPS = 100
CASES = {
    "usual": {"rate": 1e-3, "mean": 0.9, "square": 0.999, "eps": 1e-8, "decay": 0.01},
    "language": {"rate": 3e-4, "mean": 0.9, "square": 0.95, "eps": 1e-8, "decay": 0.1},
    "undecayed": {"rate": 1e-2, "mean": 0.8, "square": 0.99, "eps": 1e-6, "decay": 0.0},
}


def adamw(here: pathlib.Path) -> list[pathlib.Path]:
    """Each case from the same start by the same gradients."""
    rng = np.random.default_rng(SEED)
    start = torch.tensor(rng.standard_normal(65).astype(np.float32))
    sizes = 10.0 ** rng.uniform(-8, 2, 65)
    gradients = torch.tensor((rng.standard_normal((STEPS, 65)) * sizes).astype(np.float32))
    gradients[:, 3] = 0
    gradients[:50, 7] = 0
    tensors = {"start": start, "gradients": gradients}
    for case, s in CASES.items():
        w = torch.nn.Parameter(start.clone())
        adam = torch.optim.AdamW([w], s["rate"], (s["mean"], s["square"]), s["eps"], s["decay"], foreach=False, fused=False)
        for step in range(1, STEPS + 1):
            w.grad = gradients[step - 1].clone()
            adam.step()
            if step in (1, 2, 10, 60, 100):
                tensors[f"{case}.{step}"] = w.detach().clone()
    return [save_tensors(here / "training/adamw.safetensors", tensors), save_record(here / "training/adamw.json", CASES)]


def policy(here: pathlib.Path) -> pathlib.Path:
    """The clipped objective of 24 tokens: every case of sign and side, by autograd in float64; and held near a policy, by 0.04."""
    rng = np.random.default_rng(SEED + 1)
    f32 = {"logits": rng.standard_normal((24, 11)) * 2, "advantages": rng.standard_normal(24), "weights": rng.uniform(0, 1, 24)}
    f32 = {name: torch.tensor(x.astype(np.float32)) for name, x in f32.items()}
    f32["weights"][:3] = 0
    targets = torch.tensor(rng.integers(0, 11, 24))
    with torch.enable_grad():
        z = f32["logits"].double().requires_grad_()
        logp = -torch.nn.functional.cross_entropy(z, targets, reduction="none")
        f32["before"] = (logp.detach() + torch.tensor(rng.uniform(-0.6, 0.6, 24))).float()
        r, A = torch.exp(logp - f32["before"].double()), f32["advantages"].double()
        each = -torch.minimum(r * A, torch.clamp(r, 1 - 0.2, 1 + 0.28) * A)
        loss = (each * f32["weights"].double()).sum()
        (dlogits,) = torch.autograd.grad(loss, [z], retain_graph=True)
        f32["near"] = (logp.detach() + torch.tensor(rng.uniform(-0.6, 0.6, 24))).float()
        d = f32["near"].double() - logp
        held = ((each + 0.04 * (torch.exp(d) - d - 1)) * f32["weights"].double()).sum()
        (dlogits_held,) = torch.autograd.grad(held, [z])
    made = {"targets": targets, "nll": -logp.detach(), "loss": loss.detach().reshape(1), "dlogits": dlogits}
    made |= {"loss_held": held.detach().reshape(1), "dlogits_held": dlogits_held}
    return save_tensors(here / "training/policy.safetensors", f32 | made)


def preference(here: pathlib.Path) -> pathlib.Path:
    """The loss of pairs of rewards, and its slope, by autograd in float64."""
    chosen = torch.tensor([0.0, 1.0, -1.0, 3.5, -40.0, 900.0, -900.0], dtype=torch.float64)
    with torch.enable_grad():
        r = chosen.clone().requires_grad_()
        loss = -torch.nn.functional.logsigmoid(r - 0.25)
        (slope,) = torch.autograd.grad(loss.sum(), [r])
    return save_tensors(here / "training/preference.safetensors", {"chosen": chosen, "loss": loss.detach(), "slope": slope})


def make(here: pathlib.Path) -> list[pathlib.Path]:
    """AdamW in a process that is told which kernels to take."""
    env = {**os.environ, "ATEN_CPU_CAPABILITY": "default"}
    subprocess.run([sys.executable, __file__], env=env, check=True, stderr=subprocess.DEVNULL)
    return [here / "training/adamw.safetensors", here / "training/adamw.json", policy(here), preference(here)]


if __name__ == "__main__":
    assert os.environ.get("ATEN_CPU_CAPABILITY") == "default", "run golden/make.py training"
    main(adamw)
