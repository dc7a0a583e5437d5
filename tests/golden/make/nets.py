"""nets.py - what networks are made of, and what torchvision's, and those of wired.py, say.

NAME.safetensors: logits of NAME (N H W C; of torchvision's N 1 1 1000) for images that are uniform in
(-1, 1) and of shape `images` (N H W C), in evaluation; error.logits is torch's own in
float32. Weights, statistics and images are make/philox.py's numbers of their name
("images"): kernels uniform in +-sqrt(6 / fan_in), scales and variances in (0.5, 1.5), all
else in +-0.1. So a weight with another name or shape has other values.
"""
import math

import torch
import torchvision
from torch import nn

from . import philox, resunet, store, wired
from .layers import nchw, nhwc

NOTE = """parameters: how many numbers training moves (statistics not counted). weights: names
and shapes in the order of torchvision's state dict, without num_batches_tracked."""


IMAGES = {name: (2, 64, 64, 3) for name in
          ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152",
           "resnet152_head", "squeezenet1_1")}
IMAGES |= {"vgg16": (1, 224, 224, 3), "resunet": (1, 32, 32, 1)}


class ResUNet(resunet.ResUNet):
    def forward(self, x):
        return nchw(super().forward(nhwc(x)))


def model_of(name):
    if name == "resunet":
        return ResUNet(32, 4, 3)
    model = torchvision.models.get_model(name.removesuffix("_head"))
    if name.endswith("_head"):
        model.fc = nn.Sequential(nn.Linear(2048, 100), nn.ReLU(), nn.Dropout(0),
                                 nn.Linear(100, 5))
    return model


def parameters(model):
    return sum(a.numel() for a in model.parameters())


def limits(name, shape):
    if len(shape) > 1:
        limit = math.sqrt(6 / math.prod(shape[1:]))
        return -limit, limit
    if name.endswith("running_var") or name.endswith("weight"):
        return 0.5, 1.5
    return -0.1, 0.1


def fill(model):
    """In place: one tensor at a time, since ResNet152 and VGG16 are large."""
    for name, a in model.state_dict().items():
        if a.ndim > 0:
            a.copy_(torch.from_numpy(philox.uniform(name, a.shape,
                                                    *limits(name, a.shape))))


def logits(model, images, dtype):
    with torch.no_grad():
        y = model.to(dtype)(nchw(torch.tensor(images, dtype=dtype)))
    return nhwc(y if y.ndim == 4 else y[:, :, None, None]).double().numpy()


def write_logits(path, name, known):
    model = model_of(name).eval()
    fill(model)
    images = philox.uniform("images", IMAGES[name], -1, 1)
    approximate = logits(model, images, torch.float32)
    exact = logits(model, images, torch.float64)
    return store.write_tensors(path, {
        "logits": exact, "error.logits": store.error(approximate, exact)},
        {"note": __doc__, "versions": known, "images": IMAGES[name]})


def write_wired(path, network, images, known):
    x = nchw(torch.tensor(philox.uniform("images", images, -1, 1)))
    exact, approximate = (nhwc(network(wired.Net(dtype), x.to(dtype))).double().numpy()
                          for dtype in (torch.float64, torch.float32))
    return store.write_tensors(path, {
        "logits": exact, "error.logits": store.error(approximate, exact)},
        {"note": __doc__, "versions": known, "images": images})


def count_wired(network, images, **params):
    net = wired.Net(torch.float32)
    network(net, torch.zeros(images[0], images[3], images[1], images[2]), **params)
    return net.parameters


def make(folder):
    nets = []
    with torch.device("meta"):
        for name in IMAGES:
            nets.append({"net": name, "params": {},
                         "parameters": parameters(model_of(name))})
        for width, depth, classes, kernel, bottleneck in [
                (32, 4, 2, 3, False), (32, 4, 3, 3, False), (32, 4, 7, 3, False),
                (32, 4, 2, 7, False), (32, 4, 2, 7, True), (16, 4, 2, 3, False),
                (2, 2, 3, 3, False)]:
            params = {"width": width, "depth": depth, "classes": classes,
                      "kernel": kernel, "bottleneck": bottleneck}
            nets.append({"net": "resunet", "params": params, "parameters":
                         parameters(resunet.ResUNet(**params))})
        resnet18 = torchvision.models.resnet18().state_dict()
    for network, images in wired.IMAGES.items():
        nets.append({"net": network.__name__, "params": {},
                     "parameters": count_wired(network, images)})
    nets.append({"net": "unet", "params": {"batch_norm": True}, "parameters": count_wired(
        wired.unet, wired.IMAGES[wired.unet], batch_norm=True)})
    known = store.versions(torch, torchvision)
    yield store.write_json(folder / "nets" / "parameters.json",
                           {"note": NOTE, "versions": known, "nets": nets})
    for name in IMAGES:
        yield write_logits(folder / "nets" / f"{name}.safetensors", name, known)
    for network, images in wired.IMAGES.items():
        yield write_wired(folder / "nets" / f"{network.__name__}.safetensors", network,
                          images, known)
    weights = [{"name": name, "shape": list(a.shape)} for name, a in resnet18.items()
               if not name.endswith("num_batches_tracked")]
    yield store.write_json(folder / "nets" / "resnet18.json",
                           {"note": NOTE, "versions": known, "weights": weights})
