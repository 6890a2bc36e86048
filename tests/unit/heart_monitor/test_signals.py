"""Other signals of the body: summed up over a second, unknown when they are silent or stuck."""

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmloop.contract.messages.biosignal import Absence
from calmloop.heart_monitor.reading import BodySample
from calmloop.heart_monitor.signals import Biosignal, Bounds

SECOND_NS = 1_000_000_000
BOUNDS = Bounds(min_value=-5.0, max_value=5.0, silent_after_s=5.0, frozen_after_s=60.0)


def signal_of(values: list[float], start_ns: int = 0, step_ns: int = 1_000_000) -> Biosignal:
    signal = Biosignal(BOUNDS)
    for number, value in enumerate(values):
        signal.put(BodySample(start_ns + number * step_ns, "emg", value))
    return signal


def test_mean_and_spread_are_of_what_came_since_the_last_look() -> None:
    signal = signal_of([1.0, 2.0, 3.0, 4.0])
    first = signal.read(SECOND_NS)
    assert (first.value, first.samples, first.quality, first.reason) == (2.5, 4, 1.0, None)
    assert first.spread == pytest.approx(statistics.pstdev([1, 2, 3, 4]))
    signal.put(BodySample(SECOND_NS, "emg", -1.0))
    assert signal.read(SECOND_NS).value == -1.0


def test_a_slow_signal_keeps_its_value_with_its_age_and_not_for_ever() -> None:
    signal = signal_of([2.0])
    assert signal.read(0).value == 2.0
    held = signal.read(4 * SECOND_NS)
    assert (held.value, held.samples, held.age_s, held.quality) == (2.0, 0, 4.0, None)
    gone = signal.read(6 * SECOND_NS)
    assert (gone.value, gone.spread, gone.reason, gone.age_s) == (None, None, Absence.SILENT, 6.0)
    assert "column" in gone.detail


def test_what_is_out_of_bounds_or_no_number_lowers_the_quality_alone() -> None:
    reading = signal_of([1.0, float("nan"), 9.0, float("-inf")]).read(0)
    assert (reading.value, reading.samples, reading.quality) == (1.0, 1, 0.25)


def test_with_nothing_within_bounds_it_is_unknown_at_once() -> None:
    signal = signal_of([1.0])
    signal.read(0)
    signal.put(BodySample(SECOND_NS, "emg", 9.0))
    reading = signal.read(SECOND_NS)
    assert (reading.value, reading.reason) == (None, Absence.OUT_OF_RANGE)
    assert "-5 to 5" in reading.detail


def test_a_value_that_never_moves_is_a_fault() -> None:
    stuck = signal_of([4.99] * 61, step_ns=SECOND_NS)
    assert stuck.read(60 * SECOND_NS).reason is Absence.FROZEN
    stuck.put(BodySample(61 * SECOND_NS, "emg", 4.9))
    assert stuck.read(61 * SECOND_NS).reason is None


def test_what_was_lost_is_forgotten() -> None:
    signal = signal_of([1.0])
    signal.clear()
    assert signal.read(0).age_s is None


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=50))
def test_whatever_comes_value_and_spread_are_within_the_bounds(values: list[float]) -> None:
    reading = signal_of(values).read(SECOND_NS)
    good = [value for value in values if -5 <= value <= 5]
    assert (reading.value is None) == (reading.reason is not None)
    assert reading.samples == len(good)
    if good:
        assert reading.value == pytest.approx(statistics.fmean(good), abs=1e-9)
        assert reading.spread == pytest.approx(statistics.pstdev(good), abs=1e-6)
