"""networks.py - the networks that are measured, in mica and in PyTorch, and what they see.

Both start from PyTorch's weights, which travel as safetensors, and see the same images and
labels (apps/workload.h says which). Packages: tests/bench/requirements.txt.
"""
import json
import os
import pathlib
import subprocess
import sys

import numpy as np

sys.dont_write_bytecode = True
TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests" / "golden"))

RESUNET = {"width": 32, "dropout": 0}
NETS = {  # file, parameters, batches in training and in prediction, size
    "resunet7": ("resunet", RESUNET | {"kernel": 7, "bottleneck": True}, [4], [1, 4], 256),
    "resunet3": ("resunet", RESUNET, [4], [1, 4], 256),
    "resnet18": ("resnet18", {}, [16], [1, 4], 224),
    "resnet50": ("resnet50", {}, [16], [1, 4], 224),
    "atom_localizer": ("atom_localizer", {}, [4], [1, 4], 256),
    "defect_cnn": ("defect_cnn", {}, [8], [1, 8], 64),
    "fft_dcnn": ("fft_dcnn", {"dropout": 0}, [1, 64], [1, 64], 64),
}


# --- what is computed --------------------------------------------------------------------


def scattered(shape):
    return (np.arange(np.prod(shape)) * 7919 % 1000).reshape(shape)


def images(shape):
    """N H W C, as apps/workload.c makes them."""
    return scattered(shape).astype(np.float32) / np.float32(1000) - np.float32(0.5)


def labels(shape, outputs):
    """A class for each pixel, N H W; of one output 0 or 1."""
    return scattered(shape) % max(outputs, 2)


def choose(name, size=None, width=None):
    """File, parameters and size of a network; size and width in place of its own."""
    file, params, _, _, usual = NETS[name]
    size = size or usual
    params = params | ({"width": width} if width and params else {})
    return file, params | ({"size": size} if file == "fft_dcnn" else {}), size


def channels_of(file):
    return 3 if file.startswith("resnet") else 1


def net_file(file, params, folder):
    """A copy of nets/FILE.json whose parameters' standards are these."""
    text = (TOP / "nets" / f"{file}.json").read_text()
    net = json.loads("\n".join(line for line in text.splitlines()
                               if not line.lstrip().startswith("//")))
    net["params"] |= params
    path = folder / f"{file}.json"
    path.write_text(json.dumps(net))
    return path


def distance(a, b):
    """Relative, of numbers or of arrays by norm."""
    return float(np.linalg.norm(np.subtract(a, b)) / max(np.linalg.norm(b), 1e-30))


def mica_logits(mica, net, weights, shape, folder):
    """Of `mica forward`, N H W C."""
    np.save(folder / "x.npy", images(shape))
    subprocess.run([mica, "forward", f"{net}:{weights}", folder / "x.npy", "-o",
                    folder / "y.npy", "--axes", "NHWC"], check=True,
                   stdout=subprocess.DEVNULL)
    return np.load(folder / "y.npy")


def save_logits(y, path):
    """PyTorch's, N C H W or N C, as mica has them."""
    y = y if y.ndim == 4 else y[:, :, None, None]
    np.save(path, y.permute(0, 2, 3, 1).contiguous().numpy())


# --- as modules of PyTorch ---------------------------------------------------------------


def wired_module(network, channels, size):
    """A network of make/wired.py as a module whose weights learn."""
    import torch
    import torch.nn.functional as F
    from make import wired

    class Weights(wired.Net):
        """Made when first asked for, as torch draws them; then found."""

        def __init__(self, module):
            super().__init__(torch.float32)
            self.module, self.names = module, {}

        def made(self, name, shape):
            if len(shape) > 1:
                limit = np.prod(shape[1:]) ** -0.5
                return torch.empty(shape).uniform_(-limit, limit)
            one = name.endswith(("weight", "running_var"))
            return torch.full(shape, 1.0 if one else 0.0)

        def value(self, name, shape):
            own = name.replace(".", "__")
            if name not in self.names:
                self.names[name] = own
                value = self.made(name, shape)
                if "running" in name:
                    self.module.register_buffer(own, value)
                else:
                    self.module.register_parameter(own, torch.nn.Parameter(value))
            return getattr(self.module, own)

        def norm(self, x, name):
            w = {key: self.value(f"{name}.{key}", (x.shape[1],))
                 for key in ("weight", "bias", "running_mean", "running_var")}
            return F.batch_norm(x, w["running_mean"], w["running_var"], w["weight"],
                                w["bias"], self.module.training)

    class Wired(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.weights = Weights(self)
            with torch.no_grad():
                network(self.weights, torch.zeros(1, channels, size, size))

        def forward(self, x):
            return network(self.weights, x)

        def named_values(self):
            return {name: getattr(self, own) for name, own in self.weights.names.items()}

    return Wired().train()


def resunet_module(params):
    import torch.nn.functional as F
    from make import resunet

    class ResUNet(resunet.ResUNet):
        def forward(self, x):
            return self.through(x)

    def transposed(module, x):
        """As make/resunet.py's, without a copy."""
        y = F.conv_transpose2d(x, module.weight, module.bias, 2)
        return y[:, :, :2 * x.shape[2], :2 * x.shape[3]]

    resunet.Transposed.forward = transposed
    return ResUNet(params["width"], 4, 3, params.get("kernel", 3),
                   params.get("bottleneck", False))


def module_of(file, params, size):
    """The module, and its weights by mica's names."""
    import torchvision
    from make import wired
    if file == "resunet":
        model = resunet_module(params)
    elif file.startswith("resnet"):
        model = torchvision.models.get_model(file)
    else:
        model = wired_module(getattr(wired, file), 1, size)
        return model, model.named_values()
    return model, {name: value for name, value in model.state_dict().items()
                   if not name.endswith("num_batches_tracked")}


def save_weights(values, path):
    import safetensors.torch
    if not os.path.exists(path):
        safetensors.torch.save_file({name: value.detach().contiguous().clone()
                                     for name, value in values.items()}, path)
