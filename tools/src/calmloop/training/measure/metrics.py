"""Metrics from logits (N, 7) and labels (N,): pure numpy, the same for every network."""

import numpy as np
import numpy.typing as npt

from calmloop.training.data.labels import GROUP_COLUMNS, SURPRISE

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]

CALIBRATION_BINS = 15
"""Equal-width bins of the expected calibration error, after Guo et al., 2017."""

_TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10.0), 461))
_DESCENT_STEPS = 2000
GROUP_ORDER = tuple(GROUP_COLUMNS)


def softmax(logits: Floats, temperature: float = 1.0) -> Floats:
    """Probabilities (N, 7) of logits divided by the temperature."""
    scaled = logits / temperature
    powers: Floats = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    probabilities: Floats = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def cross_entropy(logits: Floats, truth: Labels, temperature: float = 1.0) -> float:
    """Mean negative log-likelihood in nats."""
    chosen = softmax(logits.astype(np.float64), temperature)[np.arange(len(truth)), truth]
    return float(-np.log(np.maximum(chosen, 1e-12)).mean())


def accuracy(logits: Floats, truth: Labels) -> float:
    """Share of faces whose largest logit is the label."""
    return float((logits.argmax(axis=1) == truth).mean())


def group_sums(probabilities: Floats) -> Floats:
    """Probabilities (N, 3) of negative, neutral, positive in GROUP_COLUMNS' order; no surprise."""
    return np.stack(
        [probabilities[:, columns].sum(axis=1) for columns in GROUP_COLUMNS.values()], 1
    )


def group_accuracy(logits: Floats, truth: Labels, temperature: float = 1.0) -> float:
    """Share of faces not labelled surprise whose largest group sum is the label's group.

    NaN where every face is.
    """
    kept = truth != SURPRISE
    if not kept.any():
        return float("nan")
    called = group_sums(softmax(logits[kept], temperature)).argmax(axis=1)
    return float((called == group_of(truth[kept])).mean())


def confusion(logits: Floats, truth: Labels) -> Labels:
    """Counts (7, 7): rows are labels, columns what the network says."""
    classes = logits.shape[1]
    counts = np.bincount(truth * classes + logits.argmax(axis=1), minlength=classes * classes)
    return counts.reshape(classes, classes)


def macro_f1(counts: Labels) -> float:
    """Mean F1 of the classes that the labels hold, from a confusion matrix.

    A class that no face shows says nothing of the network and is left out; a face that was taken
    for it still counts against its own class.
    """
    hits = np.diag(counts).astype(np.float64)
    support = counts.sum(axis=1)
    predicted_or_true = counts.sum(axis=0) + support
    return float((2 * hits / np.maximum(predicted_or_true, 1))[support > 0].mean())


def calibration_error(logits: Floats, truth: Labels, temperature: float = 1.0) -> float:
    """Expected calibration error of the most likely class, 0 to 1."""
    probabilities = softmax(logits, temperature)
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    bins = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    gaps = [
        abs(right[bins == n].sum() - confidence[bins == n].sum()) for n in range(CALIBRATION_BINS)
    ]
    return float(sum(gaps) / len(truth))


def fit_temperature(logits: Floats, truth: Labels) -> float:
    """The temperature (0.1 to 10) with the least cross-entropy, to 1 %; fit it on validation."""
    losses = [cross_entropy(logits, truth, temperature) for temperature in _TEMPERATURES]
    return round(float(_TEMPERATURES[int(np.argmin(losses))]), 3)


def fit_class_bias(logits: Floats, truth: Labels) -> npt.NDArray[np.float64]:
    """Offsets (7,) to add to the logits so that each class is named as often as its label comes.

    Training on FER+ votes moves faces towards neutral, away from the FER labels that the metrics
    are against; temperature and offsets together minimise the cross-entropy (vector scaling with
    one temperature: Guo et al., 2017), by gradient descent on a convex function. Mean 0.
    """
    one_hot = np.eye(logits.shape[1])[truth]
    sharpness, offsets = 1.0, np.zeros(logits.shape[1])
    for _ in range(_DESCENT_STEPS):
        excess = softmax(logits * sharpness + offsets) - one_hot
        offsets -= 0.5 * excess.mean(axis=0)
        sharpness -= 0.05 * float((excess * logits).sum(axis=1).mean())
    centred: npt.NDArray[np.float64] = (offsets - offsets.mean()) / sharpness
    return centred


def group_of(truth: Labels) -> Labels:
    """Index in GROUP_ORDER of each label's group; -1 for surprise."""
    lookup = np.full(7, -1, dtype=np.int64)
    for n, columns in enumerate(GROUP_COLUMNS.values()):
        lookup[columns] = n
    return lookup[truth]
