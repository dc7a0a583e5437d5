#!/usr/bin/env python3
"""start_to_files.py - one image from the shell: `mica predict` and a script of PyTorch.

    python start_to_files.py ../../mica --size 512 --width 16 --rounds 5

A ResUNet of random weights predicts one 8-bit PNG, from the start of the process until its
files are there: mica's class map, overlay, probabilities and two tables, PyTorch's class
map and probabilities (predict_torch.py). Their classes must agree but for one pixel in a
thousand. Warm: the two take turns, medians. Cold: before each start what the program reads
(program, libraries, modules, weights, image) is taken out of the page cache by
posix_fadvise, which cannot take what another process has mapped: of Python that is the
interpreter and the modules that this script uses. With --drop-caches the whole cache is
dropped (needs root, and disturbs everybody). The column "read" says how much came from the
disk.

Packages: tests/bench/requirements.txt.
"""
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time
from statistics import median

import turns

HERE = pathlib.Path(__file__).resolve().parent

PREPARE = """
import sys
import numpy as np, torch
from PIL import Image
import networks
folder, width, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
torch.manual_seed(1)
model, values = networks.module_of("resunet", {"width": width}, size)
networks.save_weights(values, folder + "/w.safetensors")
import pathlib
networks.net_file("resunet", {"width": width, "dropout": 0}, pathlib.Path(folder))
image = np.random.default_rng(1).normal(128, 32, (size, size)).clip(0, 255)
Image.fromarray(image.astype(np.uint8)).save(folder + "/image.png")
"""

COMPARE = """
import sys
import numpy as np
from PIL import Image
maps = [np.asarray(Image.open(path)) for path in sys.argv[1:]]
print(float((maps[0] != maps[1]).mean()))
"""


def python(text, *words):
    return subprocess.run([sys.executable, "-c", text, *map(str, words)], check=True,
                          cwd=HERE, stdout=subprocess.PIPE, text=True).stdout


def read_blocks():
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_inblock


def timed(command):
    """Seconds from the start until it has ended, and MB from the disk."""
    before, begun = read_blocks(), time.perf_counter()
    subprocess.run(list(map(str, command)), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun, 512e-6 * (read_blocks() - before)


def forget(paths):
    os.sync()
    for path in paths:
        try:
            file = os.open(path, os.O_RDONLY)
        except OSError:
            continue
        os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(file)


def drop_caches(_):
    os.sync()
    try:
        pathlib.Path("/proc/sys/vm/drop_caches").write_text("3")
    except OSError as why:
        sys.exit(f"start_to_files: --drop-caches: {why}; root can, or leave it out")


def libraries(program):
    """The program and what it is linked with."""
    told = subprocess.run(["ldd", program], stdout=subprocess.PIPE, text=True).stdout
    return [str(program)] + [word for word in told.split() if word.startswith("/")]


def commands(arguments, folder):
    net, weights = folder / "resunet.json", folder / "w.safetensors"
    image = folder / "image.png"
    ours = [arguments.mica, "predict", f"{net}:{weights}", image, "-o", folder / "ours",
            "-q", "--force", "--threads", arguments.threads]
    theirs = [sys.executable, "-X", f"pycache_prefix={folder}", HERE / "predict_torch.py", arguments.width,
              arguments.threads, weights, image, folder / "theirs"]
    return {"mica": ours, "PyTorch": theirs}


def check(folder):
    gap = float(python(COMPARE, folder / "ours/image_classes.png",
                       folder / "theirs/classes.png"))
    turns.check("mica and PyTorch", {"classes": (gap, 1e-3)})


def rounds_of(both, count, before):
    """Of each a list of seconds, and of MB read; `before` is called before each start."""
    found = {name: [] for name in both}
    for _ in range(count):
        for name, command in both.items():
            before(name)
            found[name].append(timed(command))
    return {name: list(zip(*pairs)) for name, pairs in found.items()}


def row(table, state, found):
    seconds = [found[name][0] for name in ("mica", "PyTorch")]
    ratio = median(b / a for a, b in zip(*seconds))
    read = [median(found[name][1]) for name in ("mica", "PyTorch")]
    table.row([state, *(f"{1e3 * median(one):,.0f}" for one in seconds), f"{ratio:.1f}",
               *(f"{one:,.1f}" for one in read), len(seconds[0])])


HEAD = ["cache", "mica ms", "PyTorch ms", "PyTorch / mica", "mica read MB",
        "PyTorch read MB", "turns"]


def run(arguments, folder):
    from importlib.metadata import version
    python(PREPARE, folder, arguments.width, arguments.size)
    both = commands(arguments, folder)
    timed(both["mica"])
    timed(both["PyTorch"] + [folder / "files"])
    check(folder)
    own = [folder / name for name in ("resunet.json", "w.safetensors", "image.png")]
    files = {"mica": libraries(arguments.mica) + own,
             "PyTorch": (folder / "files").read_text().split("\n") + own}
    table = turns.Table(arguments.output,
                        f"{turns.machine()}, torch {version('torch')}, one {arguments.size} x "
                        f"{arguments.size} image, ResUNet of width {arguments.width}, "
                        f"{arguments.threads} threads; {turns.load()}", HEAD)
    row(table, "warm", rounds_of(both, arguments.rounds, lambda name: None))
    cold = drop_caches if arguments.drop_caches else lambda name: forget(files[name])
    row(table, "cold", rounds_of(both, arguments.cold_rounds, cold))


def main():
    parser = turns.parser_of(__doc__)
    parser.add_argument("--size", type=int, default=512, help="rows and columns")
    parser.add_argument("--width", type=int, default=16, help="of the ResUNet")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold-rounds", type=int, default=3)
    parser.add_argument("--drop-caches", action="store_true",
                        help="empty the page cache of the whole machine for cold starts")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.mica.parent) as folder:
        run(arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
