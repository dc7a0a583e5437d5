"""published.py - what published weights give in torch, wired as their authors did.

published_NAME_x.npy (N H W C) and published_NAME_y.npy: of ResNet20 for CIFAR-10
(akamaster/pytorch_resnet_cifar10) the logits, of Keras' ResNet50 the end of its stage conv4,
in float64. The weights are read from ../shared/data/weights or $MICA_DATA/weights; without
them nothing is made.
"""
import os
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

from . import philox
from .layers import nchw, nhwc

NAMES = {"resnet20": ("resnet20_cifar10.npz", 2),
         "resnet50": ("resnet50_keras_conv1-conv4_f16.npz", 100)}


def norm(x, scale, shift, mean, variance, eps):
    return F.batch_norm(x, mean, variance, scale, shift, eps=eps)


def resnet20(x, w):
    def bn(x, place):
        return norm(x, w[place + ".weight"], w[place + ".bias"],
                    w[place + ".running_mean"], w[place + ".running_var"], 1e-5)

    x = F.relu(bn(F.conv2d(x, w["conv1.weight"], padding=1), "bn1"))
    for layer in (1, 2, 3):
        for block in range(3):
            place, skip = f"layer{layer}.{block}", x
            stride = 2 if layer > 1 and block == 0 else 1
            if stride == 2:
                more = x.shape[1] // 2
                skip = F.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, more, more))
            y = F.conv2d(x, w[place + ".conv1.weight"], stride=stride, padding=1)
            y = F.conv2d(F.relu(bn(y, place + ".bn1")), w[place + ".conv2.weight"],
                         padding=1)
            x = F.relu(bn(y, place + ".bn2") + skip)
    return x.mean((2, 3)) @ w["linear.weight"].T + w["linear.bias"]


def resnet50(x, w):
    def conv(x, place, kernel, stride=1, padding=0):
        gamma, beta, mean, variance = w[place + "_bn"].reshape(4, -1)
        flat = w[place + "_conv"]
        weight = flat[:-len(gamma)].reshape(len(gamma), -1, kernel, kernel)
        y = F.conv2d(x, weight, flat[-len(gamma):], stride, padding)
        return norm(y, gamma, beta, mean, variance, 1.001e-5)

    x = F.relu(conv(x, "conv1", 7, 2, 3))
    x = F.max_pool2d(F.pad(x, (1, 1, 1, 1)), 3, 2)
    for stage, count in ((2, 3), (3, 4), (4, 6)):
        for block in range(1, count + 1):
            place, skip = f"conv{stage}_block{block}", x
            stride = 2 if stage > 2 and block == 1 else 1
            if block == 1:
                skip = conv(x, place + "_0", 1, stride)
            y = F.relu(conv(x, place + "_1", 1, stride))
            y = F.relu(conv(y, place + "_2", 3, 1, 1))
            x = F.relu(conv(y, place + "_3", 1) + skip)
    return nhwc(x)


def make(folder):
    here = pathlib.Path(__file__).resolve().parents[3].parent / "shared" / "data"
    weights = pathlib.Path(os.environ.get("MICA_DATA", here)) / "weights"
    for name, (file, size) in NAMES.items():
        if not (weights / file).exists():
            print(f"no {weights / file}: nothing is made of it")
            continue
        arrays = {key: torch.tensor(a.astype(np.float64))
                  for key, a in np.load(weights / file).items()}
        x = philox.uniform(f"published {name}", (1, 32, 32, 3), -size, size)
        y = globals()[name](nchw(torch.tensor(x).double()), arrays)
        for letter, values in (("x", x), ("y", y.numpy().astype(np.float32))):
            path = folder / "nets" / f"published_{name}_{letter}.npy"
            np.save(path, values)
            yield path
