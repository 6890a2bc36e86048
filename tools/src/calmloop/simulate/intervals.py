"""Figures with their 95 % intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from calmloop.statistics.wilson import wilson

DRAWS = 1000
NONE_SEEN_95 = 3.689
"""Upper limit of a Poisson mean of which nothing was seen, two-sided 95 %."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A value, its 95 % interval, and of how many sessions it is; NaN of none."""

    value: float
    low: float
    high: float
    of: int


NOTHING = Measured(float("nan"), float("nan"), float("nan"), 0)


def share(hits: int, of: int) -> Measured:
    """A share with Wilson's interval (Wilson, 1927), 0 to 1."""
    if not of:
        return NOTHING
    low, high = wilson(hits / of, of)
    return Measured(hits / of, float(low), float(high), of)


def quantile(values: Sequence[float], q: float, seed: int = 0) -> Measured:
    """A quantile with a bootstrap interval; a value may be infinite (it never came)."""
    return _bootstrap(values, lambda rows: _quantiles(rows, q), seed)


def mean(values: Sequence[float], seed: int = 0) -> Measured:
    """A mean with a bootstrap interval."""
    return _bootstrap(values, lambda rows: rows.mean(axis=1), seed)


def rate(counts: Sequence[float], hours: Sequence[float], seed: int = 0) -> Measured:
    """Events an hour over sessions, which are what is drawn anew for the interval."""
    happened, lasted = np.asarray(counts, float), np.asarray(hours, float)
    total = lasted.sum()
    if not total:
        return NOTHING
    if not happened.any():
        return Measured(0.0, 0.0, NONE_SEEN_95 / total, len(happened))
    drawn = np.random.default_rng(seed).integers(len(happened), size=(DRAWS, len(happened)))
    hours_drawn = lasted[drawn].sum(axis=1)
    rates = happened[drawn].sum(axis=1)[hours_drawn > 0] / hours_drawn[hours_drawn > 0]
    low, high = np.quantile(rates, (0.025, 0.975))
    return Measured(float(happened.sum() / total), float(low), float(high), len(happened))


def _bootstrap(
    values: Sequence[float], statistic: Callable[[Floats], Floats], seed: int
) -> Measured:
    known = np.asarray(values, float)
    if not known.size:
        return NOTHING
    drawn = np.random.default_rng(seed).integers(known.size, size=(DRAWS, known.size))
    low, high = _quantiles(statistic(known[drawn])[None, :], np.array([0.025, 0.975]))
    return Measured(float(statistic(known[None, :])[0]), float(low), float(high), known.size)


def _quantiles(rows: Floats, q: float | Floats) -> Floats:
    """Lower quantiles of each row: no interpolation, which infinity does not bear."""
    ordered = np.sort(rows, axis=1)
    place = np.ceil(np.asarray(q) * rows.shape[1]).astype(int) - 1
    picked: Floats = ordered[:, np.clip(place, 0, rows.shape[1] - 1)]
    return picked[0] if np.ndim(q) else picked
