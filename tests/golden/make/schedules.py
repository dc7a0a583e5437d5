"""schedules.py - learning rates by step from torch's schedulers."""
import torch
from torch.optim import lr_scheduler as torch_schedules

from . import store

NOTE = """rates[t] is the learning rate of step t, counted from 0. Warm-up over W steps:
lr (t + 1) / W, then the schedule starts as if its first step were W. cosine goes from lr at
its start to lr `least` after the last of `steps`; step multiplies by `factor` every `every`
steps, counted from step 0 without warm-up and from its end with one."""


def scheduler(optimizer, name, a, steps):
    if name == "step":
        return torch_schedules.StepLR(optimizer, a["every"], a["factor"])
    if name == "cosine":
        return torch_schedules.CosineAnnealingLR(
            optimizer, steps, a["least"] * optimizer.param_groups[0]["initial_lr"])
    return torch_schedules.ConstantLR(optimizer, factor=1.0)


def warmed(optimizer, name, a, steps):
    warmup = a.get("warmup", 0)
    optimizer.param_groups[0]["initial_lr"] = optimizer.param_groups[0]["lr"]
    then = scheduler(optimizer, name, a, steps - warmup)
    if warmup == 0:
        return then
    first = torch_schedules.LinearLR(optimizer, 1 / warmup, 1.0, max(warmup - 1, 1))
    return torch_schedules.SequentialLR(optimizer, [first, then], [warmup])


def rates(name, a, lr, steps):
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=lr)
    schedule = warmed(optimizer, name, a, steps)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def make(folder):
    cases = []
    for name, a, lr, steps in [
            ("constant", {}, 0.01, 5), ("constant", {"warmup": 4}, 0.01, 8),
            ("step", {"every": 3, "factor": 0.1}, 0.1, 11),
            ("step", {"every": 4, "factor": 0.5, "warmup": 3}, 0.1, 20),
            ("cosine", {"least": 0.0}, 0.1, 20), ("cosine", {"least": 0.01}, 0.1, 20),
            ("cosine", {"least": 0.0, "warmup": 5}, 0.01, 25),
            ("cosine", {"least": 0.1, "warmup": 1}, 0.01, 12)]:
        cases.append({"name": name, "json": a, "lr": lr, "steps": steps,
                      "rates": rates(name, a, lr, steps)})
    yield store.write_json(folder / "schedules.json",
                           {"note": NOTE, "versions": store.versions(), "cases": cases})
