"""From probabilities to labels that may be said: limits, and what they do."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.training.measure.metrics import (
    GROUP_ORDER,
    Floats,
    Labels,
    group_of,
    group_sums,
    softmax,
)

NEUTRAL = EMOTIONS.index("neutral")
NEGATIVE = GROUP_ORDER.index(Label.NEGATIVE)

MIN_LIMIT = 0.5
"""A group that is less likely than all else together is never named."""

NEVER = 1.0
"""A limit that no group exceeds."""


@dataclass(frozen=True)
class Limits:
    """The probability that the likeliest group has to exceed, else the label is unknown.

    ``doubt_logit`` stands beside the seven, divided by the temperature, where a network knows what
    cannot be read; with it the groups and that are 1 together, and else the groups alone.
    ``neutral_prior`` is added to neutral's logit, so divided, before the seven are compared.
    """

    min_confidence: float
    min_confidence_positive: float
    doubt_logit: float | None = None
    neutral_prior: float = 0.0

    @property
    def thresholds(self) -> dict[str, float]:
        """The two probabilities: as a card has them."""
        positive = self.min_confidence_positive
        return {"min_confidence": self.min_confidence, "min_confidence_positive": positive}

    def of(self, group: Label) -> float:
        """That of one group."""
        is_positive = group is Label.POSITIVE
        return self.min_confidence_positive if is_positive else self.min_confidence


EVEN = Limits(MIN_LIMIT, MIN_LIMIT)
"""What is likelier than all else together is named: of a network that says nothing of itself."""


@dataclass(frozen=True)
class Operating:
    """What limits do: the share of faces that get a label, and how often that label is wrong."""

    coverage: float
    wrong: float
    neutral_as_negative: float
    positive_called: int
    positive_wrong: float
    other_wrong: float


def operate(logits: Floats, truth: Labels, temperature: float, limits: Limits) -> Operating:
    """Coverage and wrong positives when groups below their limit are unknown.

    A face labelled surprise that is called positive counts as wrong.
    """
    called, likeliest = call(logits, temperature, limits)
    is_positive = likeliest == GROUP_ORDER.index(Label.POSITIVE)
    true_group = group_of(truth)
    positive = called & is_positive
    other = called & ~is_positive
    return Operating(
        coverage=float(called.mean()),
        wrong=share_of(true_group[called] != likeliest[called]),
        neutral_as_negative=share_of(
            called[truth == NEUTRAL] & (likeliest[truth == NEUTRAL] == NEGATIVE)
        ),
        positive_called=int(positive.sum()),
        positive_wrong=share_of(true_group[positive] != likeliest[positive]),
        other_wrong=share_of(true_group[other] != likeliest[other]),
    )


def call(
    logits: Floats, temperature: float, limits: Limits
) -> tuple[npt.NDArray[np.bool_], Labels]:
    """Whether each face gets a label, and the index of its likeliest group; both (N,)."""
    sums = said(logits, temperature, limits)
    likeliest = sums.argmax(axis=1)
    needed = np.array([limits.of(group) for group in GROUP_ORDER])[likeliest]
    return sums.max(axis=1) > needed, likeliest


def said(logits: Floats, temperature: float, limits: Limits) -> Floats:
    """Probabilities (N, 3) of the groups, less by what cannot be read."""
    share = readable(logits, temperature, limits)
    told: Floats = share[:, None] * group_sums(
        softmax(scaled(logits, temperature, limits.neutral_prior))
    )
    return told


def readable(logits: Floats, temperature: float, limits: Limits) -> Floats:
    """Probability (N,) that anything can be read; 1 for a network that does not tell."""
    if limits.doubt_logit is None:
        return np.ones(len(logits))
    found = evidence(scaled(logits, temperature, limits.neutral_prior))
    share: Floats = 1 / (1 + np.exp(limits.doubt_logit - found))
    return share


def evidence(scaled_logits: Floats) -> Floats:
    """Log-sum-exp (N,) of what `scaled` gives: the negative of the energy of Liu et al., 2020."""
    summed: Floats = np.logaddexp.reduce(scaled_logits, axis=1)
    return summed


def scaled(logits: Floats, temperature: float, neutral_prior: float) -> Floats:
    """Logits (N, 7) by temperature and prior: as probabilities are taken from them."""
    divided: Floats = logits.astype(np.float64) / temperature
    divided[:, NEUTRAL] += neutral_prior
    return divided


def share_of(flags: npt.NDArray[np.bool_]) -> float:
    """The mean; 0 of nothing."""
    return float(flags.mean()) if flags.size else 0.0
