"""wired.py - networks that torchvision lacks, wired in torch from their papers, with the
weights' names of nets/NAME.json: Net.values makes each weight up from its name."""
import torch
import torch.nn.functional as F

from . import nets, philox


class Net:
    def __init__(self, dtype):
        self.dtype, self.parameters = dtype, 0

    def value(self, name, shape):
        if "running" not in name:
            self.parameters += torch.Size(shape).numel()
        a = philox.uniform(name, shape, *nets.limits(name, shape))
        return torch.tensor(a, dtype=self.dtype)

    def conv(self, x, name, filters, kernel=3, dilation=1, padding="same", stride=1,
             bias=True):
        weight = self.value(name + ".weight", (filters, x.shape[1], kernel, kernel))
        shift = self.value(name + ".bias", (filters,)) if bias else None
        return F.conv2d(x, weight, shift, stride, padding, dilation)

    def linear(self, x, name, units):
        weight = self.value(name + ".weight", (units, x.shape[1]))
        return F.linear(x, weight, self.value(name + ".bias", (units,)))

    def norm(self, x, name):
        w = {key: self.value(f"{name}.{key}", (x.shape[1],))
             for key in ("weight", "bias", "running_mean", "running_var")}
        return F.batch_norm(x, w["running_mean"], w["running_var"], w["weight"],
                            w["bias"])

    def up(self, x, name, filters):
        weight = self.value(name + ".weight", (x.shape[1], filters, 2, 2))
        return F.conv_transpose2d(x, weight, self.value(name + ".bias", (filters,)), 2)

    def twice(self, x, name, filters, norm=True):
        for k in (1, 2):
            x = self.conv(x, f"{name}.conv{k}", filters)
            x = F.relu(self.norm(x, f"{name}.bn{k}") if norm else x)
        return x


def enlarged(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)


def atom_localizer(net, x):
    first = net.twice(x, "down1", 64)
    second = net.twice(F.max_pool2d(first, 2), "down2", 128)
    x = net.twice(F.max_pool2d(second, 2), "bottom", 256)
    for name, skip in (("up2", second), ("up1", first)):
        filters = skip.shape[1]
        x = net.norm(net.conv(enlarged(x), name + ".conv", filters, 1), name + ".bn")
        x = net.norm(torch.cat((skip, x), 1), name + ".bn_both")
        x = net.twice(x, name + ".mix", filters)
    return net.norm(F.relu(net.conv(x, "score", 1, 1)), "logits")


def unet(net, x, batch_norm=False):
    skips = []
    for i in range(4):
        x = net.twice(x, f"down{i + 1}", 64 << i, batch_norm)
        skips.append(x)
        x = F.max_pool2d(x, 2)
    x = net.twice(x, "bottom", 1024, batch_norm)
    for i in (3, 2, 1, 0):
        x = torch.cat((skips[i], net.up(x, f"up{i + 1}", 64 << i)), 1)
        x = net.twice(x, f"mix{i + 1}", 64 << i, batch_norm)
    return net.conv(x, "logits", 2, 1)


def unetpp(net, x):
    row = {}
    for i in range(5):
        x = net.twice(F.max_pool2d(x, 2) if i else x, f"x{i}_0", 32 << i)
        row[i] = [x]
    for j in range(1, 5):
        for i in range(5 - j):
            x = torch.cat(row[i][:j] + [enlarged(row[i + 1][j - 1])], 1)
            row[i].append(net.twice(x, f"x{i}_{j}", 32 << i))
    return net.conv(row[0][4], "logits", 2, 1)


def attention_unet(net, x):
    skips = []
    for i in range(4):
        x = net.twice(x, f"down{i + 1}", 64 << i)
        skips.append(x)
        x = F.max_pool2d(x, 2)
    x = net.twice(x, "bottom", 1024)
    for i in (3, 2, 1, 0):
        skip, half, gate = skips[i], 32 << i, f"gate{i + 1}."
        x = net.up(x, f"up{i + 1}", 64 << i)
        both = net.norm(net.conv(skip, gate + "skip", half, 1), gate + "skip_bn") \
            + net.norm(net.conv(x, gate + "below", half, 1), gate + "below_bn")
        psi = net.norm(net.conv(F.relu(both), gate + "psi", 1, 1), gate + "psi_bn")
        x = torch.cat((skip * torch.sigmoid(psi), x), 1)
        x = net.twice(x, f"mix{i + 1}", 64 << i)
    return net.conv(x, "logits", 2, 1)


def denoiser(net, x):
    y = x
    for k, dilation in enumerate((1, 2, 3, 4, 3, 2), 1):
        y = net.conv(y, f"conv{k}", 64, 3, dilation)
        y = F.relu(net.norm(y, f"bn{k}"))
    return x + net.conv(y, "noise", 1)


def lenet5(net, x):
    x = F.max_pool2d(F.relu(net.conv(x, "conv1", 6, 5)), 2)
    x = F.max_pool2d(F.relu(net.conv(x, "conv2", 16, 5, padding="valid")), 2).flatten(1)
    x = F.relu(net.linear(F.relu(net.linear(x, "fc1", 120)), "fc2", 84))
    return net.linear(x, "fc3", 10)[:, :, None, None]


def lenet_caffe(net, x):
    x = F.max_pool2d(net.conv(x, "conv1", 20, 5, padding="valid"), 2)
    x = F.max_pool2d(net.conv(x, "conv2", 50, 5, padding="valid"), 2).flatten(1)
    return net.linear(F.relu(net.linear(x, "fc1", 500)), "fc2", 10)[:, :, None, None]


def resnet20(net, x):
    def convolution(x, name, filters, stride=1, kernel=3):
        return net.conv(x, name, filters, kernel, 1, kernel // 2, stride, bias=False)

    x = F.relu(net.norm(convolution(x, "conv1", 16), "bn1"))
    for layer in (1, 2, 3):
        for block in range(3):
            at, filters = f"layer{layer}.{block}.", 8 << layer
            stride = 2 if layer > 1 and block == 0 else 1
            y = net.norm(convolution(x, at + "conv1", filters, stride), at + "bn1")
            y = net.norm(convolution(F.relu(y), at + "conv2", filters), at + "bn2")
            if stride == 2:
                x = convolution(x, at + "shortcut", filters, 2, 1)
            x = F.relu(x + y)
    return net.linear(x.mean((2, 3)), "linear", 10)[:, :, None, None]


def mlp(net, x):
    x = F.relu(net.linear(x.flatten(1), "fc1", 100))
    return net.linear(x, "logits", 5)[:, :, None, None]


def defect_cnn(net, x):
    for k in range(3):
        x = net.conv(x, f"conv{k + 1}", 16 << k, 6, padding="valid")
        x = F.max_pool2d(F.relu(x), 2)
    return net.linear(x.mean((2, 3)), "logits", 6)[:, :, None, None]


def defect_fcn(net, x):
    for k, filters in enumerate((20, 40, 40, 20), 1):
        x = F.relu(net.conv(x, f"conv{k}", filters))
        x = F.max_pool2d(x, 2) if k < 3 else F.interpolate(x, scale_factor=2)
    return net.conv(net.conv(x, "conv5", 2), "logits", 2, 1)


def fft_dcnn(net, x):
    for k, filters in enumerate((32, 32, 64), 1):
        x = F.relu(net.conv(x, f"conv{k}", filters))
    x = F.relu(net.linear(F.avg_pool2d(x, 4).flatten(1), "fc", 128))
    return net.linear(x, "logits", 6)[:, :, None, None]


IMAGES = {atom_localizer: (1, 32, 32, 1), unet: (1, 32, 32, 1), unetpp: (1, 32, 32, 1),
          attention_unet: (1, 32, 32, 1), denoiser: (1, 40, 40, 1),
          lenet5: (2, 28, 28, 1), lenet_caffe: (2, 28, 28, 1), resnet20: (2, 32, 32, 3),
          mlp: (2, 1, 1, 512), defect_cnn: (2, 64, 64, 1), defect_fcn: (1, 32, 32, 1),
          fft_dcnn: (2, 64, 64, 1)}
