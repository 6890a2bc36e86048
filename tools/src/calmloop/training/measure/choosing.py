"""How a network's limits are chosen, on faces that it did not learn from."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from calmloop.statistics.wilson import wilson
from calmloop.training.measure.calling import (
    EVEN,
    MIN_LIMIT,
    NEVER,
    Limits,
    Operating,
    call,
    evidence,
    operate,
    scaled,
    share_of,
)
from calmloop.training.measure.metrics import Floats, Labels, group_of

LIMITS = (*(n / 100 for n in range(round(MIN_LIMIT * 100), 100)), NEVER)
"""What is tried."""


def fit_doubt(
    logits: Floats, lost: Floats, temperature: float, neutral_prior: float = 0.0
) -> float:
    """The logit of doubt with the least cross-entropy, for faces whose evidence is so far lost.

    Args:
        logits: Shape (N, 7).
        lost: Share (N,) of each one's evidence that is gone, 0 to 1.
        temperature: Of the network.
        neutral_prior: As `Limits` has it.
    """
    told = evidence(scaled(logits, temperature, neutral_prior))
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

    def holds(limits: Limits) -> bool:
        found = operate(logits, truth, temperature, limits)
        return _upper_share(found.positive_wrong, found.positive_called) <= max_wrong

    return _first((Limits(MIN_LIMIT, limit) for limit in LIMITS), holds)


class Shown(NamedTuple):
    """Logits (N, 7) and labels (N,) of faces that are spoiled in one way.

    In what has no face to read, every label is wrong.
    """

    logits: Floats
    truth: Labels
    has_face: bool = True


class Faded(NamedTuple):
    """Logits (N, 7) of spoiled pictures, and the share (N,) of their evidence that is lost."""

    logits: Floats
    lost: Floats


@dataclass(frozen=True)
class MostWrong:
    """What limits hold on the faces that they are chosen on: shares of what is called so.

    All but `neutral_as_negative` are compared with an end of their interval.
    """

    positive_wrong: float = 0.035
    spoiled_positive_wrong: float = 0.035
    spoiled_wrong: float = 0.25
    neutral_as_negative: float = 0.15
    no_face_labelled: float = 0.03


PRIORS = tuple(n / 20 for n in range(61))
"""Neutral priors that are tried: at the last one neutral counts twenty times as much."""


def choose_doubting_limits(
    clean: Shown,
    spoiled: Sequence[Shown],
    faded: Faded,
    temperature: float,
    bounds: MostWrong = MostWrong(),
) -> Limits:
    """The lowest limits with which coverage gives way where little can be seen, and not truth.

    Positive is held down on clean faces and on all spoiled ones together as in `choose_limits`,
    and on no way of spoiling may it be clearly above (the lower end of its interval). Negative and
    neutral are held down by what is wrong on spoiled faces, and by what is labelled where there
    is no face. All that with the least neutral prior at which few neutral faces are called
    negative: a limit of negative's own would leave them unknown, and a calm child's chair without
    a reading.
    """
    calls = _Calls(clean, spoiled, temperature)

    def with_prior(prior: float) -> Limits:
        doubt_logit = fit_doubt(*faded, temperature, prior)
        return _held(calls, replace(EVEN, doubt_logit=doubt_logit, neutral_prior=prior), bounds)

    return _first(
        map(with_prior, PRIORS),
        lambda limits: calls.neutral_as_negative(limits) <= bounds.neutral_as_negative,
    )


def _held(calls: "_Calls", even: Limits, bounds: MostWrong) -> Limits:
    positive = _first(
        (replace(even, min_confidence_positive=limit) for limit in LIMITS),
        lambda limits: calls.positive_holds(limits, bounds),
    )
    least = positive.min_confidence_positive
    return _first(
        (
            replace(positive, min_confidence=limit, min_confidence_positive=max(limit, least))
            for limit in LIMITS
        ),
        lambda limits: calls.spoiled_holds(limits, bounds),
    )


def _first(candidates: Iterable[Limits], holds: Callable[[Limits], bool]) -> Limits:
    """The first that holds; else the last."""
    tried = EVEN
    for tried in candidates:
        if holds(tried):
            break
    return tried


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
                and _lower_share(share_of(wrong), int(called.sum())) > bounds.spoiled_wrong
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
