"""resunet_training.py - ten steps of a small ResUNet: dice loss, Adam.

images (N H W C) and labels (N H W 1) are a pool; step s takes `batch` images from number
(s batch) mod pool on. For each weight NAME: value.NAME before each step and after the last,
exp_avg.NAME and exp_avg_sq.NAME the state of Adam likewise, gradient.NAME of each step; statistics have
value.NAME alone. loss holds the loss of each step. The values come from a training in
float64, rounded to float32; loss and gradient are computed in float64 from the rounded
values, so that a step can start from them. error.NAME is the norm-wise relative error of
torch's float32 gradient from the same values, error.loss of its loss, error.all of all
gradients together, but for those of `before_norm`.

free.loss is the loss of each step of the training in float64; free.error.loss and
free.error.NAME are what torch's training in float32 is away from it: the loss at each step,
absolute, and the weights after the last, norm-wise (free.error.all: all weights together
but those of `before_norm`). Each error is the largest of eight
ways to sum in float32: with and without oneDNN, the batch turned by 0 to 3. `before_norm`
lists the biases whose gradient is 0 but for rounding: their errors mean nothing, nor does
free.error of the running means, which move with them.

SEED was chosen: with it no relu or maxpool is so near its edge that rounding in float32
changes its choice within ten steps (losses within 3.1e-7 of float64 in torch's eight ways, and
mica's, too). Most seeds have such an edge, and then a gap of 1e-3 says nothing.
"""
import copy

import numpy as np
import torch

from . import losses, resunet, store

WIDTH, DEPTH, CLASSES, SIZE, BATCH, POOL, STEPS = 4, 2, 3, 32, 4, 8, 10
SEED = 22
ADAM = {"lr": 0.01, "beta1": 0.9, "beta2": 0.999, "eps": 1e-7}
LOSS = {"smooth": 1.0}
VARIANTS = [(onednn, turn) for onednn in (True, False) for turn in range(BATCH)]


def images_of_atoms():
    """Bright spots, weak (class 1) and strong (class 2), in noise."""
    random = store.random_numbers("resunet_training", 0)
    y, x = np.mgrid[:SIZE, :SIZE]
    images = np.empty((POOL, SIZE, SIZE, 1))
    labels = np.zeros((POOL, SIZE, SIZE, 1), np.uint8)
    for image, label in zip(images[..., 0], labels[..., 0]):
        image[:] = 0.3 * random.standard_normal(image.shape)
        for _ in range(8):
            cy, cx = random.uniform(0, SIZE, 2)
            kind = random.integers(1, 3)
            distance = (y - cy) ** 2 + (x - cx) ** 2
            image += kind * np.exp(-distance / 8)
            label[distance < 9] = kind
        image -= image.mean()
        image /= image.std()
    return images.astype(np.float32), labels


def batch_of(pool, step):
    first = step * BATCH % POOL
    return tuple(a[first:first + BATCH] for a in pool)


def optimizer_of(model):
    return torch.optim.Adam(model.parameters(), ADAM["lr"],
                            (ADAM["beta1"], ADAM["beta2"]), ADAM["eps"], foreach=False)


def evaluate(model, batch, turn=0):
    """The loss; its gradients are left in the model."""
    dtype = next(model.parameters()).dtype
    images, labels = (torch.tensor(np.roll(a, turn, 0)) for a in batch)
    model.zero_grad()
    loss = losses.dice(LOSS, model(images.to(dtype)), labels)
    loss.backward()
    return loss.item()


def values_of(model):
    return {name: a.detach().double().numpy().copy()
            for name, a in model.state_dict().items() if "tracked" not in name}


def gradients_of(model):
    return {name: a.grad.double().numpy().copy()
            for name, a in model.named_parameters()}


def train(model, pool, turn=0, watch=lambda *_: None):
    """The losses of a free run; `watch` sees model and optimizer before each step and
    after the last."""
    optimizer, found = optimizer_of(model), []
    for step in range(STEPS):
        watch(step, model, optimizer)
        found.append(evaluate(model, batch_of(pool, step), turn))
        optimizer.step()
    watch(STEPS, model, optimizer)
    return np.array(found)


def weights_of(values):
    return {name: a for name, a in values.items() if ".running_" not in name}


def together(arrays, without):
    return np.concatenate([a.ravel() for name, a in arrays.items()
                           if name not in without])


def free_runs(start, pool, watch):
    """The training in float64, and how far float32 gets from it."""
    exact = copy.deepcopy(start).double()
    exact_losses = train(exact, pool, watch=watch)
    out = {"free.loss": exact_losses, "free.error.loss": np.zeros(STEPS)}
    goal, without = values_of(exact), resunet.before_norm(start)
    out["free.error.all"] = 0.0
    for onednn, turn in VARIANTS:
        with torch.backends.mkldnn.flags(enabled=onednn):
            single = copy.deepcopy(start)
            gap = np.abs(train(single, pool, turn) - exact_losses)
        out["free.error.loss"] = np.maximum(out["free.error.loss"], gap)
        found = values_of(single)
        out["free.error.all"] = max(out["free.error.all"], store.error(
            together(weights_of(found), without), together(weights_of(goal), without)))
        for name, value in found.items():
            key = f"free.error.{name}"
            out[key] = max(out.get(key, 0.0), store.error(value, goal[name]))
    return out


def single_errors(model, batch, loss, gradients):
    """Of torch's float32 loss and gradients at the values of `model`."""
    out, without = {"loss": 0.0, "all": 0.0}, resunet.before_norm(model)
    for onednn, turn in VARIANTS:
        with torch.backends.mkldnn.flags(enabled=onednn):
            single = copy.deepcopy(model).float()
            out["loss"] = max(out["loss"],
                              store.error(evaluate(single, batch, turn), loss))
        found = gradients_of(single)
        out["all"] = max(out["all"], store.error(together(found, without),
                                                 together(gradients, without)))
        for name, value in found.items():
            out[name] = max(out.get(name, 0.0), store.error(value, gradients[name]))
    return out


def record_steps(start, pool):
    """(tensors of the steps, tensors of the free runs)."""
    out = {}

    def put(key, value):
        out.setdefault(key, []).append(value)

    def watch(step, model, optimizer):
        rounded = copy.deepcopy(model).float().double()
        for name, value in values_of(rounded).items():
            put(f"value.{name}", value)
        for name, weight in model.named_parameters():
            state = optimizer.state.get(weight, {})
            for key in ("exp_avg", "exp_avg_sq"):
                put(f"{key}.{name}", state.get(key, torch.zeros_like(weight)).numpy()
                    .copy())
        if step == STEPS:
            return
        batch = batch_of(pool, step)
        before = copy.deepcopy(rounded)
        put("loss", evaluate(rounded, batch))
        gradients = gradients_of(rounded)
        for name, value in gradients.items():
            put(f"gradient.{name}", value)
        for name, value in single_errors(before, batch, out["loss"][-1],
                                         gradients).items():
            put(f"error.{name}", value)

    free = free_runs(start, pool, watch)
    return {key: np.stack(steps) for key, steps in out.items()}, free


def make(folder):
    torch.manual_seed(SEED)
    start = resunet.ResUNet(WIDTH, DEPTH, CLASSES)
    pool = images_of_atoms()
    steps, free = record_steps(start, pool)
    meta = {
        "note": __doc__, "versions": store.versions(), "steps": STEPS, "batch": BATCH,
        "net": {"width": WIDTH, "depth": DEPTH, "classes": CLASSES, "dropout": 0.0},
        "loss": {"dice": LOSS}, "optimizer": {"adam": ADAM},
        "before_norm": resunet.before_norm(start)}
    tensors = {"images": pool[0], "labels": pool[1], **steps, **free}
    yield store.write_tensors(folder / "resunet_training.safetensors", tensors, meta)
