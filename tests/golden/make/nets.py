"""nets.py - what networks are made of: counts of parameters, names and shapes of weights."""
import torch
import torchvision

from . import resunet, store

NOTE = """parameters: how many numbers training moves (statistics not counted). weights: names
and shapes in the order of torchvision's state dict, without num_batches_tracked."""


def parameters(model):
    return sum(a.numel() for a in model.parameters())


def make(folder):
    nets = []
    with torch.device("meta"):
        for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
            nets.append({"net": name, "params": {"classes": 1000}, "parameters":
                         parameters(torchvision.models.get_model(name))})
        for width, depth, classes, kernel in [
                (32, 4, 2, 3), (32, 4, 3, 3), (32, 4, 7, 3), (32, 4, 2, 7), (16, 4, 2, 3),
                (2, 2, 3, 3)]:
            params = {"width": width, "depth": depth, "classes": classes,
                      "kernel": kernel}
            nets.append({"net": "resunet", "params": params, "parameters":
                         parameters(resunet.ResUNet(**params))})
        resnet18 = torchvision.models.resnet18().state_dict()
    known = store.versions(torch, torchvision)
    yield store.write_json(folder / "nets" / "parameters.json",
                           {"note": NOTE, "versions": known, "nets": nets})
    weights = [{"name": name, "shape": list(a.shape)} for name, a in resnet18.items()
               if not name.endswith("num_batches_tracked")]
    yield store.write_json(folder / "nets" / "resnet18.json",
                           {"note": NOTE, "versions": known, "weights": weights})
