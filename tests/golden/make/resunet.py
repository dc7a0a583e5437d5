"""resunet.py - the ResUNet of Lee et al. 2022 (wiring: ClarkResearchGroup/stem-learning,
models.py) in torch, with Keras' conventions and the names of nets/resunet.json."""
import torch
import torch.nn.functional as F
from torch import nn

from .layers import nchw, transposed_same

EPS, MOMENTUM = 1e-3, 0.01  # Keras' defaults; its momentum is 1 - torch's


def convolution(inputs, outputs, kernel, stride=1):
    conv = nn.Conv2d(inputs, outputs, kernel, stride,
                     padding=kernel // 2 if stride == 1 else 0)
    return glorot(conv)


def glorot(module):
    nn.init.xavier_uniform_(module.weight)
    nn.init.zeros_(module.bias)
    return module


def norm(channels):
    return nn.BatchNorm2d(channels, EPS, MOMENTUM)


class Convolutions(nn.Module):
    """Convolution, batch-norm, relu: twice, or around one more as a bottleneck."""

    def __init__(self, inputs, outputs, kernel, bottleneck):
        super().__init__()
        outer = 1 if bottleneck else kernel
        self.conv1, self.bn1 = convolution(inputs, outputs, outer), norm(outputs)
        if bottleneck:
            self.conv2, self.bn2 = convolution(outputs, outputs, kernel), norm(outputs)
        self.conv3, self.bn3 = convolution(outputs, outputs, outer), norm(outputs)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if hasattr(self, "conv2"):
            x = F.relu(self.bn2(self.conv2(x)))
        return F.relu(self.bn3(self.conv3(x)))


class Down(nn.Module):
    def __init__(self, inputs, outputs, *kernel):
        super().__init__()
        self.skip = Convolutions(inputs, outputs, *kernel)
        self.shortcut, self.bn = convolution(inputs, outputs, 1, 2), norm(outputs)

    def forward(self, x):
        skip = self.skip(x)
        return F.max_pool2d(skip, 2) + self.bn(self.shortcut(x)), skip


class Transposed(nn.ConvTranspose2d):
    def forward(self, x):
        return transposed_same(x, self.weight, 2) + self.bias[None, :, None, None]


class Up(nn.Module):
    def __init__(self, inputs, outputs, *kernel):
        super().__init__()
        self.up = glorot(Transposed(inputs, outputs, 3, 2))
        self.residual = Convolutions(outputs, outputs, *kernel)
        self.mix = Convolutions(2 * outputs, outputs, *kernel)

    def forward(self, x, skip):
        x = self.up(x)
        x = self.residual(x) + x
        return self.mix(torch.cat((x, skip), 1))


class ResUNet(nn.Module):
    def __init__(self, width, depth, classes, kernel=3, bottleneck=False):
        super().__init__()
        widths = [1] + [width << i for i in range(depth + 1)]
        for i in range(1, depth + 1):
            self.add_module(f"down{i}", Down(widths[i - 1], widths[i], kernel,
                                              bottleneck))
        self.bottom = Convolutions(widths[depth], widths[depth + 1], kernel,
                                   bottleneck)
        for i in range(depth, 0, -1):
            self.add_module(f"up{i}", Up(widths[i + 1], widths[i], kernel, bottleneck))
        self.logits = convolution(width, classes, 1)
        self.depth = depth

    def through(self, x):
        """N C H W in, logits N C H W out."""
        skips = []
        for i in range(1, self.depth + 1):
            x, skip = self.get_submodule(f"down{i}")(x)
            skips.append(skip)
        x = self.bottom(x)
        for i in range(self.depth, 0, -1):
            x = self.get_submodule(f"up{i}")(x, skips.pop())
        return self.logits(x)

    def forward(self, x):
        """N H W C in, logits N H W C out."""
        return self.through(nchw(x)).permute(0, 2, 3, 1)


NORMS = {"conv1": "bn1", "conv2": "bn2", "conv3": "bn3", "shortcut": "bn"}


def before_norm(model):
    """The biases whose gradient is 0, since a batch-norm takes the mean away."""
    return [name for name in model.state_dict() if name.endswith(".bias")
            and name.split(".")[-2] in NORMS]
