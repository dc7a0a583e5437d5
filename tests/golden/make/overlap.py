"""overlap.py - objects matched by area, by scikit-image's regions and NumPy's bincount."""
import numpy as np
import skimage
from skimage.measure import label, regionprops

from . import store

NOTE = """truth and prediction are maps in row order; pixels whose truth is 255 belong to no
area. Objects are connected regions of a class (8 neighbours); a true and a predicted one
with an IoU above 1/2 are a pair. Lists go over the classes from 1 on: right pairs, true
objects missed, predicted ones wrong, those left out as more than half of them is ignored,
the sum of the IoU of pairs, and what follows; null where it is 0/0."""
IGNORED = 255


def regions(mask):
    marks = label(mask, connectivity=2)
    return marks, np.array([0] + [int(r.area) for r in regionprops(marks)])


def score(truth, prediction, c):
    kept = truth != IGNORED
    there, there_areas = regions(truth == c)
    found, found_areas = regions(prediction == c)
    shape = len(there_areas), len(found_areas)
    table = np.bincount(there[kept] * shape[1] + found[kept],
                        minlength=shape[0] * shape[1]).reshape(shape)
    counted = table.sum(0)
    union = there_areas[:, None] + counted[None, :] - table
    iou = table[1:, 1:] / np.maximum(union[1:, 1:], 1)
    pairs = iou > 0.5
    assert pairs.sum(0).max(initial=0) <= 1 and pairs.sum(1).max(initial=0) <= 1
    ignored = 1 - counted[1:] / found_areas[1:]
    right = int(pairs.sum())
    return {"right": right, "missed": int((~pairs.any(1)).sum()),
            "wrong": int((~pairs.any(0) & ~(ignored > 0.5)).sum()),
            "left_out": int((~pairs.any(0) & (ignored > 0.5)).sum()),
            "iou_sum": float(iou[pairs].sum())}


def ratio(part, whole):
    return part / whole if whole else None


def blobs(random, size, classes, sigma):
    """Regions of each class over a background."""
    fields = [skimage.filters.gaussian(random.random(size), sigma) for _ in range(classes)]
    fields = np.stack([(f - f.mean()) / f.std() for f in fields])
    fields[0] += 0.4
    return fields


def case(seed, classes, size, sigma=1.5, noise=0.5, specks=0.0, ignore=0):
    random = store.random_numbers("overlap", seed)
    fields = blobs(random, size, classes, sigma)
    truth = fields.argmax(0)
    prediction = (fields + noise * blobs(random, size, classes, sigma)).argmax(0)
    some = random.random(size) < specks
    prediction[some] = random.integers(0, classes, size)[some]
    for _ in range(ignore):
        y, x = random.integers(0, size[0] - 4), random.integers(0, size[1] - 6)
        truth[y:y + 4, x:x + 6] = IGNORED
    scores = [score(truth, prediction, c) for c in range(1, classes)]
    out = {"classes": classes, "height": size[0], "width": size[1],
           "truth": truth.ravel().tolist(), "prediction": prediction.ravel().tolist()}
    for key in scores[0]:
        out[key] = [s[key] for s in scores]
    out["mean_iou"] = [ratio(s["iou_sum"], s["right"]) for s in scores]
    out["panoptic_quality"] = [
        ratio(s["iou_sum"], s["right"] + s["wrong"] / 2 + s["missed"] / 2) for s in scores]
    return out


def make(folder):
    cases = [case(0, 2, (32, 40)), case(1, 2, (24, 24), sigma=1, noise=0.8),
             case(2, 4, (40, 30)), case(3, 3, (30, 30), ignore=5),
             case(4, 3, (36, 28), specks=0.05, ignore=6), case(5, 2, (20, 20), noise=0)]
    yield store.write_json(folder / "overlap.json", {
        "note": NOTE, "versions": store.versions(skimage), "cases": cases})
