"""initializers.py - how torch and Keras draw first values: formula and measurement."""
import math

import torch
from torch import nn

from . import store

NOTE = """Weights have torch's shapes: conv2d O I H W, conv2d_transpose I O H W, linear O I.
fan_in = dims[1] area and fan_out = dims[0] area, area = H W: for a transposed convolution
too, where both torch and Keras count so. kind "uniform": within +-limit; "normal": with
this sd, before Keras cuts it at two sd and widens it to keep the sd. measured: the largest
|value| (uniform) or the sd (normal) of 64 drawings by torch."""
DRAWINGS = 64
AREA_SHAPES = {"conv2d": [(16, 3, 3, 3), (4, 16, 7, 7), (32, 16, 1, 1)],
               "conv2d_transpose": [(16, 8, 3, 3), (5, 32, 2, 2)],
               "linear": [(10, 100), (128, 17)]}
KEYWORD = {"glorot_uniform": nn.init.xavier_uniform_,
           "glorot_normal": nn.init.xavier_normal_,
           "he_uniform": lambda w: nn.init.kaiming_uniform_(w, nonlinearity="relu"),
           "he_normal": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu")}


def formula(name, fan_in, fan_out):
    """("uniform", limit) or ("normal", sd): Glorot and Bengio 2010, He et al. 2015."""
    sd = math.sqrt(2 / (fan_in + fan_out)) if name.startswith("glorot") \
        else math.sqrt(2 / fan_in)
    return ("normal", sd) if name.endswith("normal") else ("uniform", math.sqrt(3) * sd)


def module(layer, dims):
    if layer == "linear":
        return nn.Linear(dims[1], dims[0])
    if layer == "conv2d":
        return nn.Conv2d(dims[1], dims[0], dims[2:])
    return nn.ConvTranspose2d(dims[0], dims[1], dims[2:])


def measured(kind, values):
    values = torch.cat([v.detach().flatten() for v in values]).double()
    return float(values.abs().max() if kind == "uniform"
                 else values.square().mean().sqrt())


def one(layer, dims):
    area = math.prod(dims[2:])
    fan_in, fan_out = dims[1] * area, dims[0] * area
    out = {"layer": layer, "dims": list(dims), "fan_in": fan_in, "fan_out": fan_out}
    modules = [module(layer, dims) for _ in range(DRAWINGS)]
    limit = 1 / math.sqrt(fan_in)
    out["pytorch"] = {
        "kind": "uniform", "kernel": limit, "bias": limit,
        "measured": measured("uniform", [m.weight for m in modules]),
        "measured_bias": measured("uniform", [m.bias for m in modules])}
    for name, draw in KEYWORD.items():
        kind, value = formula(name, fan_in, fan_out)
        found = measured(kind, [draw(torch.empty(dims)) for _ in range(DRAWINGS)])
        assert abs(found / value - 1) < 0.05, (name, layer, dims)
        out[name] = {"kind": kind, "kernel": value, "bias": 0.0, "measured": found}
    assert abs(out["pytorch"]["measured"] / limit - 1) < 0.05
    out["keras"] = out["glorot_uniform"]
    return out


def make(folder):
    torch.manual_seed(0)
    cases = [one(layer, dims) for layer, shapes in AREA_SHAPES.items()
             for dims in shapes]
    yield store.write_json(folder / "initializers.json",
                           {"note": NOTE, "versions": store.versions(), "cases": cases})
