import math

import numpy as np
import pytest

from calmloop.agreement import kappa

FLEISS_1971_STYLE = np.array(
    [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
)
"""The worked example with 14 raters, 10 items and 5 categories; its kappa is 0.210."""


def pairs(table: list[list[int]]) -> tuple[kappa.Ints, kappa.Ints]:
    """Two raters whose answers make this table."""
    rows, columns = np.indices(np.shape(table))
    times = np.array(table).ravel()
    return np.repeat(rows.ravel(), times), np.repeat(columns.ravel(), times)


def test_cohens_kappa_of_the_textbook_table() -> None:
    one, other = pairs([[20, 5], [10, 15]])
    assert kappa.cohen(one, other).value == pytest.approx(0.4)
    assert kappa.accuracy(one, other).value == pytest.approx(0.7)


def test_fleiss_kappa_of_the_worked_example() -> None:
    assert kappa.fleiss(FLEISS_1971_STYLE).value == pytest.approx(0.210, abs=5e-4)


def test_agreement_is_one_when_perfect_and_near_zero_by_chance() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 3, (2, 6000))
    assert kappa.cohen(one, one).value == pytest.approx(1)
    assert kappa.cohen(one, other).value == pytest.approx(0, abs=0.03)
    assert kappa.cohen(one, (one + 1) % 3).value < -0.3


def test_kappa_is_undefined_when_everybody_says_one_thing() -> None:
    same = np.zeros(10, np.int64)
    assert all(map(math.isnan, kappa.cohen(same, same)))
    assert kappa.accuracy(same, same) == (1, 1, 1)


def test_the_interval_is_that_of_a_proportion_and_narrows_with_more_items() -> None:
    narrow, wide = (kappa.accuracy(*pairs([[7 * n, n], [2 * n, 10 * n]])) for n in (50, 5))
    assert wide.value == narrow.value == pytest.approx(0.85)
    for estimate, items in ((narrow, 1000), (wide, 100)):
        half = 1.96 * math.sqrt(0.85 * 0.15 / items)
        assert estimate.low == pytest.approx(0.85 - half, abs=0.012)
        assert estimate.high == pytest.approx(0.85 + half, abs=0.012)


def test_cohens_interval_is_that_of_its_large_sample_formula() -> None:
    one, other = pairs([[200, 50], [100, 150]])
    estimate = kappa.cohen(one, other)
    # Fleiss, Cohen and Everitt, 1969, for this table: standard error 0.0402.
    assert estimate.high - estimate.low == pytest.approx(2 * 1.96 * 0.0402, rel=0.05)
    assert kappa.cohen(one, other) == estimate


def test_fleiss_interval_holds_its_value_and_a_category_stands_against_the_rest() -> None:
    counts = np.array([[3, 0, 0]] * 20 + [[0, 2, 1]] * 10 + [[0, 1, 2]] * 10)
    whole = kappa.fleiss(counts)
    assert whole.low < whole.value < whole.high
    assert kappa.fleiss_of_category(counts, 0).value == pytest.approx(1)
    assert kappa.fleiss_of_category(counts, 1).value < 0.5


def test_items_with_unlike_numbers_of_answers_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\[2, 3\] answers"):
        kappa.fleiss(np.array([[2, 0], [2, 1]]))
