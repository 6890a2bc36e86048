"""Agreement beyond chance, with confidence intervals from the bootstrap: pure numpy.

Cohen, 1960: two raters. Fleiss, 1971: several raters of the same items. Intervals are percentiles
over resampled items (Efron, 1979); items that come from one person or one clip are not
independent, and the true interval is then wider.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Statistic = Callable[[Floats], Floats]
"""From counts of patterns, with leading axes for resamples, to one statistic each."""

RESAMPLES = 2000
CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A statistic and its confidence interval; NaN where it is undefined."""

    value: float
    low: float
    high: float


def accuracy(one: Ints, other: Ints, seed: int = 0) -> Estimate:
    """Share of items (N,) on which both raters say the same."""
    return _estimate(_pairs(one, other), len(one), _accuracy_of, seed)


def cohen(one: Ints, other: Ints, seed: int = 0) -> Estimate:
    """Cohen's kappa of two raters' categories (N,), numbers from 0; NaN if all say one thing."""
    return _estimate(_pairs(one, other), len(one), _cohen_of, seed)


def fleiss(counts: Ints, seed: int = 0) -> Estimate:
    """Fleiss' kappa of counts (N items, K categories), rows summing to the same two or more.

    Raises:
        ValueError: for other rows.
    """
    raters = _raters_of(counts)
    patterns, times = np.unique(counts, axis=0, return_counts=True)
    agreed = (patterns * (patterns - 1)).sum(axis=1) / (raters * (raters - 1))

    def kappa(weights: Floats) -> Floats:
        shares = weights @ patterns / (weights.sum(axis=-1, keepdims=True) * raters)
        return _beyond_chance(
            weights @ agreed / weights.sum(axis=-1), np.square(shares).sum(axis=-1)
        )

    return _interval(kappa, times, len(counts), seed)


def fleiss_of_category(counts: Ints, category: int, seed: int = 0) -> Estimate:
    """Fleiss' kappa for one category against all others."""
    chosen = counts[:, category]
    return fleiss(np.stack([chosen, counts.sum(axis=1) - chosen], axis=1), seed)


def _raters_of(counts: Ints) -> int:
    totals = np.unique(counts.sum(axis=1))
    if len(totals) != 1 or totals[0] < 2:
        raise ValueError(f"items have {totals.tolist()} answers; the same two or more are expected")
    return int(totals[0])


def _pairs(one: Ints, other: Ints) -> Ints:
    """Counts (K, K) of what the two raters say."""
    categories = int(max(one.max(), other.max())) + 1
    flat = np.bincount(one * categories + other, minlength=categories**2)
    return flat.reshape(categories, categories)


def _accuracy_of(tables: Floats) -> Floats:
    hits: Floats = np.trace(tables, axis1=-2, axis2=-1) / tables.sum(axis=(-2, -1))
    return hits


def _cohen_of(tables: Floats) -> Floats:
    total = tables.sum(axis=(-2, -1))
    by_chance = (tables.sum(axis=-1) * tables.sum(axis=-2)).sum(axis=-1) / total**2
    return _beyond_chance(_accuracy_of(tables), by_chance)


def _beyond_chance(observed: Floats, by_chance: Floats) -> Floats:
    room = 1 - np.asarray(by_chance, np.float64)
    kappa: Floats = np.where(room > 1e-12, (observed - by_chance) / np.maximum(room, 1e-12), np.nan)
    return kappa


def _estimate(table: Ints, items: int, statistic: Statistic, seed: int) -> Estimate:
    def of_weights(weights: Floats) -> Floats:
        return statistic(weights.reshape(*weights.shape[:-1], *table.shape))

    return _interval(of_weights, table.ravel(), items, seed)


def _interval(statistic: Statistic, times: Ints, items: int, seed: int) -> Estimate:
    """The statistic of pattern counts, and its percentiles when the items are drawn anew."""
    value = float(statistic(times.astype(np.float64)))
    drawn = np.random.default_rng(seed).multinomial(items, times / items, RESAMPLES)
    resampled = statistic(drawn.astype(np.float64))
    resampled = resampled[~np.isnan(resampled)]
    if np.isnan(value) or not resampled.size:
        return Estimate(value, np.nan, np.nan)
    tail = 100 * (1 - CONFIDENCE) / 2
    low, high = np.percentile(resampled, (tail, 100 - tail))
    return Estimate(value, float(low), float(high))
