"""npy.py - compares what mica forward wrote; needs nothing but Python.

    python3 npy.py distance FOUND.npy WANTED.npy        the relative distance
    python3 npy.py most FOUND.npy WANTED.npy            the largest difference
    python3 npy.py right LOGITS.npy LABELS.idx.gz       how many labels are right
"""
import ast
import gzip
import math
import struct
import sys


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    length, = struct.unpack("<H", data[8:10])
    head = ast.literal_eval(data[10:10 + length].decode())
    assert head["descr"] == "<f4" and not head["fortran_order"]
    return head["shape"], struct.unpack(f"<{math.prod(head['shape'])}f",
                                        data[10 + length:])


def right(path, labels):
    (count, *_, classes), values = read(path)
    with gzip.open(labels) as file:
        truth = file.read()[8:]
    rows = (values[i * classes:(i + 1) * classes] for i in range(count))
    return sum(row.index(max(row)) == label for row, label in zip(rows, truth))


def main():
    _, what, first, second = sys.argv
    if what == "right":
        print(right(first, second))
        return
    found, wanted = read(first)[1], read(second)[1]
    assert len(found) == len(wanted)
    gaps = [a - b for a, b in zip(found, wanted)]
    print(max(map(abs, gaps)) if what == "most" else
          math.dist(found, wanted) / math.hypot(*wanted))


main()
