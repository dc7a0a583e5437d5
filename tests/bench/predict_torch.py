"""predict_torch.py - what a user of PyTorch writes to predict one image: start_to_files.py runs it.

    python predict_torch.py WIDTH THREADS WEIGHTS.safetensors IMAGE.png FOLDER

leaves classes.png and probabilities.npy. Only what is needed is imported.
"""
import pathlib
import sys

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "golden"))
from make.resunet import ResUNet  # noqa: E402

width, threads, weights, image, folder = sys.argv[1:6]
torch.set_num_threads(int(threads))
model = ResUNet(int(width), 4, 3)
model.load_state_dict(load_file(weights), strict=False)  # batch-norms count no batches there
model.eval()
pixels = torch.from_numpy(np.asarray(Image.open(image), np.float32))[None, None]
with torch.inference_mode():
    probabilities = torch.softmax(model.through(pixels), 1)
pathlib.Path(folder).mkdir(exist_ok=True)
classes = probabilities[0].argmax(0).to(torch.uint8).numpy()
Image.fromarray(classes).save(folder + "/classes.png")
np.save(folder + "/probabilities.npy", probabilities.permute(0, 2, 3, 1).numpy())
if len(sys.argv) > 6:  # the files that this process read
    files = {line.split(None, 5)[5].strip() for line in open("/proc/self/maps")
             if "/" in line}
    for module in list(sys.modules.values()):
        for key in ("__file__", "__cached__"):
            files.add(str(vars(module).get(key)))
    pathlib.Path(sys.argv[6]).write_text("\n".join(sorted(files)))
