"""layers.py - every layer, forward and backward, by torch in float64.

Of case k: k.x0.. inputs and k.y output (N H W C), k.dy a random gradient of the output,
k.dx0.. the gradients of the inputs, k.weight, k.bias, k.running_mean, k.running_var as
torch has them, k.d.NAME the gradient of a weight, k.after.NAME a statistic after the pass,
k.error.NAME the norm-wise relative error of torch's own float32 result.
"""
import numpy as np
import torch
import torch.nn.functional as F

from . import store

STATISTICS = ("running_mean", "running_var")


def nchw(x):
    """Copied: oneDNN of torch 2.15 spoils memory where 1x1 convolutions of stride 2 see
    permuted images (their weights' gradient, 2 to 4 channels, float32)."""
    return x.permute(0, 3, 1, 2).clone(memory_format=torch.contiguous_format)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def same_padding(size, kernel, stride):
    """TensorFlow's: the smallest that gives ceil(size / stride), the odd one at the end."""
    total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


def conv2d(arguments, inputs, weights):
    x = nchw(inputs[0])
    stride, padding = arguments["stride"], arguments["padding"]
    dilation, groups = arguments.get("dilation", 1), arguments.get("groups", 1)
    if padding == "same":
        reach = (arguments["kernel"] - 1) * dilation + 1
        top, bottom = same_padding(x.shape[2], reach, stride)
        left, right = same_padding(x.shape[3], reach, stride)
        x, padding = F.pad(x, (left, right, top, bottom)), 0
    elif padding == "valid":
        padding = 0
    return nhwc(F.conv2d(x, weights["weight"], weights.get("bias"), stride, padding,
                         dilation, groups))


def transposed_same(x, weight, stride):
    """The gradient of TensorFlow's SAME convolution of an image `stride` times as large:
    rows top .. top + stride h - 1 of the full result, zeros where it ends before."""
    full = F.conv_transpose2d(x, weight, stride=stride)
    height, width = stride * x.shape[2], stride * x.shape[3]
    full = F.pad(full, (0, max(width - full.shape[3], 0),
                        0, max(height - full.shape[2], 0)))
    top = max(weight.shape[2] - stride, 0) // 2
    return full[:, :, top:top + height, top:top + width]


def conv2d_transpose(arguments, inputs, weights):
    x, stride = nchw(inputs[0]), arguments["stride"]
    if arguments["padding"] == "same":
        y = transposed_same(x, weights["weight"], stride)
    else:
        y = F.conv_transpose2d(x, weights["weight"], stride=stride,
                               padding=arguments["padding"],
                               output_padding=arguments.get("output_padding", 0))
    if "bias" in weights:
        y = y + weights["bias"][None, :, None, None]
    return nhwc(y)


def linear(arguments, inputs, weights):
    return F.linear(inputs[0], weights["weight"], weights.get("bias"))


def batchnorm2d(arguments, inputs, weights, training):
    y = F.batch_norm(nchw(inputs[0]), weights["running_mean"], weights["running_var"],
                     weights["weight"], weights["bias"], training,
                     arguments["momentum"], arguments["eps"])
    return nhwc(y)


def layernorm(arguments, inputs, weights):
    x, over = inputs[0], arguments.get("over", "channels")
    affine = weights.get("weight"), weights.get("bias"), arguments["eps"]
    if over == "sample":
        return nhwc(F.layer_norm(nchw(x), nchw(x).shape[1:], *affine))
    return F.layer_norm(x, x.shape[3:], *affine)


def groupnorm(arguments, inputs, weights):
    x = nchw(inputs[0])
    return nhwc(F.group_norm(x, arguments.get("groups", x.shape[1]),
                             weights.get("weight"), weights.get("bias"),
                             arguments["eps"]))


def instancenorm2d(arguments, inputs, weights):
    """Of two samples at least: of one, torch 2.15 gives wrong gradients of the input where
    the gradient of the output is permuted (group_norm with a group a channel does not)."""
    return nhwc(F.instance_norm(nchw(inputs[0]), None, None, weights.get("weight"),
                                weights.get("bias"), eps=arguments["eps"]))


def maxpool2d(arguments, inputs, weights):
    return nhwc(F.max_pool2d(nchw(inputs[0]), arguments["kernel"], arguments["stride"],
                             arguments["padding"]))


def ncl(x):
    """N 1 L C to N C L, as Conv1d has spectra."""
    return nchw(x)[:, :, 0, :]


def conv1d(arguments, inputs, weights):
    x, stride = ncl(inputs[0]), arguments["stride"]
    dilation, padding = arguments["dilation"], arguments["padding"]
    if padding == "same":
        reach = (arguments["kernel"] - 1) * dilation + 1
        x, padding = F.pad(x, same_padding(x.shape[2], reach, stride)), 0
    y = F.conv1d(x, weights["weight"], weights.get("bias"), stride, padding, dilation,
                 arguments["groups"])
    return nhwc(y[:, :, None, :])


def maxpool1d(arguments, inputs, weights):
    y = F.max_pool1d(ncl(inputs[0]), arguments["kernel"], arguments["stride"],
                     arguments["padding"])
    return nhwc(y[:, :, None, :])


def avgpool2d(arguments, inputs, weights):
    x, kernel, stride = nchw(inputs[0]), arguments["kernel"], arguments["stride"]
    return nhwc(F.avg_pool2d(x, kernel, stride, arguments["padding"], False,
                             arguments.get("count_padding", True)))


def avgpool2d_same(arguments, inputs, weights):
    """Keras': the mean of those pixels of a window that are in the image."""
    x, kernel, stride = nchw(inputs[0]), arguments["kernel"], arguments["stride"]
    top, bottom = same_padding(x.shape[2], kernel, stride)
    left, right = same_padding(x.shape[3], kernel, stride)
    sides = (left, right, top, bottom)
    ones = F.pad(torch.ones_like(x), sides)
    return nhwc(F.avg_pool2d(F.pad(x, sides), kernel, stride)
                / F.avg_pool2d(ones, kernel, stride))


def pad(arguments, inputs, weights):
    margin = arguments.get("margin", 0)
    sides = [arguments.get(side, margin) for side in ("left", "right", "top", "bottom")]
    mode = {"zero": "constant"}.get(arguments["mode"], arguments["mode"])
    return nhwc(F.pad(nchw(inputs[0]), sides, mode))


def crop(arguments, inputs, weights):
    margin = arguments.get("margin", 0)
    sides = [arguments.get(side, margin) for side in ("left", "right", "top", "bottom")]
    return nhwc(F.pad(nchw(inputs[0]), [-side for side in sides]))


def reshape(arguments, inputs, weights):
    sizes = [1] * (3 - len(arguments["shape"])) + arguments["shape"]
    rows, columns, channels = [-1 if size == 0 else size for size in sizes]
    return nhwc(nchw(inputs[0]).reshape(-1 if 0 not in sizes else inputs[0].shape[0],
                                        channels, rows, columns))


def upsample(arguments, inputs, weights):
    aligned = {"aligned": True, "centres": False}.get(arguments.get("corners"))
    return nhwc(F.interpolate(nchw(inputs[0]), scale_factor=arguments["factor"],
                              mode=arguments["mode"], align_corners=aligned))


def flatten(arguments, inputs, weights):
    return nchw(inputs[0]).flatten(1)[:, None, None, :]


FUNCTIONS = {
    "conv2d": conv2d, "conv2d_transpose": conv2d_transpose, "linear": linear,
    "maxpool2d": maxpool2d, "upsample": upsample, "flatten": flatten,
    "avgpool2d": lambda a, x, w: (avgpool2d_same if a["padding"] == "same"
                                  else avgpool2d)(a, x, w),
    "conv1d": conv1d, "maxpool1d": maxpool1d, "layernorm": layernorm, "groupnorm": groupnorm, "instancenorm2d": instancenorm2d,
    "pad": pad, "crop": crop, "reshape": reshape,
    "slice": lambda a, x, w: x[0][..., a["from"]:a.get("to") or None],
    "depth_to_space": lambda a, x, w: nhwc(F.pixel_shuffle(nchw(x[0]), a["block"])),
    "multiply": lambda a, x, w: x[0] * x[1],
    "relu": lambda a, x, w: F.relu(x[0]),
    "sigmoid": lambda a, x, w: torch.sigmoid(x[0]),
    "tanh": lambda a, x, w: torch.tanh(x[0]),
    "leaky_relu": lambda a, x, w: F.leaky_relu(x[0], a.get("slope", 0.01)),
    "elu": lambda a, x, w: F.elu(x[0], a.get("alpha", 1.0)),
    "softplus": lambda a, x, w: F.softplus(x[0], a.get("beta", 1.0)),
    "silu": lambda a, x, w: F.silu(x[0]),
    "gelu": lambda a, x, w: F.gelu(
        x[0], approximate={"tanh": "tanh"}.get(a.get("form"), "none")),
    "prelu": lambda a, x, w: nhwc(F.prelu(nchw(x[0]), w["weight"])),
    "softmax": lambda a, x, w: torch.softmax(x[0], 3),
    "global_average_pool": lambda a, x, w: x[0].mean((1, 2), keepdim=True),
    "add": lambda a, x, w: sum(x[1:], x[0]),
    "concat": lambda a, x, w: torch.cat(x, 3),
    "dropout": lambda a, x, w: x[0].clone(),
}


def run(name, case, inputs, weights, dy, dtype):
    """Everything that one pass gives, as float64 arrays by name."""
    x = [torch.tensor(a, dtype=dtype, requires_grad=True) for a in inputs]
    w = {key: torch.tensor(a, dtype=dtype, requires_grad=key not in STATISTICS)
         for key, a in weights.items()}
    if name == "batchnorm2d":
        y = batchnorm2d(case["json"], x, w, case["training"])
    else:
        y = FUNCTIONS[name](case["json"], x, w)
    upstream = torch.tensor(dy(tuple(y.shape)), dtype=dtype)
    (y * upstream).sum().backward()
    out = {"y": y, **{f"dx{i}": a.grad for i, a in enumerate(x)}}
    out.update((f"d.{key}", a.grad) for key, a in w.items() if key not in STATISTICS)
    if case["training"]:
        out.update((f"after.{key}", a) for key, a in w.items() if key in STATISTICS)
    return {key: a.detach().double().numpy() for key, a in out.items()}, upstream


def record(cases, name, arguments, shapes, weights=None, draw=None, training=True):
    """One case. `weights` gives names and shapes; `draw` makes the inputs."""
    random = cases.random()
    normal = lambda shape: random.standard_normal(shape).astype(np.float32)  # noqa: E731
    inputs = [(draw(random, s) if draw else normal(s)).astype(np.float32)
              for s in shapes]
    values = {}
    for key, shape in (weights or {}).items():
        values[key] = normal(shape)
        if len(shape) > 1:
            values[key] /= np.float32(np.sqrt(np.prod(shape[1:])))
        elif key == "running_var" or (key == "weight" and "norm" in name):
            values[key] = random.uniform(0.5, 1.5, shape).astype(np.float32)
    upstream = {}

    def dy(shape):
        return upstream.setdefault(shape, normal(shape))

    case = {"json": arguments, "inputs": [list(s) for s in shapes], "training": training}
    exact, gradient = run(name, case, inputs, values, dy, torch.float64)
    single, _ = run(name, case, inputs, values, dy, torch.float32)
    tensors = {f"x{i}": a for i, a in enumerate(inputs)}
    tensors.update(values)
    tensors["dy"] = gradient.numpy()
    tensors.update(exact)
    tensors.update((f"error.{key}", store.error(single[key], exact[key]))
                   for key in exact)
    cases.add(case, tensors)


def make_conv2d(cases):
    def one(shape, filters, kernel, stride, padding, bias=True, **more):
        arguments = {"filters": filters, "kernel": kernel, "stride": stride,
                     "padding": padding, "bias": bias, **more}
        inputs = shape[3] // more.get("groups", 1)
        weights = {"weight": (filters, inputs, kernel, kernel)}
        if bias:
            weights["bias"] = (filters,)
        record(cases, "conv2d", arguments, [shape], weights)

    one((2, 5, 7, 3), 1, 1, 1, "same")
    one((1, 6, 5, 17), 16, 1, 1, "valid", False)
    one((2, 7, 5, 3), 3, 1, 2, "valid")
    one((1, 8, 7, 4), 6, 1, 3, 0, False)
    one((2, 7, 9, 1), 3, 3, 1, "same")
    one((2, 6, 7, 3), 17, 3, 1, "same")
    one((1, 5, 6, 17), 16, 3, 1, "valid", False)
    one((1, 4, 5, 16), 33, 3, 1, 1)
    one((3, 5, 4, 33), 1, 3, 1, "same", False)
    one((1, 5, 5, 3), 2, 3, 1, 2)
    one((2, 8, 6, 3), 5, 3, 2, "same")
    one((2, 9, 7, 3), 5, 3, 2, "same", False)
    one((2, 9, 8, 3), 4, 3, 2, 1)
    one((1, 10, 11, 2), 3, 3, 3, "same")
    one((1, 11, 8, 2), 3, 3, 3, "valid")
    one((2, 7, 8, 3), 4, 5, 1, "same")
    one((1, 10, 9, 2), 3, 5, 2, "same", False)
    one((1, 6, 9, 3), 2, 5, 1, "valid")
    one((1, 9, 11, 3), 4, 7, 1, "same")
    one((1, 4, 5, 2), 3, 7, 1, "same")
    one((1, 15, 14, 3), 8, 7, 2, 3, False)
    one((1, 12, 13, 1), 2, 7, 3, "same")
    one((2, 5, 6, 3), 3, 2, 1, "same")
    one((2, 6, 7, 3), 4, 2, 2, "valid")
    one((1, 7, 7, 2), 3, 2, 2, "same", False)
    one((1, 8, 7, 3), 4, 4, 2, 1)
    one((1, 7, 6, 3), 2, 4, 1, "same")
    one((1, 9, 9, 1), 3, 6, 1, "valid")
    one((1, 33, 18, 1), 2, 3, 1, "same")
    one((1, 1, 1, 5), 4, 3, 1, "same")
    for shape, filters, kernel, stride, padding, dilation, groups in [
            ((2, 9, 8, 3), 5, 3, 1, "same", 2, 1),
            ((1, 12, 13, 17), 4, 3, 1, "same", 4, 1),
            ((1, 11, 12, 5), 6, 3, 2, "same", 2, 1),
            ((2, 13, 12, 6), 4, 3, 2, 3, 3, 1), ((1, 15, 14, 4), 3, 3, 3, 2, 2, 1),
            ((1, 14, 15, 2), 3, 5, 4, "valid", 3, 1),
            ((2, 6, 7, 6), 4, 3, 1, "same", 1, 2),
            ((1, 7, 6, 32), 24, 3, 2, "same", 1, 4), ((2, 5, 6, 6), 12, 1, 1, "same", 1, 3),
            ((1, 9, 8, 8), 4, 3, 1, "same", 2, 4),
            ((2, 6, 7, 5), 5, 3, 1, "same", 1, 5), ((1, 8, 9, 17), 17, 3, 2, "same", 1, 17),
            ((1, 9, 10, 64), 64, 3, 1, 1, 1, 64), ((2, 9, 8, 33), 33, 5, 2, 2, 1, 33),
            ((1, 12, 11, 12), 12, 3, 2, "same", 2, 12), ((1, 7, 6, 4), 8, 3, 1, "same", 1, 4)]:
        one(shape, filters, kernel, stride, padding, filters % 2 == 0, dilation=dilation,
            groups=groups)


def make_conv1d(cases):
    for points, channels, filters, kernel, stride, padding, dilation, groups in [
            (13, 3, 5, 3, 1, "same", 1, 1), (40, 1, 16, 7, 2, "same", 1, 1),
            (21, 17, 4, 4, 3, 2, 1, 1), (32, 6, 9, 5, 1, "same", 4, 3),
            (19, 12, 12, 3, 2, 1, 1, 12), (64, 2, 3, 31, 1, "valid", 2, 1),
            (5, 7, 33, 1, 1, 0, 1, 1)]:
        arguments = {"filters": filters, "kernel": kernel, "stride": stride,
                     "padding": padding, "dilation": dilation, "groups": groups,
                     "bias": filters % 2 == 1}
        if padding == "valid":
            arguments["padding"] = 0
        weights = {"weight": (filters, channels // groups, kernel)}
        if arguments["bias"]:
            weights["bias"] = (filters,)
        record(cases, "conv1d", arguments, [(2, 1, points, channels)], weights)


def make_conv2d_transpose(cases):
    def one(shape, filters, kernel, stride, padding, output_padding=0, bias=True):
        arguments = {"filters": filters, "kernel": kernel, "stride": stride,
                     "padding": padding, "bias": bias}
        if output_padding:
            arguments["output_padding"] = output_padding
        weights = {"weight": (shape[3], filters, kernel, kernel)}
        if bias:
            weights["bias"] = (filters,)
        record(cases, "conv2d_transpose", arguments, [shape], weights)

    one((2, 3, 4, 3), 5, 3, 2, "same")
    one((1, 5, 3, 17), 4, 3, 2, "same", bias=False)
    one((1, 4, 4, 4), 16, 3, 2, 1, 1)
    one((2, 4, 3, 3), 2, 3, 2, 1)
    one((1, 3, 5, 3), 4, 3, 2, 0)
    one((1, 4, 5, 3), 3, 3, 1, "same")
    one((1, 4, 5, 3), 2, 3, 1, 1, bias=False)
    one((2, 3, 3, 5), 3, 2, 2, "same")
    one((1, 4, 3, 16), 17, 2, 2, 0)
    one((1, 3, 4, 3), 4, 4, 2, "same")
    one((1, 3, 4, 3), 4, 4, 2, 1)
    one((1, 3, 3, 2), 3, 3, 3, "same")
    one((1, 4, 3, 2), 3, 5, 3, "same", bias=False)
    one((1, 3, 4, 2), 3, 5, 3, 1, 2)
    one((1, 4, 3, 2), 2, 1, 2, "same")
    one((1, 1, 1, 3), 2, 3, 2, "same")


def make_linear(cases):
    for n, c, units, bias in [(1, 1, 1, True), (3, 5, 7, True), (2, 16, 33, False),
                                (5, 33, 17, True), (4, 100, 3, True)]:
        weights = {"weight": (units, c)}
        if bias:
            weights["bias"] = (units,)
        record(cases, "linear", {"units": units, "bias": bias}, [(n, 1, 1, c)],
               weights)


def far(random, shape):
    """Means of some standard deviations, another for each channel."""
    c = shape[3]
    return random.standard_normal(shape) * random.uniform(0.1, 2, c) \
        + random.uniform(-8, 8, c)


def offset(random, shape):
    """Far from 0 by twenty standard deviations."""
    return random.standard_normal(shape) + 20


def make_batchnorm2d(cases):
    for shape, eps, momentum, training, draw in [
            ((2, 3, 5, 3), 1e-5, 0.1, True, None),
            ((4, 7, 5, 17), 1e-3, 0.01, True, far),
            ((1, 6, 7, 1), 1e-5, 0.1, True, far),
            ((3, 9, 11, 16), 1e-3, 0.1, True, None),
            ((8, 1, 1, 5), 1e-5, 0.01, True, far),
            ((2, 3, 5, 3), 1e-5, 0.1, False, None),
            ((4, 7, 5, 17), 1e-3, 0.01, False, far)]:
        weights = {key: (shape[3],) for key in ("weight", "bias") + STATISTICS}
        record(cases, "batchnorm2d", {"eps": eps, "momentum": momentum}, [shape],
               weights, draw, training)


def make_norm(name, shapes):
    def make_cases(cases):
        for shape, more, eps, affine, draw in shapes:
            each = (shape[3], *shape[1:3]) if more.get("over") == "sample" else (shape[3],)
            weights = {"weight": each, "bias": each} if affine else {}
            record(cases, name, {"eps": eps, "affine": affine, **more}, [shape],
                   weights, draw)
    return make_cases


make_layernorm = make_norm("layernorm", [
    ((2, 3, 5, 3), {}, 1e-5, True, None), ((1, 7, 5, 17), {}, 1e-3, True, far),
    ((3, 1, 1, 33), {}, 1e-5, True, offset), ((2, 3, 4, 96), {}, 1e-6, False, None),
    ((1, 2, 2, 8), {}, 1e-5, False, offset),
    ((2, 3, 5, 4), {"over": "sample"}, 1e-5, True, None),
    ((3, 4, 3, 17), {"over": "sample"}, 1e-3, True, far),
    ((3, 4, 2, 33), {"over": "sample"}, 1e-5, False, offset)])
make_groupnorm = make_norm("groupnorm", [
    ((2, 3, 5, 6), {"groups": 2}, 1e-5, True, None),
    ((1, 7, 5, 18), {"groups": 3}, 1e-3, True, far),
    ((3, 4, 6, 33), {"groups": 1}, 1e-5, True, offset),
    ((2, 3, 4, 8), {"groups": 8}, 1e-5, False, None),
    ((3, 1, 1, 12), {"groups": 4}, 1e-5, True, None)])
make_instancenorm2d = make_norm("instancenorm2d", [
    ((2, 3, 5, 3), {}, 1e-5, False, None), ((2, 7, 5, 17), {}, 1e-3, True, far),
    ((3, 9, 11, 8), {}, 1e-5, True, offset)])


def edges(random, shape):
    """Zeros, which have a rule, and values where functions go flat."""
    x = random.standard_normal(shape) * 4
    x.flat[::5] = 0
    x.flat[3::11] = 40
    x.flat[4::13] = -40
    return x


def make_pointwise(*all_arguments):
    def make_cases(cases):
        for arguments in all_arguments or [{}]:
            for shape in [(2, 3, 5, 3), (1, 7, 5, 17), (3, 1, 1, 33), (1, 2, 2, 1)]:
                record(cases, cases.name, arguments, [shape], draw=edges)
    return make_cases


def make_prelu(cases):
    for shape, shared in [((2, 3, 5, 3), False), ((1, 7, 5, 17), False),
                          ((2, 3, 5, 3), True), ((3, 1, 1, 5), True)]:
        record(cases, "prelu", {"shared": shared}, [shape],
               {"weight": (1 if shared else shape[3],)}, draw=edges)


def make_softmax(cases):
    def large(random, shape):
        return random.standard_normal(shape) * 30

    for shape, draw in [((2, 3, 5, 3), None), ((1, 4, 5, 17), None), ((3, 1, 1, 33), None),
                        ((2, 3, 3, 1), None), ((2, 3, 4, 6), large)]:
        record(cases, "softmax", {}, [shape], draw=draw)


def make_maxpool2d(cases):
    def ties(random, shape):
        """Many equal values: the first in row order gets the gradient."""
        return np.maximum(random.integers(-2, 2, shape), 0)

    for shape, kernel, stride, padding, draw in [
            ((2, 6, 8, 3), 2, 2, 0, None), ((1, 7, 5, 17), 2, 2, 0, None),
            ((2, 8, 9, 3), 3, 2, 1, None), ((1, 7, 6, 5), 3, 2, 1, None),
            ((1, 7, 9, 2), 3, 3, 0, None), ((1, 6, 5, 3), 3, 1, 1, None),
            ((2, 6, 8, 3), 2, 2, 0, ties), ((1, 9, 8, 16), 3, 2, 1, ties),
            ((1, 5, 6, 3), 2, 1, 0, ties)]:
        record(cases, "maxpool2d",
               {"kernel": kernel, "stride": stride, "padding": padding}, [shape],
               draw=draw)


def make_maxpool1d(cases):
    for points, channels, kernel, stride, padding in [
            (12, 3, 2, 2, 0), (13, 17, 3, 2, 1), (9, 4, 5, 1, 2), (300, 1, 200, 50, 100)]:
        record(cases, "maxpool1d",
               {"kernel": kernel, "stride": stride, "padding": padding},
               [(2, 1, points, channels)])


def make_avgpool2d(cases):
    for shape, kernel, stride, padding, count in [
            ((2, 6, 8, 3), 2, 2, 0, True), ((1, 7, 5, 17), 3, 2, 0, True),
            ((2, 8, 9, 3), 3, 2, 1, True), ((1, 7, 6, 5), 3, 2, 1, False),
            ((1, 6, 5, 3), 3, 1, 1, False), ((2, 7, 6, 3), 4, 3, 2, True),
            ((2, 7, 6, 3), 3, 2, "same", False), ((1, 5, 5, 2), 4, 1, "same", False)]:
        record(cases, "avgpool2d", {"kernel": kernel, "stride": stride,
                                    "padding": padding, "count_padding": count}, [shape])


def make_pad(cases):
    for mode in ("zero", "reflect", "replicate"):
        record(cases, "pad", {"margin": 2, "mode": mode}, [(2, 3, 5, 3)])
        record(cases, "pad", {"top": 1, "bottom": 3, "left": 0, "right": 2,
                              "mode": mode}, [(1, 4, 6, 17)])
    record(cases, "pad", {"margin": 6, "mode": "replicate"}, [(1, 2, 3, 2)])


def make_crop(cases):
    record(cases, "crop", {"margin": 1}, [(2, 3, 5, 3)])
    record(cases, "crop", {"margin": 2, "top": 0, "right": 1}, [(1, 5, 6, 17)])
    record(cases, "crop", {"bottom": 2}, [(1, 3, 1, 2)])


def make_reshape(cases):
    for shape, sizes in [((2, 1, 1, 24), [2, 3, 4]), ((1, 4, 6, 3), [3, 0, 2]),
                         ((2, 4, 6, 3), [8, 9]), ((3, 2, 5, 17), [170])]:
        record(cases, "reshape", {"shape": sizes}, [shape])


def make_slice(cases):
    for shape, first, to in [((2, 3, 5, 3), 1, 2), ((1, 4, 3, 17), 0, 16),
                             ((1, 4, 3, 17), 3, 0)]:
        record(cases, "slice", {"from": first, "to": to}, [shape])


def make_upsample(cases):
    for shape, factor, mode, corners in [
            ((2, 3, 5, 3), 2, "nearest", None), ((1, 4, 3, 17), 3, "nearest", None),
            ((2, 3, 5, 3), 2, "bilinear", "centres"),
            ((1, 4, 3, 17), 2, "bilinear", "aligned"),
            ((1, 5, 4, 2), 3, "bilinear", "centres"),
            ((1, 5, 4, 2), 3, "bilinear", "aligned"),
            ((1, 1, 3, 2), 2, "bilinear", "aligned"),
            ((1, 1, 3, 2), 2, "bilinear", "centres")]:
        arguments = {"factor": factor, "mode": mode}
        if corners:
            arguments["corners"] = corners
        record(cases, "upsample", arguments, [shape])


def make_plain(shape_lists, arguments=None, training=True):
    def make_cases(cases):
        for shapes in shape_lists:
            record(cases, cases.name, arguments or {}, shapes, training=training)
    return make_cases


LAYERS = {
    "conv2d": make_conv2d, "conv2d_transpose": make_conv2d_transpose,
    "linear": make_linear, "batchnorm2d": make_batchnorm2d, "relu": make_pointwise(),
    "sigmoid": make_pointwise(), "tanh": make_pointwise(), "silu": make_pointwise(),
    "leaky_relu": make_pointwise({}, {"slope": 0.3}),
    "elu": make_pointwise({}, {"alpha": 0.5}),
    "softplus": make_pointwise({}, {"beta": 3}),
    "gelu": make_pointwise({}, {"form": "tanh"}), "prelu": make_prelu,
    "softmax": make_softmax, "maxpool2d": make_maxpool2d,
    "upsample": make_upsample, "avgpool2d": make_avgpool2d, "pad": make_pad,
    "crop": make_crop, "reshape": make_reshape, "slice": make_slice,
    "multiply": make_plain([[(2, 3, 5, 3)] * 2, [(2, 3, 5, 3), (2, 1, 1, 3)],
                            [(2, 3, 5, 3), (2, 3, 5, 1)], [(1, 4, 3, 17)] * 2,
                            [(1, 4, 3, 17), (1, 1, 1, 17)],
                            [(1, 4, 3, 17), (1, 4, 3, 1)]]),
    "depth_to_space": lambda cases: [
        record(cases, "depth_to_space", {"block": block}, [shape])
        for block, shape in [(2, (2, 3, 5, 4)), (3, (1, 4, 2, 18)), (1, (1, 2, 3, 5))]],
    "conv1d": make_conv1d, "maxpool1d": make_maxpool1d, "layernorm": make_layernorm, "groupnorm": make_groupnorm,
    "instancenorm2d": make_instancenorm2d,
    "global_average_pool": make_plain(
        [[(2, 3, 5, 3)], [(1, 7, 8, 17)], [(3, 1, 1, 4)], [(1, 16, 33, 2)]]),
    "add": make_plain([[(2, 3, 5, 3)] * 2, [(1, 4, 3, 17)] * 3]),
    "concat": make_plain([[(2, 3, 5, 3), (2, 3, 5, 4)],
                          [(1, 4, 3, 17), (1, 4, 3, 1), (1, 4, 3, 16)]]),
    "dropout": make_plain([[(2, 3, 5, 3)]], {"rate": 0.3}, training=False),
    "flatten": make_plain([[(2, 3, 5, 3)], [(1, 4, 4, 17)], [(3, 1, 1, 6)]]),
}


def make(folder):
    for name, make_cases in LAYERS.items():
        cases = store.Cases(name)
        make_cases(cases)
        yield cases.write(folder / "layers" / f"{name}.safetensors", __doc__)
