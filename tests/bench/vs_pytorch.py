#!/usr/bin/env python3
"""vs_pytorch.py - the same networks in mica and in PyTorch, in turns, as a table.

    python vs_pytorch.py ../../mica --nets resunet3,fft_dcnn --threads 1,2 --rounds 5

For each network, mode and number of threads a process of each waits for its turn; PyTorch
is given the faster of channels_last and contiguous (with --compile also compiled), Adam is
fused. Both start from PyTorch's weights, which travel as safetensors, and see the same
images and labels (apps/workload.h says which). Before anything is measured the losses of
the first step must agree within 1e-4 and of the second within 1e-2, of predictions the
logits of `mica forward` within 1e-4; else it ends with 1. (Adam's first step goes by the
signs of gradients, of those that are noise too: in ResNet50 PyTorch's own float32 and
float64 differ by 6 % after it, so that 20 % are allowed there.)

Of each pair of turns the ratio of times is taken, the table has its median: PyTorch's time
by mica's. Memory is what a process took at most beyond its start; PyTorch's start is after
the import. Packages: tests/golden/requirements.txt.
"""
import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import time
from statistics import median

import numpy as np

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve()
TOP = HERE.parents[2]
sys.path.insert(0, str(TOP / "tests" / "golden"))

LEAST_SECONDS = 0.05  # of a turn: short passes are repeated, as mica does
LAYOUTS = ("contiguous", "channels_last")

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
SECOND_LOSS = {"resnet50": 0.2}  # how far the losses may differ after a step; else 1e-2


# --- what both compute -------------------------------------------------------------------


def scattered(shape):
    return (np.arange(np.prod(shape)) * 7919 % 1000).reshape(shape)


def images(shape):
    """N H W C, as apps/workload.c makes them."""
    return scattered(shape).astype(np.float32) / np.float32(1000) - np.float32(0.5)


def labels(shape, outputs):
    """A class for each pixel, N H W; of one output 0 or 1."""
    return scattered(shape) % max(outputs, 2)


# --- a process of PyTorch ----------------------------------------------------------------


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


def status_bytes(key):
    for line in open("/proc/self/status"):
        if line.startswith(key):
            return 1024 * int(line.split()[1])
    return 0


def forget_peak():
    """What was at most in memory while weights were drawn and written does not count."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        pass


def say(answer):
    print(json.dumps(answer), flush=True)


def torch_pass(job, x):
    """A step of training that gives its loss, or a prediction that gives the logits."""
    import torch
    model, values = module_of(job["file"], job["params"], job["size"])
    if not os.path.exists(job["weights"]):
        import safetensors.torch
        safetensors.torch.save_file({k: v.detach().contiguous().clone()
                                     for k, v in values.items()}, job["weights"])
    kept = torch.channels_last if "channels_last" in job["layout"] \
        else torch.contiguous_format
    model = model.to(memory_format=kept)
    x = x.permute(0, 3, 1, 2).clone(memory_format=kept)
    run = torch.compile(model) if "compiled" in job["layout"] else model
    if job["mode"] == "predict":
        model.eval()

        @torch.inference_mode()
        def predict():
            return run(x)
        return predict
    model.eval()
    with torch.no_grad():
        z = model(x[:1])
    model.train()
    truth = labels((len(x),) + tuple(z.shape[2:] if z.ndim == 4 else (1, 1)), z.shape[1])
    loss_of = loss_function(z, torch.tensor(truth))
    adam = torch.optim.Adam(model.parameters(), lr=0.001, fused=True)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = loss_of(run(x))
        loss.backward()
        adam.step()
        return loss
    return step


def serve_torch(job):
    """A turn for each line read, as mica bench --serve has them."""
    import torch
    from make import resunet, wired  # noqa: F401, with all that they import
    before = status_bytes("VmRSS:")
    torch.set_num_threads(job["threads"])
    torch.manual_seed(1)
    a_pass = torch_pass(job, torch.from_numpy(images(job["shape"])))
    forget_peak()
    first, second = a_pass().detach(), a_pass().detach()
    if job["mode"] == "predict":
        y = first if first.ndim == 4 else first[:, :, None, None]
        np.save(job["logits"], y.permute(0, 2, 3, 1).contiguous().numpy())
        say({"ready": True})
    else:
        say({"loss": float(first), "loss_after_a_step": float(second)})
    for _ in sys.stdin:
        passes, begun, spending = 0, time.perf_counter(), time.process_time()
        while passes == 0 or time.perf_counter() - begun < LEAST_SECONDS:
            a_pass()
            passes += 1
        say({"ms": 1e3 * (time.perf_counter() - begun) / passes,
             "processor_ms": 1e3 * (time.process_time() - spending) / passes})
    say({"peak_bytes": status_bytes("VmHWM:") - before})


# --- the two in turns --------------------------------------------------------------------


class Ended(Exception):
    """A process went before its time."""


class Child:
    """A process that waits, takes a turn for each line and ends with a line of results."""

    def __init__(self, command):
        self.process = subprocess.Popen([str(word) for word in command], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.ready = self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            raise Ended(f"{' '.join(self.process.args)}: ended with {self.process.wait()}")
        return json.loads(line)

    def turn(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.read()

    def end(self):
        self.process.stdin.close()
        result = self.read()
        self.process.wait()
        return result


def fastest_torch(job, layouts, clock):
    """A process of the layout whose first turn is the shortest."""
    best = None
    for layout in layouts:
        try:
            child = Child([sys.executable, HERE, "--child",
                           json.dumps(job | {"layout": layout})])
            child.layout, child.first = layout, child.turn()[clock]
        except Ended as why:
            print(f"PyTorch as {layout}: {why}", file=sys.stderr, flush=True)
            continue
        if best and best.first <= child.first:
            child.end()
            continue
        if best:
            best.end()
        best = child
    return best or sys.exit("vs_pytorch: PyTorch ended with every layout")


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


def check_logits(mica, net, job, folder):
    np.save(folder / "x.npy", images(job["shape"]))
    subprocess.run([mica, "forward", f"{net}:{job['weights']}", folder / "x.npy", "-o",
                    folder / "y.npy", "--axes", "NHWC"], check=True,
                   stdout=subprocess.DEVNULL)
    return {"logits": (distance(np.load(folder / "y.npy"), np.load(job["logits"])), 1e-4)}


def check_losses(name, ours, theirs):
    limits = {"loss": 1e-4, "loss_after_a_step": SECOND_LOSS.get(name, 1e-2)}
    return {key: (distance(ours[key], theirs[key]), limit)
            for key, limit in limits.items()}


def check(name, gaps):
    found = ", ".join(f"{key} {gap:.1e}" for key, (gap, _) in gaps.items())
    print(f"{name}: mica and PyTorch differ by: {found}", file=sys.stderr, flush=True)
    if not all(gap < limit for gap, limit in gaps.values()):
        sys.exit("vs_pytorch: they do not compute the same")


def compare(arguments, name, mode, threads, batch):
    """A row of the table."""
    file, params, _, _, size = NETS[name]
    size = arguments.size or size
    params = params | ({"width": arguments.width} if arguments.width and params else {})
    params = params | ({"size": size} if file == "fft_dcnn" else {})
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        net = net_file(file, params, folder)
        channels = 3 if file.startswith("resnet") else 1
        job = {"file": file, "params": params, "mode": mode, "threads": threads,
               "size": size, "shape": [batch, size, size, channels],
               "weights": str(folder / "w.safetensors"), "logits": str(folder / "y0.npy")}
        torch = fastest_torch(job, arguments.layouts, arguments.clock)
        mica = Child([arguments.mica, "bench", net, f"--{mode}", "--serve", "--batch", batch,
                      "--size", size, "--threads", threads, "--weights", job["weights"]])
        check(f"{name} {mode}", check_losses(name, mica.ready, torch.ready) if mode == "train"
              else check_logits(arguments.mica, net, job, folder))
        turns = [(mica.turn(), torch.turn()) for _ in range(arguments.rounds)]
        ours, theirs = mica.end(), torch.end()
    times = [(a[arguments.clock], b[arguments.clock]) for a, b in turns]
    ms = [median(pair[side] for pair in times) for side in (0, 1)]
    ratio = median(b / a for a, b in times)
    peaks = [f"{side['peak_bytes'] / 1e6:,.0f}" for side in (ours, theirs)]
    return [name, mode, threads, batch, size, f"{ms[0]:.3g}", f"{ms[1]:.3g}",
            f"{ratio:.2f}", f"{ours['percent']:.0f}", *peaks, torch.layout]


HEAD = ["network", "mode", "threads", "batch", "size", "mica ms", "PyTorch ms",
        "PyTorch / mica", "mica, % of the ceiling", "mica MB", "PyTorch MB", "PyTorch as"]


def print_row(cells):
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)


def machine():
    try:
        models = [line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")]
    except OSError:
        models = []
    return f"{len(models) or os.cpu_count()} x {models[0] if models else platform.machine()}"


def run(arguments):
    from importlib.metadata import version
    clock = "" if arguments.clock == "ms" else "time on processors, "
    print(f"{machine()}, torch {version('torch')}, fp32, {clock}medians of "
          f"{arguments.rounds} turns; load average at the start {os.getloadavg()[0]:.1f}\n")
    print_row(HEAD)
    print_row(["---"] + ["---:"] * (len(HEAD) - 2) + ["---"])
    for name in arguments.nets:
        for mode, batches in zip(("train", "predict"), NETS[name][2:4]):
            for batch in arguments.batch or batches:
                for threads in arguments.threads:
                    if mode in arguments.modes:
                        print_row(compare(arguments, name, mode, threads, batch))


def words(known):
    def read(text):
        chosen = text.split(",")
        for word in chosen:
            if word not in known:
                raise argparse.ArgumentTypeError(f"'{word}' is not one of {', '.join(known)}")
        return chosen
    return read


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("mica", help="the program")
    parser.add_argument("--nets", type=words(NETS), default=list(NETS),
                        help="some of " + ",".join(NETS))
    parser.add_argument("--modes", type=words(("train", "predict")),
                        default=["train", "predict"])
    parser.add_argument("--threads", type=numbers, default=[1, 2])
    parser.add_argument("--clock", choices=("ms", "processor_ms"), default="ms",
                        help="processor_ms: what threads spent on processors, which other "
                        "programs disturb less; fair with one thread")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batch", type=numbers, help="in place of each network's own")
    parser.add_argument("--size", type=int, help="likewise: rows and columns")
    parser.add_argument("--width", type=int, help="of the ResUNets, in place of 32")
    parser.add_argument("--layouts", type=words(LAYOUTS), default=list(LAYOUTS))
    parser.add_argument("--compile", action="store_true",
                        help="PyTorch compiled, too, where that is faster")
    arguments = parser.parse_args()
    arguments.mica = pathlib.Path(arguments.mica).resolve()
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
