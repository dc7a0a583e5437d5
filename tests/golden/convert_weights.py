#!/usr/bin/env python3
"""convert_weights.py - published weights, as NumPy archives, into safetensors for mica.

    python3 convert_weights.py KIND weights.npz weights.safetensors

KIND is one of

  names          every array is called as mica's network calls it: nothing to do
  lenet          BruceDai/test-data, for lenet_caffe.json: it was trained with pixels from 0
                 to 1; so that it takes counts from 0 to 255 the first kernel is divided
  resnet20       akamaster/pytorch_resnet_cifar10, for resnet20.json: its shortcuts without
                 weights (every other pixel, channels of 0 around) become convolutions
  squeezenet1_1  MXNet's model zoo, for squeezenet1_1.json: names by order
  resnet50       Keras' ResNet50, flat arrays, for resnet50.json with "stride_first": true:
                 batch normalisation in one array; biases of convolutions before it, and its
                 eps of 1.001e-5, go into its running statistics

Needs nothing but Python. A conversion of one's own is a function from arrays to arrays: of
pairs (type, shape, bytes), little-endian, in C order.
"""
import ast
import json
import struct
import sys
import zipfile

TYPES = {"<f4": "F32", "<f2": "F16", "<f8": "F64"}


def read_npz(path):
    arrays = {}
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            data = archive.read(name)
            length, = struct.unpack("<H", data[8:10])  # .npy, version 1
            head = ast.literal_eval(data[10:10 + length].decode())
            assert not head["fortran_order"]
            arrays[name.removesuffix(".npy")] = (TYPES[head["descr"]], head["shape"],
                                                 data[10 + length:])
    return arrays


def write_safetensors(path, arrays):
    header, at = {}, 0
    for name, (kind, shape, data) in arrays.items():
        header[name] = {"dtype": kind, "shape": shape,
                        "data_offsets": [at, at + len(data)]}
        at += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, data in arrays.values():
            file.write(data)


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def numbers(array):
    kind, _, data = array
    letter, size = {"F32": ("f", 4), "F16": ("e", 2)}[kind]
    return struct.unpack(f"<{len(data) // size}{letter}", data)


def names(arrays):
    return arrays


def lenet(arrays):
    kind, shape, _ = arrays["conv1.weight"]
    kernel = [w / 255 for w in numbers(arrays["conv1.weight"])]
    return arrays | {"conv1.weight": (kind, shape, floats(kernel))}


def resnet20(arrays):
    """The shortcut gives channel k - add of every other pixel, or 0: weights of 0 and 1."""
    for layer, inputs in (("layer2.0", 16), ("layer3.0", 32)):
        add = inputs // 2
        ones = [float(k - add == i) for k in range(2 * inputs) for i in range(inputs)]
        arrays[f"{layer}.shortcut.weight"] = ("F32", (2 * inputs, inputs, 1, 1),
                                              floats(ones))
    return arrays


def squeezenet1_1(arrays):
    places = ["features.0"]
    for fire in (3, 4, 6, 7, 9, 10, 11, 12):
        places += [f"features.{fire}.{part}"
                   for part in ("squeeze", "expand1x1", "expand3x3")]
    places.append("classifier.1")
    return {f"{place}.{part}": arrays[f"squeezenet0_conv{i}_{part}"]
            for i, place in enumerate(places) for part in ("weight", "bias")}


def resnet50(arrays):
    """Its conv2_block1_1 is layer1.0.conv1; number 0 is the shortcut."""
    found = {}
    for name in arrays:
        stage, *rest, kind = name.split("_")
        if kind == "bn":
            continue
        if not rest:
            conv, norm, kernel, inputs = "conv1", "bn1", 7, 3
        else:
            layer = int(stage[4:]) - 1
            block, part = int(rest[0][5:]) - 1, int(rest[1])
            place = f"layer{layer}.{block}"
            conv, norm = ((f"{place}.conv{part}", f"{place}.bn{part}") if part else
                          (f"{place}.downsample.0", f"{place}.downsample.1"))
            kernel, inputs = 3 if part == 2 else 1, None
        stem = name.removesuffix("_conv")
        scale, shift, mean, variance = quarters(numbers(arrays[f"{stem}_bn"]))
        form, _, data = arrays[name]
        outputs, size = len(scale), 2 if form == "F16" else 4
        biases = numbers((form, None, data[-outputs * size:]))
        inputs = inputs or (len(data) // size // outputs - 1) // kernel**2
        found[f"{conv}.weight"] = (form, (outputs, inputs, kernel, kernel),
                                   data[:-outputs * size])
        for key, values in (
                ("weight", scale), ("bias", shift),
                ("running_mean", [m - b for m, b in zip(mean, biases)]),
                ("running_var", [v + 1e-8 for v in variance])):
            found[f"{norm}.{key}"] = ("F32", (outputs,), floats(values))
    return found


def quarters(values):
    size = len(values) // 4
    return [values[i * size:(i + 1) * size] for i in range(4)]


KINDS = {"names": names, "lenet": lenet, "resnet20": resnet20,
         "squeezenet1_1": squeezenet1_1, "resnet50": resnet50}


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in KINDS:
        sys.exit(__doc__)
    _, kind, source, target = sys.argv
    write_safetensors(target, KINDS[kind](read_npz(source)))


if __name__ == "__main__":
    main()
