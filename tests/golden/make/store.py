"""store.py - cases in, .safetensors and .json out; the same bytes every time."""
import json
import platform
import re
import struct
import zlib

import numpy as np
import torch

TYPES = {"float32": "F32", "float64": "F64", "int32": "I32", "uint8": "U8"}


def prepare():
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)


def random_numbers(name, seed):
    """Random numbers that depend on the case's name and seed alone."""
    return np.random.default_rng([zlib.crc32(name.encode()), seed])


def versions(*modules):
    known = {"python": platform.python_version(), "numpy": np.__version__}
    for module in modules or (torch,):
        known[module.__name__] = str(module.__version__)
    return known


def rounded(array):
    """A float64 result as it is stored: C order, float32; whole numbers stay."""
    array = np.asarray(array)
    if array.dtype == np.float64:
        array = array.astype(np.float32)
    return np.ascontiguousarray(array).reshape(array.shape)


def write_tensors(path, tensors, meta):
    """A safetensors file. Tensors are in the order of their names' first use; metadata
    are strings, anything else becomes JSON."""
    header = {"__metadata__": {
        key: value if isinstance(value, str) else json.dumps(value)
        for key, value in meta.items()}}
    arrays = {name: rounded(value) for name, value in tensors.items()}
    at = 0
    for name, array in arrays.items():
        header[name] = {"dtype": TYPES[array.dtype.name], "shape": list(array.shape),
                        "data_offsets": [at, at + array.nbytes]}
        at += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(array.tobytes())
    return path


def write_json(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(value, indent=1)
    flat = re.sub(r"\[[^\[\]{}]*\]", lambda m: " ".join(m[0].split()), text)
    path.write_text(flat + "\n")
    return path


def error(approximate, exact):
    """The norm-wise relative error."""
    exact = np.asarray(exact, dtype=np.float64)
    size = np.linalg.norm(exact)
    gap = np.linalg.norm(np.asarray(approximate, dtype=np.float64) - exact)
    return gap / size if size > 0 else gap


class Cases:
    """The cases of one file: case k's tensors are named "k.NAME"."""

    def __init__(self, name):
        self.name, self.cases, self.tensors = name, [], {}

    def random(self):
        return random_numbers(self.name, len(self.cases))

    def add(self, case, tensors):
        k = len(self.cases)
        self.cases.append({**case, "seed": k})
        for name, value in tensors.items():
            self.tensors[f"{k}.{name}"] = value

    def write(self, path, note, **more):
        return write_tensors(path, self.tensors, {
            "cases": self.cases, "note": note, "versions": versions(), **more})
