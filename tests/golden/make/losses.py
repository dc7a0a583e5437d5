"""losses.py - the losses by torch in float64.

Of case k: k.x0 the logits (N H W C), k.x1 what is true: classes (N H W 1) or
probabilities (N H W C), k.y the loss, k.dx0 its gradient by the logits, k.error.NAME the
norm-wise relative error of torch's own float32 result.

cross_entropy is torch's: the mean of w[t] (-ln p[t]) over pixels that are not ignored,
divided by the mean of w[t]; with probabilities t, the mean over pixels of
sum_c w[c] t[c] (-ln p[c]). dice is 1 - the mean over classes (and images, where `scope` is
"image") of (2 sum p t + smooth) / (sum p + sum t + smooth), the sums over pixels that are
not ignored.
"""
import numpy as np
import torch
import torch.nn.functional as F

from . import store


def cross_entropy(a, logits, truth):
    z = logits.permute(0, 3, 1, 2)
    weights = a.get("class_weights")
    if weights is not None:
        weights = torch.tensor(weights, dtype=logits.dtype)
    if truth.shape[3] == 1:
        return F.cross_entropy(z, truth[..., 0].long(), weights,
                               ignore_index=a.get("ignore", -100))
    return F.cross_entropy(z, truth.permute(0, 3, 1, 2), weights)


def dice(a, logits, truth):
    p = torch.softmax(logits, 3)
    if truth.shape[3] == 1:
        labels = truth[..., 0].long()
        kept = labels != a.get("ignore", -1)
        t = F.one_hot(torch.where(kept, labels, 0), p.shape[3]).to(p.dtype)
        p, t = p * kept[..., None], t * kept[..., None]
    else:
        t = truth
    if not a.get("background", True):
        p, t = p[..., 1:], t[..., 1:]
    over = (1, 2) if a.get("scope", "batch") == "image" else (0, 1, 2)
    smooth = a.get("smooth", 1.0)
    ratio = (2 * (p * t).sum(over) + smooth) / (p.sum(over) + t.sum(over) + smooth)
    return 1 - ratio.mean()


def dice_cross_entropy(a, logits, truth):
    return a.get("dice_weight", 1.0) * dice(a, logits, truth) \
        + a.get("cross_entropy_weight", 1.0) * cross_entropy(a, logits, truth)


FUNCTIONS = {f.__name__: f for f in (cross_entropy, dice, dice_cross_entropy)}


def run(name, arguments, logits, truth, dtype):
    x = torch.tensor(logits, dtype=dtype, requires_grad=True)
    y = FUNCTIONS[name](arguments, x, torch.tensor(truth, dtype=dtype))
    y.backward()
    return {"y": y.detach().double().numpy().reshape(1),
            "dx0": x.grad.double().numpy()}


def record(cases, arguments, shape, scale=1.0, probabilities=False, ignored=0.2,
           missing=None):
    """`missing` is a class that no pixel has."""
    random = cases.random()
    logits = (scale * random.standard_normal(shape)).astype(np.float32)
    if probabilities:
        truth = random.dirichlet(np.full(shape[3], 0.5), shape[:3])
        if probabilities == "one-hot":
            truth = np.eye(shape[3])[truth.argmax(3)]
    else:
        truth = random.integers(0, shape[3], shape[:3] + (1,))
        if missing is not None:
            truth[truth == missing] = 0
        if "ignore" in arguments:
            truth[random.random(truth.shape) < ignored] = arguments["ignore"]
    truth = truth.astype(np.float32)
    exact = run(cases.name, arguments, logits, truth, torch.float64)
    single = run(cases.name, arguments, logits, truth, torch.float32)
    tensors = {"x0": logits, "x1": truth, **exact}
    tensors.update((f"error.{key}", store.error(single[key], exact[key]))
                   for key in exact)
    cases.add({"json": arguments, "inputs": [list(shape), list(truth.shape)],
               "training": True}, tensors)


def make_cross_entropy(cases):
    record(cases, {}, (2, 5, 7, 3))
    record(cases, {}, (6, 1, 1, 5), scale=20)
    record(cases, {"ignore": 255}, (2, 5, 7, 3))
    record(cases, {"ignore": -1}, (2, 4, 4, 6))
    record(cases, {"class_weights": [0.5, 1.0, 3.0]}, (2, 5, 7, 3))
    record(cases, {"class_weights": [0.2, 1.5, 2.5, 0.0], "ignore": 255}, (3, 6, 5, 4))
    record(cases, {}, (2, 5, 7, 3), probabilities="one-hot")
    record(cases, {}, (2, 5, 7, 17), probabilities="any")
    record(cases, {"class_weights": [0.5, 1.0, 3.0]}, (2, 5, 7, 3), probabilities="any")
    record(cases, {}, (4, 1, 1, 2))


def make_dice(cases):
    for smooth in (1.0, 0.0, 1e-7):
        record(cases, {"smooth": smooth}, (2, 5, 7, 3))
        record(cases, {"smooth": smooth, "scope": "image"}, (3, 5, 7, 3))
    record(cases, {"smooth": 1.0, "background": False}, (2, 5, 7, 3))
    record(cases, {"smooth": 1.0, "scope": "image", "background": False}, (2, 5, 7, 4))
    record(cases, {"smooth": 1.0, "ignore": 255}, (2, 5, 7, 3))
    record(cases, {"smooth": 1.0, "scope": "image", "ignore": 255}, (4, 5, 7, 3))
    record(cases, {"smooth": 1e-7, "ignore": -1, "background": False}, (2, 6, 5, 6))
    record(cases, {"smooth": 1.0}, (2, 5, 7, 4), missing=2)
    record(cases, {"smooth": 1.0}, (2, 8, 9, 3), scale=10)
    record(cases, {"smooth": 1.0}, (2, 5, 7, 3), probabilities="one-hot")
    record(cases, {"smooth": 1.0, "scope": "image"}, (2, 5, 7, 3), probabilities="any")


def make_dice_cross_entropy(cases):
    record(cases, {}, (2, 5, 7, 3))
    record(cases, {"ignore": 255}, (4, 5, 7, 3))
    record(cases, {"smooth": 1.0, "scope": "image", "background": False}, (2, 5, 7, 4))
    record(cases, {"smooth": 1e-7, "class_weights": [0.5, 1.0, 3.0]}, (2, 5, 7, 3))
    record(cases, {}, (2, 5, 7, 3), probabilities="any")


LOSSES = {"cross_entropy": make_cross_entropy, "dice": make_dice,
          "dice_cross_entropy": make_dice_cross_entropy}


def make(folder):
    for name, make_cases in LOSSES.items():
        cases = store.Cases(name)
        make_cases(cases)
        yield cases.write(folder / "losses" / f"{name}.safetensors", __doc__)
