#!/usr/bin/env python3
"""roundtrip.py - weights from torchvision into mica and from mica into PyTorch.

    python roundtrip.py ../../mica

Torchvision's state dict of ResNet18, with num_batches_tracked, goes through safetensors in
float32, float16 and bfloat16, and `mica forward` gives the logits that PyTorch gives with
the same rounded weights. A model that `mica train` wrote is loaded with strict=True, and
PyTorch gives what `mica forward` gives. Ends with 1 where a distance is above 1e-5.
"""
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import safetensors.torch
import torch
import torchvision

sys.dont_write_bytecode = True
from make import nets, resunet, store  # noqa: E402
from make.layers import nchw  # noqa: E402

LIMIT = 1e-5


def forward(mica, model, images, folder):
    np.save(folder / "x.npy", images)
    subprocess.run([mica, "forward", model, folder / "x.npy", "-o", folder / "y.npy",
                    "--axes", "NHWC"], check=True, stdout=subprocess.DEVNULL)
    return np.load(folder / "y.npy")


def compare(what, found, wanted):
    error = store.error(found.ravel(), wanted.ravel())
    print(f"{what}: {error:.1e}")
    return error < LIMIT


def into_mica(mica, folder, kind):
    model = torchvision.models.resnet18().eval()
    nets.fill(model)
    rounded = {name: a.to(kind) if a.is_floating_point() else a
               for name, a in model.state_dict().items()}
    assert any(name.endswith("num_batches_tracked") for name in rounded)
    safetensors.torch.save_file(rounded, folder / "w.safetensors")
    model.load_state_dict({name: a.float() for name, a in rounded.items()})
    images = store.random_numbers("images", 0).uniform(-1, 1, (2, 64, 64, 3))
    images = images.astype(np.float32)
    with torch.no_grad():
        wanted = model.double()(nchw(torch.tensor(images).double())).numpy()
    found = forward(mica, f"resnet18.json:{folder / 'w.safetensors'}", images, folder)
    return compare(f"ResNet18 of torchvision in {kind}, logits by mica", found, wanted)


def out_of_mica(mica, folder):
    run = folder / "run"
    subprocess.run([mica, "train", "mos2_vacancy_small.json", "-o", run, "--set",
                    "net.params.width=4", "--set", "net.params.depth=2", "--set",
                    "train.samples_per_epoch=16", "--set", "train.epochs=1", "--set",
                    "data.validation.count=8"], check=True, stdout=subprocess.DEVNULL)
    state = safetensors.torch.load_file(run / "best.safetensors")
    model = resunet.ResUNet(width=4, depth=2, classes=3).eval()
    model.load_state_dict(state, strict=True)
    images = store.random_numbers("scan", 0).normal(size=(2, 64, 64, 1))
    images = images.astype(np.float32)
    with torch.no_grad():
        wanted = model.double()(torch.tensor(images).double()).numpy()
    found = forward(mica, run / "best.safetensors", images, folder)
    return compare("ResUNet trained by mica, strict=True, logits by PyTorch", found,
                   wanted)


def main():
    mica = pathlib.Path(sys.argv[1]).resolve()
    store.prepare()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        good = [into_mica(mica, folder, kind)
                for kind in (torch.float32, torch.float16, torch.bfloat16)]
        good.append(out_of_mica(mica, folder))
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
