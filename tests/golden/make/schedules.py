"""schedules.py - learning rates by step from torch's schedulers."""
import torch
from torch.optim import lr_scheduler as torch_schedules

from . import store

NOTE = """rates[t] is the learning rate of step t, counted from 0. Warm-up over W steps:
lr (t + 1) / W, then the schedule over the steps that remain, as if its first were W. cosine
goes from lr to lr `final` after the last of `steps`; step multiplies by `factor` every
`every` epochs of `epoch_steps`."""

EPOCH_STEPS = 3


def scheduler(optimizer, name, a, steps):
    if name == "step":
        return torch_schedules.StepLR(optimizer, a["every"] * EPOCH_STEPS, a["factor"])
    if name == "cosine":
        return torch_schedules.CosineAnnealingLR(
            optimizer, steps, a["final"] * optimizer.param_groups[0]["initial_lr"])
    return torch_schedules.ConstantLR(optimizer, factor=1.0)


def warmed(optimizer, name, a, steps, warmup):
    optimizer.param_groups[0]["initial_lr"] = optimizer.param_groups[0]["lr"]
    then = scheduler(optimizer, name, a, steps - warmup)
    if warmup == 0:
        return then
    first = torch_schedules.LinearLR(optimizer, 1 / warmup, 1.0, max(warmup - 1, 1))
    return torch_schedules.SequentialLR(optimizer, [first, then], [warmup])


def rates(name, a, lr, steps, warmup):
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=lr)
    schedule = warmed(optimizer, name, a, steps, warmup)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def make(folder):
    cases = []
    for name, a, lr, steps, warmup in [
            ("constant", {}, 0.01, 5, 0), ("constant", {}, 0.01, 8, 4),
            ("step", {"every": 1, "factor": 0.1}, 0.1, 11, 0),
            ("step", {"every": 2, "factor": 0.5}, 0.1, 20, 4),
            ("cosine", {"final": 0.0}, 0.1, 20, 0), ("cosine", {"final": 0.1}, 0.1, 20, 0),
            ("cosine", {"final": 0.0}, 0.01, 25, 5),
            ("cosine", {"final": 0.1}, 0.01, 12, 1)]:
        cases.append({"name": name, "json": a, "lr": lr, "steps": steps,
                      "warmup": warmup, "epoch_steps": EPOCH_STEPS,
                      "rates": rates(name, a, lr, steps, warmup)})
    yield store.write_json(folder / "schedules.json",
                           {"note": NOTE, "versions": store.versions(), "cases": cases})
