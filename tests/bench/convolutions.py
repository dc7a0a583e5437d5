#!/usr/bin/env python3
"""convolutions.py - what `mica bench` says of convolutions by themselves, as a table.

    python convolutions.py ../../mica --match 7x7 --threads 1,2

A row for each shape, pass and algorithm; of each number of threads the milliseconds, the
per cent of the multiply-adds in registers (operations as the direct method has them) and of
the roofline. All is measured with the first number of threads, then with the others; what
they are held against is measured in each round (threads.py takes turns). "rms" is the error beside sums in
double precision, relative, in units of 1e-7. Needs no packages.
"""
import json
import subprocess
import sys

import turns


def lines_of(arguments, threads, match):
    """What mica says, as it comes, but for the machine's line."""
    command = [arguments.mica, "bench", "--rounds", arguments.rounds, "--threads", threads]
    if match:
        command += ["--match", match]
    process = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, text=True)
    for line in process.stdout:
        said = json.loads(line)
        if said["what"] != "machine":
            yield said
    if process.wait():
        sys.exit(f"convolutions: mica bench ended with {process.returncode}")


def row(arguments, first):
    described = f"{first['what']} {first['mode']} {first['algorithm']}"
    all_of = [first] + [next(lines_of(arguments, threads, described))
                        for threads in arguments.threads[1:]]
    cells = [first["what"], first["mode"], f"{1e-6 * first['bytes']:.0f}"]
    for said in all_of:
        cells += [f"{said['ms']:.3g}", f"{said['percent']:.0f}",
                  f"{said['roofline_percent']:.0f}", said["bound"]]
    chosen = " (auto)" if first["auto"] == first["algorithm"] else ""
    return cells + [f"{1e7 * first['rms_error']:.2f}", first["algorithm"] + chosen]


def main():
    parser = turns.parser_of(__doc__)
    parser.add_argument("--match", help="those that have these words, as of mica bench")
    parser.add_argument("--threads", type=turns.numbers, default=[1, 2])
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    head = ["convolution", "pass", "MB"]
    for threads in arguments.threads:
        head += [f"ms, {threads} thr.", "% ceiling", "% roofline", "bound"]
    table = turns.Table(arguments.output,
                        f"{turns.machine()}, fp32, medians of {arguments.rounds} rounds; {turns.load()}",
                        head + ["rms", "algorithm"])
    # all of them before the first row: programs beside each other would disturb
    for first in list(lines_of(arguments, arguments.threads[0], arguments.match)):
        table.row(row(arguments, first))


if __name__ == "__main__":
    main()
