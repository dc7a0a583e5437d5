#!/usr/bin/env python3
"""vs_predictors.py - predictions of mica, OpenVINO and ONNX Runtime, in turns, as a table.

    python vs_predictors.py ../../mica --nets resunet7,resnet18 --batch 1,4 --threads 1,2

The networks and weights are those of vs_pytorch.py: PyTorch draws the weights, writes them
as safetensors for mica and as an ONNX file of a fixed shape for the others, and its logits
are what all three are held against first (1e-4). Each program is a process of its own with
as many threads; they take turns. Of each round the ratio of times is taken, the table has
its median: that of the faster of both peers by mica. Precision is fp32 everywhere (OpenVINO
is told so, as it prefers bf16 where the processor has it).

Packages: tests/bench/requirements.txt.
"""
import json
import os
import pathlib
import sys
import tempfile
import warnings
from statistics import median

import numpy as np

import networks
import turns

NETS = ("resunet7", "resunet3", "resnet18", "resnet50", "atom_localizer")
LIMIT = 1e-4


# --- processes of the peers --------------------------------------------------------------


def export(job):
    """Weights, network and logits of PyTorch as files."""
    import torch
    warnings.simplefilter("ignore")  # that this exporter will go some day
    torch.manual_seed(1)
    model, values = networks.module_of(job["file"], job["params"], job["size"])
    networks.save_weights(values, job["weights"])
    model.eval()
    x = torch.from_numpy(networks.images(job["shape"])).permute(0, 3, 1, 2).contiguous()
    with torch.inference_mode():
        networks.save_logits(model(x), job["logits"])
    torch.onnx.export(model, (x,), job["onnx"], input_names=["x"], output_names=["y"],
                      dynamo=False, opset_version=17)
    turns.say({"ready": True})


def openvino_pass(job, x):
    import openvino
    core = openvino.Core()
    model = core.compile_model(job["onnx"], "CPU", {
        "INFERENCE_NUM_THREADS": job["threads"], "PERFORMANCE_HINT": "LATENCY",
        "INFERENCE_PRECISION_HINT": "f32"})
    request = model.create_infer_request()

    def predict():
        return request.infer([x], share_inputs=True, share_outputs=True)[0]
    return predict


def onnxruntime_pass(job, x):
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = job["threads"]
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(job["onnx"], options,
                                           providers=["CPUExecutionProvider"])

    def predict():
        return session.run(None, {"x": x})[0]
    return predict


PEERS = {"OpenVINO": ("openvino", openvino_pass),
         "ONNX Runtime": ("onnxruntime", onnxruntime_pass)}


def serve_peer(job):
    __import__(PEERS[job["peer"]][0])
    before = turns.status_bytes("VmRSS:")
    x = np.ascontiguousarray(networks.images(job["shape"]).transpose(0, 3, 1, 2))
    predict = PEERS[job["peer"]][1](job, x)
    y = np.array(predict())
    predict()
    turns.forget_peak()
    y = y if y.ndim == 4 else y[:, :, None, None]
    gap = networks.distance(y.transpose(0, 2, 3, 1), np.load(job["logits"]))
    turns.serve(predict, {"gap": gap}, before)


# --- in turns ----------------------------------------------------------------------------


def child(job):
    return turns.Child([sys.executable, __file__, "--child", json.dumps(job)])


def mica_child(arguments, net, job):
    return turns.Child([arguments.mica, "bench", net, "--predict", "--serve", "--batch",
                        job["shape"][0], "--size", job["size"], "--threads",
                        job["threads"], "--weights", job["weights"]])


def take_turns(arguments, name, net, job, folder):
    """A row, from "mica ms" on."""
    ours = networks.mica_logits(arguments.mica, net, job["weights"], job["shape"], folder)
    gap = networks.distance(ours, np.load(job["logits"]))
    with mica_child(arguments, net, job) as mica, \
            child(job | {"peer": "OpenVINO"}) as openvino, \
            child(job | {"peer": "ONNX Runtime"}) as onnxruntime:
        gaps = [gap, openvino.ready["gap"], onnxruntime.ready["gap"]]
        turns.check(f"{name}: PyTorch and each", {
            key: (gap, LIMIT) for key, gap in zip(["mica", *PEERS], gaps)})
        three = (mica, openvino, onnxruntime)
        rounds = [[one.turn()[arguments.clock] for one in three]
                  for _ in range(arguments.rounds)]
        ends = [one.end() for one in three]
    ms = [median(times) for times in zip(*rounds)]
    faster = 1 if ms[1] <= ms[2] else 2
    ratio = median(times[faster] / times[0] for times in rounds)
    return [f"{one:.3g}" for one in ms] + [
        f"{ratio:.2f}", f"{ends[0]['percent']:.0f}",
        *(f"{end['peak_bytes'] / 1e6:,.0f}" for end in ends), list(PEERS)[faster - 1]]


def compare(arguments, name, threads, batch):
    file, params, size = networks.choose(name, arguments.size, arguments.width)
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        net = networks.net_file(file, params, folder)
        job = {"file": file, "params": params, "threads": threads, "size": size,
               "shape": [batch, size, size, networks.channels_of(file)],
               "weights": str(folder / "w.safetensors"),
               "logits": str(folder / "y0.npy"), "onnx": str(folder / "net.onnx")}
        with child(job | {"peer": None}) as exporter:
            exporter.process.wait()
        return take_turns(arguments, name, net, job, folder)


HEAD = ["network", "threads", "batch", "size", "mica ms", "OpenVINO ms", "ONNX Runtime ms",
        "faster peer / mica", "mica, % of the ceiling", "mica MB", "OpenVINO MB",
        "ONNX Runtime MB", "faster peer"]


def run(arguments):
    from importlib.metadata import version
    peers = ", ".join(f"{name} {version(package)}" for name, (package, _) in PEERS.items())
    title = (f"{turns.machine()}, {peers}, fp32, {turns.clock_words(arguments)}medians of "
             f"{arguments.rounds} turns; {turns.load()}")
    table = turns.Table(arguments.output, title, HEAD)
    for name in arguments.nets:
        size = networks.choose(name, arguments.size)[2]
        for batch in arguments.batch or networks.NETS[name][3]:
            for threads in arguments.threads:
                table.attempt([name, threads, batch, size],
                              lambda: compare(arguments, name, threads, batch))
    table.end()


def main():
    parser = turns.parser_of(__doc__)
    turns.add_choice(parser, NETS)
    turns.add_measuring(parser)
    run(parser.parse_args())


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        asked = json.loads(sys.argv[2])
        try:
            (serve_peer if asked["peer"] else export)(asked)
        except BrokenPipeError:  # nobody listens any more
            os._exit(1)
    else:
        main()
