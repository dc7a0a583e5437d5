"""regions.py - connected regions of masks by scikit-image.

Of case k: k.mask (H W), k.labels (H W; 0 outside, regions numbered by their first pixel in
row order), and for each region k.area in pixels, k.y and k.x the centre of its pixels,
k.box its first and last+1 row and column, k.mean of k.image inside, k.weighted_y and
k.weighted_x the centre weighted by k.image.
"""
import numpy as np
import skimage
from skimage.measure import label, regionprops

from . import store


def blobs(random, shape):
    return skimage.filters.gaussian(random.random(shape), 1.5) > 0.5


def frame(random, shape):
    mask = np.zeros(shape, bool)
    mask[1:-1, 1:-1] = True
    mask[3:-3, 3:-3] = False
    mask[5:-5, 5:-5] = True
    return mask


MASKS = [
    (lambda r, s: r.random(s) < 0.35, (17, 23)), (lambda r, s: r.random(s) < 0.6, (24, 31)),
    (blobs, (40, 33)), (frame, (16, 14)), (lambda r, s: np.zeros(s, bool), (3, 4)),
    (lambda r, s: np.ones(s, bool), (5, 3)), (lambda r, s: np.indices(s).sum(0) % 2 == 0,
                                              (6, 7))]


def record(cases, draw, shape, connectivity):
    random = cases.random()
    mask = draw(random, shape)
    image = random.random(shape).astype(np.float32)
    labels = label(mask, connectivity=1 if connectivity == 4 else 2)
    found = regionprops(labels, image.astype(np.float64))
    column = lambda get: np.array([get(r) for r in found], np.float64)  # noqa: E731
    cases.add({"json": {"connectivity": connectivity}, "regions": len(found)}, {
        "mask": mask.astype(np.uint8), "image": image, "labels": labels.astype(np.int32),
        "area": column(lambda r: r.area),
        "y": column(lambda r: r.centroid[0]), "x": column(lambda r: r.centroid[1]),
        "box": column(lambda r: (r.bbox[0], r.bbox[2], r.bbox[1], r.bbox[3])),
        "mean": column(lambda r: r.mean_intensity),
        "weighted_y": column(lambda r: r.centroid_weighted[0]),
        "weighted_x": column(lambda r: r.centroid_weighted[1])})


def make(folder):
    cases = store.Cases("regions")
    for draw, shape in MASKS:
        for connectivity in (4, 8):
            record(cases, draw, shape, connectivity)
    yield cases.write(folder / "regions.safetensors", __doc__,
                      versions=store.versions(skimage))
