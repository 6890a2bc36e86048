"""Metrics from logits (N, 7) and labels (N,): pure numpy, the same for every network."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import Label
from calmloop.training.data.labels import GROUP_COLUMNS, SURPRISE

Floats = npt.NDArray[np.floating]
Labels = npt.NDArray[np.int64]

CALIBRATION_BINS = 15
"""Equal-width bins of the expected calibration error, after Guo et al., 2017."""

MIN_LIMIT = 0.5
"""A group that is less likely than all else together is never named."""

NEVER = 1.0
"""A limit that no group exceeds."""

_TEMPERATURES = np.exp(np.linspace(np.log(0.1), np.log(10.0), 461))
_DESCENT_STEPS = 2000
_GROUPS = tuple(GROUP_COLUMNS)


@dataclass(frozen=True)
class Limits:
    """The probability that the likeliest group has to exceed, else the label is unknown."""

    min_confidence: float
    min_confidence_positive: float


@dataclass(frozen=True)
class Operating:
    """What limits do: the share of faces that get a label, and how often that label is wrong."""

    coverage: float
    positive_called: int
    positive_wrong: float
    other_wrong: float


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
    return float((called == _group_of(truth[kept])).mean())


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


def operate(logits: Floats, truth: Labels, temperature: float, limits: Limits) -> Operating:
    """Coverage and wrong positives when groups below their limit are unknown.

    A face labelled surprise that is called positive counts as wrong.
    """
    sums = group_sums(softmax(logits, temperature))
    likeliest = sums.argmax(axis=1)
    is_positive = likeliest == _GROUPS.index(Label.POSITIVE)
    needed = np.where(is_positive, limits.min_confidence_positive, limits.min_confidence)
    called = sums.max(axis=1) > needed
    true_group = _group_of(truth)
    positive = called & is_positive
    other = called & ~is_positive
    return Operating(
        coverage=float(called.mean()),
        positive_called=int(positive.sum()),
        positive_wrong=_share(true_group[positive] != likeliest[positive]),
        other_wrong=_share(true_group[other] != likeliest[other]),
    )


def risk_coverage(
    logits: Floats, truth: Labels, temperature: float = 1.0, only: Label | None = None
) -> tuple[Floats, Floats]:
    """(coverage, risk), both (M,): the error rate of the surest group calls, one call more a step.

    Coverage is a share of all N faces. ``only`` keeps the calls of one group, so that M < N. Here
    too a face labelled surprise is in no group, and calling it one is an error.
    """
    sums = group_sums(softmax(logits, temperature))
    called = sums.argmax(axis=1)
    surest = np.argsort(-sums.max(axis=1), kind="stable")
    if only is not None:
        surest = surest[called[surest] == _GROUPS.index(only)]
    wrong = called[surest] != _group_of(truth[surest])
    count = np.arange(1, len(surest) + 1)
    return count / len(truth), wrong.cumsum() / count


def choose_limits(
    logits: Floats, truth: Labels, temperature: float, max_wrong: float = 0.05
) -> Limits:
    """MIN_LIMIT for negative and neutral, and for positive the lowest that holds errors down.

    At most ``max_wrong`` of the faces then called positive carry another label: a wrong positive
    is the costly error, since it raises the stimulus. What these faces show is a draw, so that the
    upper end of its interval (Wilson, 1927, one standard error) has to stay below. Steps of 0.01;
    NEVER when none suffices.
    """
    for percent in range(round(MIN_LIMIT * 100), 100):
        limits = Limits(MIN_LIMIT, percent / 100)
        found = operate(logits, truth, temperature, limits)
        if _upper_share(found.positive_wrong, found.positive_called) <= max_wrong:
            return limits
    return Limits(MIN_LIMIT, NEVER)


def _upper_share(share: float, count: int) -> float:
    """The upper end of Wilson's interval of one standard error; 1 when nothing was counted."""
    if not count:
        return 1.0
    middle = share + 1 / (2 * count)
    reach = sqrt(share * (1 - share) / count + 1 / (4 * count**2))
    return (middle + reach) / (1 + 1 / count)


def _share(flags: npt.NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else 0.0


def _group_of(truth: Labels) -> Labels:
    """Index of each label's group; -1 for surprise."""
    lookup = np.full(7, -1, dtype=np.int64)
    for n, columns in enumerate(GROUP_COLUMNS.values()):
        lookup[columns] = n
    return lookup[truth]
