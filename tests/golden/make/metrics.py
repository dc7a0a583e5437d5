"""metrics.py - scores of class maps by scikit-learn."""
import numpy as np
import sklearn
from sklearn import metrics

from . import store

NOTE = """truth and prediction are maps in row order; pixels whose truth is `ignore` do not
count. confusion[t][p]: how many of truth t are predicted p. A score is null where it is 0/0
(no such pixel), and the macro means leave it out; balanced_accuracy is the mean recall of
the classes that occur."""
SCORES = {"precision": metrics.precision_score, "recall": metrics.recall_score,
          "f1": metrics.f1_score, "iou": metrics.jaccard_score}


def plain(value):
    return None if np.isnan(value) else float(value)


def iou(truth, prediction, classes):
    """jaccard_score knows no null."""
    either = [np.sum((truth == c) | (prediction == c)) for c in range(classes)]
    scores = metrics.jaccard_score(truth, prediction, labels=range(classes),
                                   average=None, zero_division=0)
    return np.where(np.array(either) > 0, scores, np.nan)


def case(seed, classes, size, ignore=None, absent=None, wrong=0.3):
    random = store.random_numbers("metrics", seed)
    truth = random.integers(0, classes, size)
    if absent is not None:
        truth[truth == absent] = 0
    prediction = np.where(random.random(size) < wrong,
                          random.integers(0, classes, size), truth)
    if absent is not None:
        prediction[prediction == absent] = 1
    if ignore is not None:
        truth[random.random(size) < 0.15] = ignore
    kept = truth != ignore if ignore is not None else np.ones(size, bool)
    t, p = truth[kept], prediction[kept]
    out = {"classes": classes, "height": size[0], "width": size[1], "ignore": ignore,
           "truth": truth.ravel().tolist(), "prediction": prediction.ravel().tolist(),
           "confusion": metrics.confusion_matrix(t, p, labels=range(classes)).tolist(),
           "accuracy": metrics.accuracy_score(t, p),
           "balanced_accuracy": metrics.balanced_accuracy_score(t, p)}
    for name, score in SCORES.items():
        scores = iou(t, p, classes) if name == "iou" else score(
            t, p, labels=range(classes), average=None, zero_division=np.nan)
        out[name] = [plain(s) for s in scores]
        out[f"macro_{name}"] = plain(np.nanmean(scores))
    return out


def make(folder):
    cases = [case(0, 3, (9, 11)), case(1, 2, (8, 8), wrong=0.6), case(2, 6, (12, 10)),
             case(3, 3, (9, 7), ignore=255), case(4, 4, (8, 9), absent=2),
             case(5, 3, (5, 5), wrong=0.0)]
    yield store.write_json(folder / "metrics.json", {
        "note": NOTE, "versions": store.versions(sklearn), "cases": cases})
