"""schedules.py - learning rates by step from torch's schedulers."""
import torch
from torch.optim import lr_scheduler as torch_schedules

from . import store

NOTE = """rates[t] is the learning rate of step t, counted from 0. Warm-up over W steps:
lr (t + 1) / W, then the schedule over the steps that remain, as if its first were W. cosine
goes from lr to lr `final` after the last of `steps`; step multiplies by `factor` every
`every` epochs of `epoch_steps`; plateau looks at `losses` after each."""

EPOCH_STEPS = 3


def scheduler(optimizer, name, a, steps):
    if name == "step":
        return torch_schedules.StepLR(optimizer, a["every"] * EPOCH_STEPS, a["factor"])
    if name == "cosine":
        return torch_schedules.CosineAnnealingLR(
            optimizer, steps, a["final"] * optimizer.param_groups[0]["initial_lr"])
    if name == "polynomial":
        if "final" not in a:
            return torch_schedules.PolynomialLR(optimizer, steps, a["power"])
        return torch_schedules.LambdaLR(
            optimizer, lambda t: a["final"] + (1 - a["final"]) * (1 - t / steps) ** a["power"])
    if name == "one_cycle":
        lr = optimizer.param_groups[0]["lr"]
        return torch_schedules.OneCycleLR(
            optimizer, lr, steps, pct_start=a["rise"], div_factor=1 / a["start"],
            final_div_factor=a["start"] / a["end"], cycle_momentum=False,
            anneal_strategy={"cosine": "cos", "linear": "linear"}[a["shape"]])
    if name == "plateau":
        lr = optimizer.param_groups[0]["lr"]
        return torch_schedules.ReduceLROnPlateau(
            optimizer, factor=a["factor"], patience=a["patience"],
            threshold=a["threshold"], cooldown=a["cooldown"], min_lr=lr * a["final"], eps=0)
    return torch_schedules.ConstantLR(optimizer, factor=1.0)


def warmed(optimizer, name, a, steps, warmup):
    optimizer.param_groups[0]["initial_lr"] = optimizer.param_groups[0]["lr"]
    then = scheduler(optimizer, name, a, steps - warmup)
    if warmup == 0:
        return then
    first = torch_schedules.LinearLR(optimizer, 1 / warmup, 1.0, max(warmup - 1, 1))
    return torch_schedules.SequentialLR(optimizer, [first, then], [warmup])


def rates(name, a, lr, steps, warmup, losses):
    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=lr)
    schedule = warmed(optimizer, name, a, steps, warmup)
    found = []
    for t in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        if not losses:
            schedule.step()
        elif (t + 1) % EPOCH_STEPS == 0:
            schedule.step(losses[t // EPOCH_STEPS])
    return found


LOSSES = [1.0, 0.9, 0.95, 0.91, 0.90001, 0.92, 0.8, 0.81, 0.9, 0.85, 0.82, 0.8, 0.79999,
          0.9, 0.7, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9, 0.9]


def plateau(**changes):
    return {"factor": 0.5, "patience": 2, "threshold": 1e-4, "cooldown": 0, "final": 0.0,
            **changes}


def one_cycle(**changes):
    return {"rise": 0.3, "start": 0.04, "end": 4e-6, "shape": "cosine", **changes}


def make(folder):
    cases = []
    for name, a, lr, steps, warmup in [
            ("constant", {}, 0.01, 5, 0), ("constant", {}, 0.01, 8, 4),
            ("step", {"every": 1, "factor": 0.1}, 0.1, 11, 0),
            ("step", {"every": 2, "factor": 0.5}, 0.1, 20, 4),
            ("cosine", {"final": 0.0}, 0.1, 20, 0), ("cosine", {"final": 0.1}, 0.1, 20, 0),
            ("cosine", {"final": 0.0}, 0.01, 25, 5),
            ("cosine", {"final": 0.1}, 0.01, 12, 1),
            ("polynomial", {"power": 0.9}, 0.1, 20, 0),
            ("polynomial", {"power": 2.0, "final": 0.1}, 0.1, 20, 4),
            ("polynomial", {"power": 1.0}, 0.01, 12, 1),
            ("one_cycle", one_cycle(), 0.1, 20, 0), ("one_cycle", one_cycle(), 0.1, 33, 0),
            ("one_cycle", one_cycle(shape="linear", rise=0.45, start=0.1, end=0.01), 0.1, 23,
             0),
            ("plateau", plateau(), 0.1, 75, 0),
            ("plateau", plateau(cooldown=3, patience=1, final=0.3), 0.1, 75, 0),
            ("plateau", plateau(threshold=0.05, patience=0, factor=0.1), 0.1, 60, 0)]:
        losses = LOSSES if name == "plateau" else []
        cases.append({"name": name, "json": a, "lr": lr, "steps": steps,
                      "warmup": warmup, "epoch_steps": EPOCH_STEPS,
                      **({"losses": losses} if losses else {}),
                      "rates": rates(name, a, lr, steps, warmup, losses)})
    yield store.write_json(folder / "schedules.json",
                           {"note": NOTE, "versions": store.versions(), "cases": cases})
