"""What a network is worth that may keep silent: risk over coverage, and how true its odds are."""

from dataclasses import dataclass

import numpy as np

from calmloop.contract.messages.emotion import Label
from calmloop.statistics.wilson import wilson
from calmloop.training.measure.calling import EVEN, Limits, said
from calmloop.training.measure.metrics import (
    CALIBRATION_BINS,
    GROUP_ORDER,
    Floats,
    Labels,
    group_of,
)


@dataclass(frozen=True)
class RiskCurve:
    """The error rate of the surest group calls, one call more a step; all (M,).

    Attributes:
        coverage: Share of all faces that are called so far.
        risk: Share of these calls that are wrong.
        low: Where the interval of 95 % of the risk begins.
        high: Where it ends.
    """

    coverage: Floats
    risk: Floats
    low: Floats
    high: Floats

    @property
    def area(self) -> float:
        """Mean risk over every coverage, AURC (Geifman et al., 2019), 0 to 1; NaN of no call."""
        return float(self.risk.mean()) if len(self.risk) else float("nan")


def risk_curve(
    logits: Floats,
    truth: Labels,
    temperature: float = 1.0,
    only: Label | None = None,
    limits: Limits = EVEN,
) -> RiskCurve:
    """The curve of logits (N, 7) against labels (N,).

    ``only`` keeps the calls of one group, so that M < N. A face labelled surprise is in no group,
    and calling it one is an error.
    """
    sums = said(logits, temperature, limits)
    called = sums.argmax(axis=1)
    surest = np.argsort(-sums.max(axis=1), kind="stable")
    if only is not None:
        surest = surest[called[surest] == GROUP_ORDER.index(only)]
    count = np.arange(1, len(surest) + 1)
    risk = (called[surest] != group_of(truth[surest])).cumsum() / count
    return RiskCurve(count / len(truth), risk, *wilson(risk, count))


@dataclass(frozen=True)
class ReliabilityCurve:
    """How often calls of one confidence are right, bin by bin; the bins that are not empty.

    Attributes:
        confidence: Mean probability of the likeliest group.
        right: Share of these calls that is right.
        low: Where the interval of 95 % of that share begins.
        high: Where it ends.
        count: Calls in the bin.
    """

    confidence: Floats
    right: Floats
    low: Floats
    high: Floats
    count: Labels

    @property
    def error(self) -> float:
        """Expected calibration error of the groups, 0 to 1."""
        return float((self.count * abs(self.right - self.confidence)).sum() / self.count.sum())


def reliability(
    logits: Floats, truth: Labels, temperature: float, limits: Limits = EVEN
) -> ReliabilityCurve:
    """Of the likeliest group of each face, in bins of equal width of its probability.

    What cannot be read lowers it: this is what the classifier compares with its limits.
    """
    sums = said(logits, temperature, limits)
    confidence = sums.max(axis=1)
    is_right = sums.argmax(axis=1) == group_of(truth)
    place = np.minimum((confidence * CALIBRATION_BINS).astype(int), CALIBRATION_BINS - 1)
    count = np.bincount(place, minlength=CALIBRATION_BINS)
    kept = count > 0
    mean = np.bincount(place, confidence, CALIBRATION_BINS)[kept] / count[kept]
    right = np.bincount(place, is_right, CALIBRATION_BINS)[kept] / count[kept]
    return ReliabilityCurve(mean, right, *wilson(right, count[kept]), count[kept])
