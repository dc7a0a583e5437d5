#!/usr/bin/env python3
"""make_golden.py - what other programs say: the reference values that the tests read.

Every subject is a module in make/; its function make(folder) writes its files. Values are
computed in float64 and stored as float32. The same versions write the same bytes.
"""
import argparse
import pathlib
import sys

sys.dont_write_bytecode = True
from make import store  # noqa: E402

SUBJECTS = [
    "layers", "losses", "optimizers", "schedules", "initializers", "resunet_training",
    "nets", "published", "regions", "clopper_pearson", "metrics", "overlap",
    "formats",
]


def main():
    here = pathlib.Path(__file__).resolve().parent
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT",
                        help="all where none is named: " + ", ".join(SUBJECTS))
    parser.add_argument("-o", "--output", type=pathlib.Path, default=here,
                        help="the folder to write into (default: this one)")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.subjects if name not in SUBJECTS]
    if unknown:
        parser.error(f"no subject is called '{unknown[0]}'")
    store.prepare()
    for name in arguments.subjects or SUBJECTS:
        module = __import__(f"make.{name}", fromlist=["make"])
        for path in module.make(arguments.output):
            print(f"{path.stat().st_size:8d}  {path}")


if __name__ == "__main__":
    main()
