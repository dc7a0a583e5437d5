#!/usr/bin/env python3
"""threads.py - what two threads bring, in turns with one, as a table.

    python threads.py ../../mica --nets resunet7,defect_cnn --rounds 5
    python threads.py ../../mica --what convolutions --loads idle

Two processes of mica, of one thread and of two (--threads), take turns: steps of training,
predictions, convolutions by themselves. Each turn measures the ceiling of its threads, too
(multiply-adds in registers; of convolutions what binds: these or the bandwidth), so that
each pair of turns has two ratios, of speed and of the ceiling; the table has their medians
and what part of the ceiling's ratio is reached. Once on the machine as it is ("idle", which
is for the user to see to), once with a process that computes on each processor ("busy").
Packages: numpy.
"""
import contextlib
import os
import pathlib
import subprocess
import sys
import tempfile
from statistics import median

import networks
import turns

SHAPES = {"7x7, 64 to 64, stride 1, 4 of 128x128": ("direct", "fft"),
          "3x3, 64 to 64, stride 1, 4 of 128x128": ("direct", "winograd"),
          "1x1, 256 to 256, stride 1, 4 of 64x64": ("direct",)}
CONVOLUTIONS = [f"{shape} {mode} {algorithm}"
                for shape, algorithms in SHAPES.items()
                for mode in ("forward", "backward data", "backward weights")
                for algorithm in algorithms]


@contextlib.contextmanager
def busy_processors(wanted):
    """A process that computes on each processor, as long as this lasts."""
    loops = []
    try:
        for processor in sorted(os.sched_getaffinity(0)) if wanted else []:
            loops.append(subprocess.Popen([sys.executable, "-c", "while True: pass"]))
            os.sched_setaffinity(loops[-1].pid, {processor})
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def cells_of(pairs):
    """From pairs of answers, of fewer and of more threads."""
    key = "roofline_percent" if "roofline_percent" in pairs[0][0] else "percent"
    speed = [fewer["ms"] / more["ms"] for fewer, more in pairs]
    part = [more[key] / fewer[key] for fewer, more in pairs]
    ceiling = [a / b for a, b in zip(speed, part)]
    ms = [median(pair[side]["ms"] for pair in pairs) for side in (0, 1)]
    return [*(f"{one:.3g}" for one in ms), f"{median(speed):.2f}",
            f"{median(ceiling):.2f}", f"{100 * median(part):.0f}"]


def take_turns(arguments, words):
    """A row, from the times on."""
    fewer, more = ([arguments.mica, "bench", *words, "--serve", "--threads", count]
                   for count in arguments.threads)
    with turns.Child(fewer) as one, turns.Child(more) as two:
        pairs = [(one.turn(), two.turn()) for _ in range(arguments.rounds)]
        one.end(), two.end()
    return cells_of(pairs)


def net_rows(arguments, folder):
    """What is measured, and the words that `mica bench` takes for it."""
    for name in arguments.nets:
        file, params, size = networks.choose(name, arguments.size, arguments.width)
        place = folder / name
        place.mkdir()
        net = networks.net_file(file, params, place)
        for mode, batches in zip(("train", "predict"), networks.NETS[name][2:4]):
            for batch in arguments.batch or batches:
                yield (f"{name} {mode}, batch {batch}, size {size}",
                       [net, f"--{mode}", "--batch", batch, "--size", size])


def rows(arguments, folder):
    if "nets" in arguments.what:
        yield from net_rows(arguments, folder)
    if "convolutions" in arguments.what:
        for match in CONVOLUTIONS:
            yield f"conv2d {match}", ["--match", f"conv2d {match}"]


def run(arguments, folder):
    fewer, more = arguments.threads
    table = turns.Table(arguments.output,
                        f"{turns.machine()}, fp32, medians of {arguments.rounds} turns; "
                        f"{turns.load()}",
                        ["what", f"ms, {fewer} thread", f"ms, {more} threads", "faster by",
                         "ceiling faster by", "% of the ceiling's ratio", "machine"])
    for what, words in list(rows(arguments, folder)):
        for load in arguments.loads:
            with busy_processors(load == "busy"):
                table.attempt([what], lambda: take_turns(arguments, words) + [load])
    table.end()


def main():
    parser = turns.parser_of(__doc__)
    turns.add_choice(parser, networks.NETS)
    parser.add_argument("--what", type=turns.words(("nets", "convolutions")),
                        default=["nets", "convolutions"])
    parser.add_argument("--threads", type=turns.numbers, default=[1, 2],
                        help="two numbers [1,2]")
    parser.add_argument("--loads", type=turns.words(("idle", "busy")),
                        default=["idle", "busy"])
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(arguments, pathlib.Path(folder))


if __name__ == "__main__":
    main()
