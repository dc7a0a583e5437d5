"""losses.py - the losses by torch in float64.

Of case k: k.x0 the logits (N H W C), k.x1 what is true: classes (N H W 1) or
probabilities (N H W C), k.y the loss, k.dx0 its gradient by the logits, k.error.NAME the
norm-wise relative error of torch's own float32 result.

cross_entropy is torch's: the mean of w[t] (-ln p[t]) over pixels that are not ignored,
divided by the mean of w[t]; with probabilities t, the mean over pixels of
sum_c w[c] t[c] (-ln p[c]). dice is 1 - the mean over classes (and images, where `scope` is
"image") of (2 sum p t + smooth) / (sum p + sum t + smooth), the sums over pixels that are
not ignored; tversky likewise with (sum p t + smooth) / (sum p t + alpha sum p (1 - t) +
beta sum (1 - p) t + smooth). focal is cross_entropy with (1 - p)^gamma before each
logarithm. mse, l1, huber and bce_with_logits are torch's, their means over the numbers that
count: with classes as truth, those are one-hot and ignored pixels are left out; else a truth
that is not finite (for bce_with_logits: outside of 0 .. 1) is. kl_divergence is torch's
F.kl_div of log_softmax, divided by the pixels; kl_normal torch.distributions' divergence of
N(x[:C], e^x[C:]) from N(0, 1), a sum over a sample and a mean over samples.
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
                               ignore_index=a.get("ignore", -100),
                               label_smoothing=a.get("label_smoothing", 0.0))
    return F.cross_entropy(z, truth.permute(0, 3, 1, 2), weights,
                           label_smoothing=a.get("label_smoothing", 0.0))


def overlapping(a, logits, truth):
    """p, t with zeros where a pixel does not count, and the axes of a sum."""
    p = torch.softmax(logits, 3)
    if truth.shape[3] == 1:
        labels = truth[..., 0].long()
        kept = labels != a.get("ignore", -1)
        t = F.one_hot(torch.where(kept, labels, 0), p.shape[3]).to(p.dtype)
        p, t, kept = p * kept[..., None], t * kept[..., None], kept[..., None]
    else:
        t, kept = truth, 1
    first = 0 if a.get("background", True) else 1
    over = (1, 2) if a.get("scope", "batch") == "image" else (0, 1, 2)
    return p[..., first:], t[..., first:], kept, over


def dice(a, logits, truth):
    p, t, _, over = overlapping(a, logits, truth)
    smooth = a.get("smooth", 1.0)
    ratio = (2 * (p * t).sum(over) + smooth) / (p.sum(over) + t.sum(over) + smooth)
    return 1 - ratio.mean()


def tversky(a, logits, truth):
    p, t, kept, over = overlapping(a, logits, truth)
    smooth, overlap = a.get("smooth", 1.0), (p * t).sum(over)
    below = overlap + a.get("alpha", 0.3) * (p * (1 - t) * kept).sum(over) \
        + a.get("beta", 0.7) * ((1 - p) * t * kept).sum(over)
    return 1 - ((overlap + smooth) / (below + smooth)).mean()


def focal(a, logits, truth):
    classes = logits.shape[3]
    log_p = torch.log_softmax(logits, 3)
    t = truth
    if truth.shape[3] == 1:
        labels = truth[..., 0].long()
        kept = labels != a.get("ignore", -1)
        t = F.one_hot(torch.where(kept, labels, 0), classes) * kept[..., None]
    weights = torch.tensor(a.get("class_weights", [1.0] * classes), dtype=logits.dtype)
    shares = weights * t
    sums = (shares * (1 - log_p.exp()) ** a.get("gamma", 2.0) * -log_p).sum()
    return sums / (shares.sum() if truth.shape[3] == 1 else logits[..., 0].numel())


def numbers(a, logits, truth, least=-3.4e38, most=3.4e38):
    """Channels last: predictions and truths that count."""
    if truth.shape == logits.shape:
        kept = (truth >= least) & (truth <= most)
        return logits[kept], truth[kept]
    labels = truth[..., 0].long()
    kept = labels != a.get("ignore", -1)
    return logits[kept], F.one_hot(labels[kept], logits.shape[3]).to(logits.dtype)


def mse(a, logits, truth):
    return F.mse_loss(*numbers(a, logits, truth))


def l1(a, logits, truth):
    return F.l1_loss(*numbers(a, logits, truth))


def huber(a, logits, truth):
    return F.huber_loss(*numbers(a, logits, truth), delta=a.get("delta", 1.0))


def bce_with_logits(a, logits, truth):
    weights = a.get("positive_weights")
    if weights is not None:
        weights = torch.tensor(weights, dtype=logits.dtype)
        if truth.shape == logits.shape and len(weights) > 1:
            assert bool(((truth >= 0) & (truth <= 1)).all())
            return F.binary_cross_entropy_with_logits(logits, truth, pos_weight=weights)
    return F.binary_cross_entropy_with_logits(*numbers(a, logits, truth, 0, 1),
                                              pos_weight=weights)


def kl_divergence(a, logits, truth):
    if truth.shape[3] == 1:
        return cross_entropy(a, logits, truth)
    return F.kl_div(torch.log_softmax(logits, 3), truth, reduction="sum") \
        / logits[..., 0].numel()


def kl_normal(a, x):
    half = x.shape[3] // 2
    normal = torch.distributions.Normal(x[..., :half], (x[..., half:] / 2).exp())
    standard = torch.distributions.Normal(torch.zeros_like(normal.mean), 1.0)
    return torch.distributions.kl_divergence(normal, standard).sum() / x.shape[0]


def dice_cross_entropy(a, logits, truth):
    return a.get("dice_weight", 1.0) * dice(a, logits, truth) \
        + a.get("cross_entropy_weight", 1.0) * cross_entropy(a, logits, truth)


FUNCTIONS = {f.__name__: f for f in (
    cross_entropy, dice, dice_cross_entropy, tversky, focal, mse, l1, huber,
    bce_with_logits, kl_divergence, kl_normal)}


def run(name, arguments, inputs, dtype):
    x = torch.tensor(inputs[0], dtype=dtype, requires_grad=True)
    y = FUNCTIONS[name](arguments, x, *(torch.tensor(t, dtype=dtype)
                                        for t in inputs[1:]))
    y.backward()
    return {"y": y.detach().double().numpy().reshape(1),
            "dx0": x.grad.double().numpy()}


def record(cases, arguments, shape, scale=1.0, probabilities=False, ignored=0.2,
           missing=None, truth=None):
    """`missing` is a class that no pixel has; `truth` draws numbers, or is False."""
    random = cases.random()
    logits = (scale * random.standard_normal(shape)).astype(np.float32)
    if truth is not None:
        truth = truth and truth(random, shape)
    elif probabilities:
        truth = random.dirichlet(np.full(shape[3], 0.5), shape[:3])
        if probabilities == "one-hot":
            truth = np.eye(shape[3])[truth.argmax(3)]
    else:
        truth = random.integers(0, shape[3], shape[:3] + (1,))
        if missing is not None:
            truth[truth == missing] = 0
        if "ignore" in arguments:
            truth[random.random(truth.shape) < ignored] = arguments["ignore"]
    inputs = [logits] if truth is False else [logits, truth.astype(np.float32)]
    exact = run(cases.name, arguments, inputs, torch.float64)
    single = run(cases.name, arguments, inputs, torch.float32)
    tensors = {**{f"x{i}": x for i, x in enumerate(inputs)}, **exact}
    tensors.update((f"error.{key}", store.error(single[key], exact[key]))
                   for key in exact)
    cases.add({"json": arguments, "inputs": [list(x.shape) for x in inputs],
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
    record(cases, {"label_smoothing": 0.1}, (2, 5, 7, 3))
    record(cases, {"label_smoothing": 0.3, "class_weights": [0.2, 1.5, 2.5, 0.0],
                   "ignore": 255}, (3, 6, 5, 4))
    record(cases, {"label_smoothing": 0.1}, (2, 5, 7, 3), probabilities="any")


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


def make_tversky(cases):
    record(cases, {}, (2, 5, 7, 3))
    record(cases, {"alpha": 0.5, "beta": 0.5, "smooth": 0.5}, (2, 5, 7, 3))
    record(cases, {"alpha": 2.0, "beta": 0.1, "smooth": 0.0}, (2, 5, 7, 3))
    record(cases, {"scope": "image", "background": False, "ignore": 255}, (4, 5, 7, 4))
    record(cases, {"alpha": 0.7, "beta": 0.3}, (2, 5, 7, 4), missing=2)
    record(cases, {}, (2, 5, 7, 3), probabilities="any")


def make_focal(cases):
    record(cases, {}, (2, 5, 7, 3))
    record(cases, {"gamma": 0.0}, (2, 5, 7, 3))
    record(cases, {"gamma": 0.5, "ignore": 255}, (2, 5, 7, 3))
    record(cases, {"gamma": 5.0, "class_weights": [0.2, 1.5, 2.5, 0.0], "ignore": 255},
           (3, 6, 5, 4))
    record(cases, {}, (6, 1, 1, 5), scale=5)
    record(cases, {"class_weights": [0.5, 1.0, 3.0]}, (2, 5, 7, 3), probabilities="any")


def normal(random, shape):
    return random.standard_normal(shape)


def with_gaps(random, shape):
    truth = random.standard_normal(shape)
    truth[random.random(shape) < 0.2] = np.nan
    return truth


def uniform(random, shape):
    return random.random(shape)


def binary(random, shape):
    """0, 1, and 255 where nobody knows."""
    return np.where(random.random(shape) < 0.2, 255, random.random(shape) < 0.4)


def make_numbers(cases, **more):
    record(cases, more, (2, 5, 7, 3), truth=normal)
    record(cases, more, (6, 1, 1, 1), truth=normal)
    record(cases, more, (2, 5, 7, 2), truth=with_gaps, scale=3)
    record(cases, {**more, "ignore": 255}, (2, 5, 7, 3))


def make_huber(cases):
    make_numbers(cases)
    make_numbers(cases, delta=0.3)


def make_bce_with_logits(cases):
    record(cases, {}, (2, 5, 7, 3), truth=uniform)
    record(cases, {}, (2, 5, 7, 1), truth=binary)
    record(cases, {"positive_weights": [5.0]}, (2, 5, 7, 1), truth=binary, scale=20)
    record(cases, {"positive_weights": [0.5, 1.0, 3.0]}, (2, 5, 7, 3), truth=uniform)
    record(cases, {"positive_weights": [0.5, 1.0, 3.0], "ignore": 255}, (2, 5, 7, 3))
    record(cases, {}, (2, 5, 7, 3))


def make_kl_divergence(cases):
    record(cases, {}, (2, 5, 7, 3), probabilities="any")
    record(cases, {}, (6, 1, 1, 5), probabilities="one-hot", scale=5)
    record(cases, {"ignore": 255}, (2, 5, 7, 3))


def make_kl_normal(cases):
    record(cases, {}, (6, 1, 1, 8), truth=False)
    record(cases, {}, (2, 3, 5, 2), truth=False, scale=3)


LOSSES = {"cross_entropy": make_cross_entropy, "dice": make_dice,
          "dice_cross_entropy": make_dice_cross_entropy, "tversky": make_tversky,
          "focal": make_focal, "mse": make_numbers, "l1": make_numbers,
          "huber": make_huber, "bce_with_logits": make_bce_with_logits,
          "kl_divergence": make_kl_divergence, "kl_normal": make_kl_normal}


def make(folder):
    for name, make_cases in LOSSES.items():
        cases = store.Cases(name)
        make_cases(cases)
        yield cases.write(folder / "losses" / f"{name}.safetensors", __doc__)
