#!/usr/bin/env python3
"""vs_pytorch.py - the same networks in mica and in PyTorch, in turns, as a table.

    python vs_pytorch.py ../../mica --nets resunet3,fft_dcnn --threads 1,2 --rounds 5

For each network, mode and number of threads a process of each waits for its turn; PyTorch
is given the faster of channels_last and contiguous (with --compile also compiled), Adam is
fused. Before anything is measured the losses of the first step must agree within 1e-4 and
of the second within 1e-2, of predictions the logits of `mica forward` within 1e-4; else the
row says so and it ends with 1. (Adam's first step goes by the signs of gradients, of those
that are noise too: in ResNet50 PyTorch's own float32 and float64 differ by 6 % after it, so
that 20 % are allowed there.)

Of each pair of turns the ratio of times is taken, the table has its median: PyTorch's time
by mica's. A layout in which PyTorch ends by itself is told and left out, before or while it
is measured. Memory is what a process took at most beyond its start; PyTorch's start is
after the import. Packages: tests/bench/requirements.txt.
"""
import json
import os
import pathlib
import sys
import tempfile
from statistics import median

import numpy as np

import networks
import turns

LAYOUTS = ("contiguous", "channels_last")
SECOND_LOSS = {"resnet50": 0.2}  # how far the losses may differ after a step; else 1e-2


# --- a process of PyTorch ----------------------------------------------------------------


def loss_function(outputs, truth):
    """mica bench's choice for logits of this shape, of the logits."""
    import torch
    import torch.nn.functional as F
    if outputs.shape[1] == 1:
        wanted = truth[:, None].float()
        return lambda z: F.binary_cross_entropy_with_logits(z, wanted)
    if outputs.ndim == 2 or outputs.shape[2:] == (1, 1):
        return lambda z: F.cross_entropy(z.flatten(1), truth.flatten())
    wanted = F.one_hot(truth, outputs.shape[1]).permute(0, 3, 1, 2).float()
    sums = wanted.sum((0, 2, 3))

    def dice(z):
        p = torch.softmax(z, 1)
        return 1 - ((2 * (p * wanted).sum((0, 2, 3)) + 1)
                    / (p.sum((0, 2, 3)) + sums + 1)).mean()
    return dice


def training_step(job, model, run, x):
    import torch
    model.eval()
    with torch.no_grad():
        z = model(x[:1])
    model.train()
    truth = networks.labels((len(x),) + tuple(z.shape[2:] if z.ndim == 4 else (1, 1)),
                            z.shape[1])
    loss_of = loss_function(z, torch.tensor(truth))
    adam = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = loss_of(run(x))
        loss.backward()
        adam.step()
        return loss
    return step


def torch_pass(job, x):
    """A step of training that gives its loss, or a prediction that gives the logits."""
    import torch
    model, values = networks.module_of(job["file"], job["params"], job["size"])
    networks.save_weights(values, job["weights"])
    kept = torch.channels_last if "channels_last" in job["layout"] \
        else torch.contiguous_format
    model = model.to(memory_format=kept)
    x = x.permute(0, 3, 1, 2).clone(memory_format=kept)
    run = torch.compile(model) if "compiled" in job["layout"] else model
    if job["mode"] == "train":
        return training_step(job, model, run, x)
    model.eval()

    @torch.inference_mode()
    def predict():
        return run(x)
    return predict


def serve_torch(job):
    """A turn for each line read, as mica bench --serve has them."""
    import torch
    from make import resunet, wired  # noqa: F401, with all that they import
    before = turns.status_bytes("VmRSS:")
    torch.set_num_threads(job["threads"])
    torch.manual_seed(1)
    a_pass = torch_pass(job, torch.from_numpy(networks.images(job["shape"])))
    first, second = a_pass().detach(), a_pass().detach()
    turns.forget_peak()  # of the weights' file, and of compiling
    if job["mode"] == "predict":
        networks.save_logits(first, job["logits"])
        ready = {"ready": True}
    else:
        ready = {"loss": float(first), "loss_after_a_step": float(second)}
    turns.serve(a_pass, ready, before)


# --- the two in turns --------------------------------------------------------------------


def torch_child(job, layout):
    return turns.Child([sys.executable, __file__, "--child",
                        json.dumps(job | {"layout": layout})])


def fastest_first(job, layouts, clock):
    """The layouts by the time of a turn; those in which PyTorch ends are left out."""
    times = {}
    for layout in layouts:
        try:
            with torch_child(job, layout) as child:
                times[layout] = min(child.turn()[clock] for _ in range(2))
        except turns.Ended as why:
            print(f"PyTorch as {layout}: {why}", file=sys.stderr, flush=True)
    return sorted(times, key=times.get)


def check_logits(mica, net, job, folder):
    ours = networks.mica_logits(mica, net, job["weights"], job["shape"], folder)
    return {"logits": (networks.distance(ours, np.load(job["logits"])), 1e-4)}


def check_losses(name, ours, theirs):
    limits = {"loss": 1e-4, "loss_after_a_step": SECOND_LOSS.get(name, 1e-2)}
    return {key: (networks.distance(ours[key], theirs[key]), limit)
            for key, limit in limits.items()}


def mica_child(arguments, net, job):
    return turns.Child([arguments.mica, "bench", net, f"--{job['mode']}", "--serve",
                        "--batch", job["shape"][0], "--size", job["size"], "--threads",
                        job["threads"], "--weights", job["weights"]])


def take_turns(arguments, name, net, job, layout, folder):
    """Pairs of times, and the last lines of both."""
    with torch_child(job, layout) as torch, mica_child(arguments, net, job) as mica:
        turns.check(f"{name} {job['mode']}: mica and PyTorch",
                    check_losses(name, mica.ready, torch.ready) if job["mode"] == "train"
                    else check_logits(arguments.mica, net, job, folder))
        pairs = [(mica.turn(), torch.turn()) for _ in range(arguments.rounds)]
        times = [(a[arguments.clock], b[arguments.clock]) for a, b in pairs]
        return times, mica.end(), torch.end()


def cells_of(times, ours, theirs, layout):
    ms = [median(pair[side] for pair in times) for side in (0, 1)]
    ratio = median(b / a for a, b in times)
    peaks = [f"{side['peak_bytes'] / 1e6:,.0f}" for side in (ours, theirs)]
    return [f"{ms[0]:.3g}", f"{ms[1]:.3g}", f"{ratio:.2f}", f"{ours['percent']:.0f}",
            *peaks, layout]


def compare(arguments, name, mode, threads, batch):
    """A row of the table, from "mica ms" on."""
    file, params, size = networks.choose(name, arguments.size, arguments.width)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        net = networks.net_file(file, params, folder)
        job = {"file": file, "params": params, "mode": mode, "threads": threads,
               "size": size, "shape": [batch, size, size, networks.channels_of(file)],
               "weights": str(folder / "w.safetensors"), "logits": str(folder / "y0.npy")}
        for layout in fastest_first(job, arguments.layouts, arguments.clock):
            try:
                return cells_of(*take_turns(arguments, name, net, job, layout, folder),
                                layout)
            except turns.Ended as why:
                print(f"{name} {mode}: {why}", file=sys.stderr, flush=True)
    raise turns.Ended("PyTorch ended with every layout")


HEAD = ["network", "mode", "threads", "batch", "size", "mica ms", "PyTorch ms",
        "PyTorch / mica", "mica, % of the ceiling", "mica MB", "PyTorch MB", "PyTorch as"]


def run(arguments):
    from importlib.metadata import version
    title = (f"{turns.machine()}, torch {version('torch')}, fp32, "
             f"{turns.clock_words(arguments)}medians of {arguments.rounds} turns; "
             f"{turns.load()}")
    table = turns.Table(arguments.output, title, HEAD)
    for name in arguments.nets:
        size = networks.choose(name, arguments.size)[2]
        for mode, batches in zip(("train", "predict"), networks.NETS[name][2:4]):
            for batch in arguments.batch or batches:
                for threads in arguments.threads if mode in arguments.modes else []:
                    table.attempt([name, mode, threads, batch, size],
                                  lambda: compare(arguments, name, mode, threads, batch))
    table.end()


def main():
    parser = turns.parser_of(__doc__)
    turns.add_choice(parser, networks.NETS)
    turns.add_measuring(parser)
    parser.add_argument("--modes", type=turns.words(("train", "predict")),
                        default=["train", "predict"])
    parser.add_argument("--layouts", type=turns.words(LAYOUTS), default=list(LAYOUTS))
    parser.add_argument("--compile", action="store_true",
                        help="PyTorch compiled, too, where that is faster")
    arguments = parser.parse_args()
    if arguments.compile:
        arguments.layouts += [f"{layout}, compiled" for layout in arguments.layouts]
    run(arguments)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        try:
            serve_torch(json.loads(sys.argv[2]))
        except BrokenPipeError:  # nobody listens any more
            os._exit(1)
    else:
        main()
