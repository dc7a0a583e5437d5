"""optimizers.py - five steps of each optimiser by torch in float64, from given gradients.

Of case k and weight i: k.wI the first value, k.wI.gradients one for each step, k.wI.values
and k.wI.STATE (torch's names) what they are after each step, k.error.NAME the
norm-wise relative error of torch's own float32 result, all steps together. The weights of a case are one
group. Adam is torch's: value -= lr mhat / (sqrt(vhat) + eps). Keras adds eps before it
corrects v: its eps is eps / sqrt(1 - beta2^t) here. LAMB, which torch lacks, is algorithm 2
of You et al., arXiv:1904.00962, in torch's tensors, with bias correction and phi(z) = z.

average.safetensors: k.wI.values of weights after each step and k.wI.average, their mean by
torch.optim.swa_utils; "decays" has the share that is left of it at each step.

clip.safetensors: k.wI.gradient before, k.wI.clipped after, k.norm of all before.
"""
import numpy as np
import torch

from . import store

STEPS = 5
SHAPES = [(4, 3, 3, 3), (4,), (5, 17), (1,)]
STATES = ("momentum_buffer", "exp_avg", "exp_avg_sq", "max_exp_avg_sq", "square_avg",
          "grad_avg", "sum")


class Lamb(torch.optim.Optimizer):
    def __init__(self, weights, lr, betas, eps, weight_decay):
        super().__init__(weights, {"lr": lr, "betas": betas, "eps": eps,
                                   "decay": weight_decay})

    @torch.no_grad()
    def step(self):
        group, = self.param_groups
        for weight in group["params"]:
            state = self.state[weight]
            state["t"] = t = state.get("t", 0) + 1
            b1, b2 = group["betas"]
            m = state.get("exp_avg", torch.zeros_like(weight)) * b1 + (1 - b1) * weight.grad
            v = state.get("exp_avg_sq", torch.zeros_like(weight)) * b2 \
                + (1 - b2) * weight.grad ** 2
            state["exp_avg"], state["exp_avg_sq"] = m, v
            move = (m / (1 - b1 ** t)) / ((v / (1 - b2 ** t)).sqrt() + group["eps"]) \
                + group["decay"] * weight
            long, size = weight.norm(), move.norm()
            trust = long / size if long > 0 and size > 0 else 1.0
            weight -= group["lr"] * trust * move


def build(name, a, weights):
    if name == "sgd":
        return torch.optim.SGD(weights, lr=a["lr"], momentum=a.get("momentum", 0.0),
                               nesterov=a.get("nesterov", False),
                               weight_decay=a.get("weight_decay", 0.0))
    decay = a.get("weight_decay", 0.0)
    if name == "rmsprop":
        return torch.optim.RMSprop(weights, lr=a["lr"], alpha=a.get("alpha", 0.99),
                                   eps=a.get("eps", 1e-8), weight_decay=decay,
                                   momentum=a.get("momentum", 0.0), foreach=False,
                                   centered=a.get("centered", False))
    if name == "adagrad":
        return torch.optim.Adagrad(weights, lr=a["lr"], lr_decay=a.get("lr_decay", 0.0),
                                   eps=a.get("eps", 1e-10), weight_decay=decay,
                                   initial_accumulator_value=a.get("initial_accumulator",
                                                                   0.0), foreach=False)
    if name == "lamb":
        return Lamb(weights, a["lr"], (a.get("beta1", 0.9), a.get("beta2", 0.999)),
                    a.get("eps", 1e-6), a.get("weight_decay", 0.01))
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[name]
    return kind(weights, lr=a["lr"], eps=a.get("eps", 1e-8), foreach=False,
                betas=(a.get("beta1", 0.9), a.get("beta2", 0.999)),
                amsgrad=a.get("amsgrad", False),
                weight_decay=a.get("weight_decay", 0.0 if name == "adam" else 0.01))


def run(name, arguments, values, gradients, dtype):
    weights = [torch.tensor(v, dtype=dtype, requires_grad=True) for v in values]
    optimizer = build(name, arguments, weights)
    out = {}
    for step in range(STEPS):
        for weight, gradient in zip(weights, gradients):
            weight.grad = torch.tensor(gradient[step], dtype=dtype)
        optimizer.step()
        for i, weight in enumerate(weights):
            out.setdefault(f"w{i}.values", []).append(weight.detach().clone())
            for key in STATES:
                state = optimizer.state[weight].get(key)
                if state is not None:
                    out.setdefault(f"w{i}.{key}", []).append(state.clone())
    return {key: torch.stack(steps).double().numpy() for key, steps in out.items()}


def record(cases, arguments, scale=1.0):
    random = cases.random()
    draw = lambda *shape: random.standard_normal(shape).astype(np.float32)  # noqa: E731
    values = [draw(*s) for s in SHAPES]
    gradients = [draw(STEPS, *s) * np.float32(scale) for s in SHAPES]
    gradients[0][1:3, 0] = 0
    exact = run(cases.name, arguments, values, gradients, torch.float64)
    single = run(cases.name, arguments, values, gradients, torch.float32)
    tensors = {}
    for i, (value, gradient) in enumerate(zip(values, gradients)):
        tensors[f"w{i}"] = value
        tensors[f"w{i}.gradients"] = gradient
    tensors.update(exact)
    tensors.update((f"error.{key}", store.error(single[key], exact[key]))
                   for key in exact)
    cases.add({"json": arguments, "weights": [list(s) for s in SHAPES],
               "steps": STEPS}, tensors)


OPTIMIZERS = {
    "sgd": [({"lr": 0.1},), ({"lr": 0.05, "momentum": 0.9},),
            ({"lr": 0.05, "momentum": 0.9, "nesterov": True},),
            ({"lr": 0.1, "weight_decay": 0.01},),
            ({"lr": 0.05, "momentum": 0.9, "nesterov": True, "weight_decay": 0.001},)],
    "adam": [({"lr": 0.01},), ({"lr": 0.001, "beta1": 0.8, "beta2": 0.99},),
             ({"lr": 0.01, "eps": 1e-7},), ({"lr": 0.01}, 1e-8),
             ({"lr": 0.01, "eps": 1e-3}, 1e-3), ({"lr": 0.01}, 1e4),
             ({"lr": 0.01, "weight_decay": 0.1},),
             ({"lr": 0.01, "amsgrad": True, "beta2": 0.5},),
             ({"lr": 0.01, "amsgrad": True, "beta2": 0.9, "weight_decay": 0.01},)],
    "adamw": [({"lr": 0.01},), ({"lr": 0.01, "weight_decay": 0.1, "beta1": 0.8},),
              ({"lr": 0.001, "weight_decay": 0.0, "eps": 1e-7},),
              ({"lr": 0.01, "amsgrad": True, "beta2": 0.5},)],
    "rmsprop": [({"lr": 0.01},), ({"lr": 0.01, "alpha": 0.9, "momentum": 0.9},),
                ({"lr": 0.01, "centered": True, "eps": 1e-5},),
                ({"lr": 0.01, "alpha": 0.5, "momentum": 0.5, "centered": True,
                  "eps": 1e-3, "weight_decay": 0.1},)],
    "adagrad": [({"lr": 0.1},), ({"lr": 0.1, "lr_decay": 0.1, "weight_decay": 0.1},),
                ({"lr": 0.1, "initial_accumulator": 0.1, "eps": 1e-3},)],
    "lamb": [({"lr": 0.01},), ({"lr": 0.1, "weight_decay": 0.1, "beta1": 0.8},),
             ({"lr": 0.01, "weight_decay": 0.0, "eps": 1e-3}, 1e-2)],
}


def make_clip(cases):
    for arguments, scale in [({"norm": 1.0}, 1), ({"norm": 5.0}, 100), ({"norm": 1e3}, 1),
                             ({"value": 0.5}, 1), ({"value": 10.0}, 1)]:
        random = cases.random()
        gradients = [(scale * random.standard_normal(s)).astype(np.float32)
                     for s in SHAPES]
        weights = [torch.zeros(s, dtype=torch.float64, requires_grad=True) for s in SHAPES]
        for weight, gradient in zip(weights, gradients):
            weight.grad = torch.tensor(gradient, dtype=torch.float64)
        norm = torch.nn.utils.get_total_norm([w.grad for w in weights])
        if "norm" in arguments:
            torch.nn.utils.clip_grad_norm_(weights, arguments["norm"])
        else:
            torch.nn.utils.clip_grad_value_(weights, arguments["value"])
        tensors = {"norm": norm.numpy()}
        for i, weight in enumerate(weights):
            tensors[f"w{i}.gradient"] = gradients[i]
            tensors[f"w{i}.clipped"] = weight.grad.numpy()
        cases.add({"json": arguments, "weights": [list(s) for s in SHAPES]}, tensors)


def make_average(cases):
    steps = 12
    for arguments in ({"decay": 0.9, "ramp": False}, {"decay": 0.9, "ramp": True},
                      {"decay": 0.2, "ramp": True}):
        random = cases.random()
        decays = [min(arguments["decay"], (1 + t) / (10 + t)) if arguments["ramp"]
                  else arguments["decay"] for t in range(steps)]
        model = torch.nn.Linear(17, 5).double()
        mean = torch.optim.swa_utils.AveragedModel(model)
        out = {"values": [], "average": []}
        for decay in decays:
            model.weight.data = torch.tensor(
                random.standard_normal((5, 17)).astype(np.float32), dtype=torch.float64)
            mean.multi_avg_fn = torch.optim.swa_utils.get_ema_multi_avg_fn(decay)
            mean.update_parameters(model)
            out["values"].append(model.weight.detach().clone())
            out["average"].append(mean.module.weight.detach().clone())
        cases.add({"json": arguments, "weights": [[5, 17]], "steps": steps,
                   "decays": decays},
                  {f"w0.{key}": torch.stack(each).numpy() for key, each in out.items()})


def make(folder):
    for name, list_of_cases in OPTIMIZERS.items():
        cases = store.Cases(name)
        for case in list_of_cases:
            record(cases, *case)
        yield cases.write(folder / "optimizers" / f"{name}.safetensors", __doc__)
    cases = store.Cases("clip")
    make_clip(cases)
    yield cases.write(folder / "optimizers" / "clip.safetensors", __doc__)
    cases = store.Cases("average")
    make_average(cases)
    yield cases.write(folder / "optimizers" / "average.safetensors", __doc__)
