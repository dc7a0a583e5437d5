"""clopper_pearson.py - exact intervals of a proportion by SciPy."""
import scipy
from scipy.stats import binomtest

from . import store

NOTE = """rows: successes k of n, low, high: the exact interval of Clopper and Pearson 1934 at
this confidence."""
COUNTS = [(0, 1), (1, 1), (0, 10), (1, 10), (5, 10), (10, 10), (3, 7), (1, 100), (50, 100),
          (99, 100), (0, 1000), (1, 1000), (37, 1000), (999, 1000), (12, 4096),
          (5000, 10000), (3, 100000), (99990, 100000), (250000, 1000000)]


def table(confidence):
    rows = []
    for k, n in COUNTS:
        interval = binomtest(k, n).proportion_ci(confidence, "exact")
        rows.append([k, n, float(interval.low), float(interval.high)])
    return {"confidence": confidence, "rows": rows}


def make(folder):
    yield store.write_json(folder / "clopper_pearson.json", {
        "note": NOTE, "versions": store.versions(scipy),
        "tables": [table(0.95), table(0.99)]})
