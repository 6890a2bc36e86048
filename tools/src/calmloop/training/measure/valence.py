"""How near the valence that a network gives is to what people who looked at the faces voted."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from calmloop.contract.messages.emotion import Label
from calmloop.training.data.labels import FER_PLUS_COLUMNS
from calmloop.training.measure import calling
from calmloop.training.measure.candidate import CandidateAnswers
from calmloop.training.measure.metrics import GROUP_ORDER, Floats, softmax

SIGNS = {"happiness": 1, "sadness": -1, "anger": -1, "disgust": -1, "fear": -1, "contempt": -1}
"""What a vote says of valence; neutral and surprise say 0, and the rest name no emotion."""

NAMING = FER_PLUS_COLUMNS[:8]
VALUES = np.array([SIGNS.get(name, 0) for name in NAMING])
MIN_VOTES = 5
"""A face that fewer than half of its ten annotators gave an emotion is left out."""


class ValenceFit(NamedTuple):
    """Correlation (Pearson; 0 where one is constant) and root mean square error."""

    r: float
    rmse: float


def valence_agreement(answers: CandidateAnswers) -> dict[str, float] | None:
    """`r` and `rmse` of P(positive) - P(negative), as the device gives it, with the mean vote.

    Beside it the bounds: `fitted_r` and `fitted_rmse` of an output of its own, a line through all
    that the network says, fitted to the votes of every second face and measured on the others, both
    ways; and `people_r`, of the mean of one half of a face's votes with that of the other half.
    None where faces have no votes.
    """
    votes = answers.faces.votes
    if votes is None:
        return None
    naming = votes[:, : len(NAMING)]
    told = naming.sum(axis=1) >= MIN_VOTES
    if told.sum() < 2 * (len(NAMING) + 2):
        return None
    wanted = _mean(naming[told])
    candidate = answers.candidate
    limits = candidate.limits or calling.EVEN
    logits = answers.logits()[told]
    groups = calling.said(logits, candidate.temperature, limits)
    positive, negative = (GROUP_ORDER.index(label) for label in (Label.POSITIVE, Label.NEGATIVE))
    given = fit_of(groups[:, positive] - groups[:, negative], wanted)
    fitted = fit_of(_fitted(_all_said(logits, candidate.temperature, limits), wanted), wanted)
    figures = {
        "faces": float(told.sum()),
        "r": given.r,
        "rmse": given.rmse,
        "fitted_r": fitted.r,
        "fitted_rmse": fitted.rmse,
        "people_r": _between_halves(naming[told]),
    }
    return {name: round(value, 4) for name, value in figures.items()}


def fit_of(said: Floats, wanted: Floats) -> ValenceFit:
    """Of two series (N,)."""
    return ValenceFit(
        r=correlation(said, wanted),
        rmse=float(np.sqrt(((said - wanted) ** 2).mean())),
    )


def correlation(one: Floats, other: Floats) -> float:
    """Pearson's, of two series (N,)."""
    if not one.std() or not other.std():
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def _mean(naming: npt.NDArray[np.int64]) -> Floats:
    means: Floats = naming @ VALUES / naming.sum(axis=1)
    return means


def _all_said(logits: Floats, temperature: float, limits: calling.Limits) -> Floats:
    """The seven probabilities, less by what cannot be read, and a 1: (N, 8)."""
    probabilities = softmax(calling.scaled(logits, temperature, limits.neutral_prior))
    share = calling.readable(logits, temperature, limits)
    return np.column_stack((share[:, None] * probabilities, np.ones(len(logits))))


def _fitted(said: Floats, wanted: Floats) -> Floats:
    """Each half by the line that fits the other."""
    guesses = np.empty(len(wanted))
    is_even = np.arange(len(wanted)) % 2 == 0
    for half in (is_even, ~is_even):
        line, *_ = np.linalg.lstsq(said[~half], wanted[~half], rcond=None)
        guesses[half] = said[half] @ line
    return guesses


def _between_halves(naming: npt.NDArray[np.int64]) -> float:
    rng = np.random.default_rng(0)
    halves = []
    for counts in naming:
        votes = rng.permutation(np.repeat(VALUES, counts))
        middle = len(votes) // 2
        halves.append((votes[:middle].mean(), votes[middle:].mean()))
    return correlation(*np.array(halves).T)
