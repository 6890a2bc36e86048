"""From probabilities to labels that may be said: limits, what they do, and how they are chosen."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import EMOTIONS, Label
from calmloop.statistics.wilson import wilson
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
    """

    min_confidence: float
    min_confidence_positive: float
    min_confidence_negative: float | None = None
    doubt_logit: float | None = None

    @property
    def thresholds(self) -> dict[str, float | None]:
        """Without the doubt: as a card has them."""
        return {key: value for key, value in asdict(self).items() if key != "doubt_logit"}

    def of(self, group: Label) -> float:
        """That of one group."""
        if group is Label.POSITIVE:
            return self.min_confidence_positive
        negative = self.min_confidence_negative
        return self.min_confidence if group is not Label.NEGATIVE or negative is None else negative


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
        wrong=_share(true_group[called] != likeliest[called]),
        neutral_as_negative=_share(
            called[truth == NEUTRAL] & (likeliest[truth == NEUTRAL] == NEGATIVE)
        ),
        positive_called=int(positive.sum()),
        positive_wrong=_share(true_group[positive] != likeliest[positive]),
        other_wrong=_share(true_group[other] != likeliest[other]),
    )


def call(
    logits: Floats, temperature: float, limits: Limits
) -> tuple[npt.NDArray[np.bool_], Labels]:
    """Whether each face gets a label, and the index of its likeliest group; both (N,)."""
    sums = said(logits, temperature, limits.doubt_logit)
    likeliest = sums.argmax(axis=1)
    needed = np.array([limits.of(group) for group in GROUP_ORDER])[likeliest]
    return sums.max(axis=1) > needed, likeliest


def said(logits: Floats, temperature: float, doubt_logit: float | None) -> Floats:
    """Probabilities (N, 3) of the groups, less by what cannot be read."""
    share = readable(logits, temperature, doubt_logit)
    told: Floats = share[:, None] * group_sums(softmax(logits, temperature))
    return told


def evidence(logits: Floats, temperature: float = 1.0) -> Floats:
    """Log-sum-exp (N,) of the scaled logits: the negative of the energy of Liu et al., 2020."""
    summed: Floats = np.logaddexp.reduce(logits.astype(np.float64) / temperature, axis=1)
    return summed


def readable(logits: Floats, temperature: float, doubt_logit: float | None) -> Floats:
    """Probability (N,) that anything can be read; 1 for a network that does not tell."""
    if doubt_logit is None:
        return np.ones(len(logits))
    share: Floats = 1 / (1 + np.exp(doubt_logit - evidence(logits, temperature)))
    return share


def fit_doubt(logits: Floats, lost: Floats, temperature: float) -> float:
    """The logit of doubt with the least cross-entropy, for faces whose evidence is so far lost.

    Args:
        logits: Shape (N, 7).
        lost: Share (N,) of each one's evidence that is gone, 0 to 1.
        temperature: Of the network.
    """
    told = evidence(logits, temperature)
    offsets = np.linspace(told.min(), told.max(), 401)
    margin = told[:, None] - offsets
    gone = lost[:, None]
    losses = (1 - gone) * np.logaddexp(0, -margin) + gone * np.logaddexp(0, margin)
    return round(float(offsets[int(np.argmin(losses.mean(axis=0)))]), 3)


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


class Shown(NamedTuple):
    """Logits (N, 7) and labels (N,) of faces that are spoiled in one way.

    In what has no face to read, every label is wrong.
    """

    logits: Floats
    truth: Labels
    has_face: bool = True


@dataclass(frozen=True)
class MostWrong:
    """What limits hold on the faces that they are chosen on: shares of what is called so."""

    positive_wrong: float = 0.02
    spoiled_positive_wrong: float = 0.03
    spoiled_wrong: float = 0.15
    neutral_as_negative: float = 0.15
    no_face_labelled: float = 0.03


def choose_doubting_limits(
    clean: Shown,
    spoiled: Sequence[Shown],
    temperature: float,
    doubt_logit: float,
    bounds: MostWrong = MostWrong(),
) -> Limits:
    """The lowest limits with which coverage gives way where little can be seen, and not truth.

    Positive is held down on clean faces and on all spoiled ones together as in `choose_limits`,
    and on no way of spoiling may it be clearly above (the lower end of its interval). Negative is
    held down by the neutral faces that are called so; negative and neutral together by what is
    wrong on spoiled faces, and by what is labelled where there is no face.
    """
    calls = _Calls(clean, spoiled, temperature)
    lowest = Limits(MIN_LIMIT, MIN_LIMIT, MIN_LIMIT, doubt_logit)
    negative = _lowest(
        lambda limit: replace(lowest, min_confidence_negative=limit),
        lambda limits: calls.neutral_as_negative(limits) <= bounds.neutral_as_negative,
    )
    positive = _lowest(
        lambda limit: replace(negative, min_confidence_positive=limit),
        lambda limits: calls.positive_holds(limits, bounds),
    )
    return _lowest(
        lambda limit: Limits(
            limit,
            max(limit, positive.min_confidence_positive),
            max(limit, positive.min_confidence_negative or 0.0),
            doubt_logit,
        ),
        lambda limits: calls.spoiled_holds(limits, bounds),
    )


def _lowest(at: Callable[[float], Limits], holds: Callable[[Limits], bool]) -> Limits:
    """The first of the limits from MIN_LIMIT on, in steps of 0.01, that holds; else NEVER."""
    percents = range(round(MIN_LIMIT * 100), 100)
    return next((at(n / 100) for n in percents if holds(at(n / 100))), at(NEVER))


class _Calls:
    """What limits come to on faces as they are and spoiled."""

    def __init__(self, clean: Shown, spoiled: Sequence[Shown], temperature: float) -> None:
        self._clean, self._spoiled, self._temperature = clean, spoiled, temperature

    def neutral_as_negative(self, limits: Limits) -> float:
        return self._operate(self._clean, limits).neutral_as_negative

    def positive_holds(self, limits: Limits, bounds: MostWrong) -> bool:
        clean = self._operate(self._clean, limits)
        faces = [self._operate(shown, limits) for shown in self._spoiled if shown.has_face]
        wrong = sum(found.positive_wrong * found.positive_called for found in faces)
        count = sum(found.positive_called for found in faces)
        most = bounds.spoiled_positive_wrong
        return (
            _upper_share(clean.positive_wrong, clean.positive_called) <= bounds.positive_wrong
            and (not count or _upper_share(wrong / count, count) <= most)
            and all(_lower_share(one.positive_wrong, one.positive_called) <= most for one in faces)
        )

    def spoiled_holds(self, limits: Limits, bounds: MostWrong) -> bool:
        """Whether little is labelled where there is no face, and what is covered mostly right."""
        for shown in self._spoiled:
            called, likeliest = call(shown.logits, self._temperature, limits)
            wrong = likeliest[called] != group_of(shown.truth[called])
            if (
                shown.has_face
                and _lower_share(_share(wrong), int(called.sum())) > bounds.spoiled_wrong
            ):
                return False
            if not shown.has_face and called.mean() > bounds.no_face_labelled:
                return False
        return True

    def _operate(self, shown: Shown, limits: Limits) -> Operating:
        return operate(shown.logits, shown.truth, self._temperature, limits)


def _upper_share(share: float, count: int) -> float:
    """The upper end of the interval of one standard error."""
    return float(wilson(share, count, z=1)[1])


def _lower_share(share: float, count: int) -> float:
    """The lower end of the same."""
    return float(wilson(share, count, z=1)[0])


def _share(flags: npt.NDArray[np.bool_]) -> float:
    return float(flags.mean()) if flags.size else 0.0
