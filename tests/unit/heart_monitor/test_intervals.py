"""Which intervals are artefacts, and what the others say of rate and variability."""

import math
from importlib import import_module
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from calmloop.contract.messages.biosignal import MAX_RATE_BPM, MIN_RATE_BPM
from calmloop.heart_monitor.intervals import MAX_HELD, Filter, Intervals, Variability
from tests.unit.heart_monitor.heartbeats import START_NS, intervals_ms, plain_rmssd_ms, told


def after(rr_ms: list[float]) -> Variability:
    intervals, now_ns = Intervals(), START_NS
    for measurement in told(rr_ms):
        intervals.add(measurement.at_ns, measurement.rr_ms)
        now_ns = measurement.at_ns
    return intervals.read(now_ns)


def judged(rr_ms: list[float]) -> str:
    """A letter for each interval: g good, a artefact."""
    judge = Filter()
    return "".join("ga"[not judge.is_good(each)] for each in rr_ms)


def test_an_interval_a_fifth_away_from_the_last_good_one_is_an_artefact() -> None:
    assert judged([800, 961, 639, 800]) == "gaag"
    assert judged([800, 960, 768]) == "ggg"


def test_a_premature_beat_costs_itself_and_its_pause() -> None:
    assert judged([800, 500, 1100, 800, 810]) == "gaagg"


def test_a_missed_beat_and_a_beat_too_many_cost_what_they_are() -> None:
    assert judged([800, 1600, 800, 400, 400, 800]) == "gagaag"


def test_three_that_agree_begin_a_new_rhythm() -> None:
    assert judged([800, 500, 510, 505, 500, 495]) == "gaaggg"


def test_a_wrong_first_interval_does_not_lock_out_the_rhythm() -> None:
    assert judged([300, 800, 810, 805, 800]) == "gaagg"


def test_what_no_heart_does_is_an_artefact_whatever_came_before() -> None:
    assert judged([249, 2001, math.nan, math.inf, 0, -800]) == "aaaaaa"


def test_rmssd_of_a_minute_is_the_definition_s() -> None:
    rr_ms = intervals_ms(seconds=59)
    found = after(rr_ms)
    assert found.artefact_share == 0.0
    assert found.rmssd_ms == pytest.approx(plain_rmssd_ms(rr_ms), rel=1e-9)
    assert found.rate_bpm == pytest.approx(90, abs=1.5)


def test_rmssd_of_a_worked_example() -> None:
    # Differences +10, -20, +30, -40, ... repeated: sqrt((100 + 400 + 900 + 1600) / 4) = 27.386.
    steps = [10, -20, 30, -40, 10, -20, 30] * 9
    rr_ms = list(accumulate(steps, initial=800.0))
    found = after(rr_ms)
    assert found.rmssd_ms == pytest.approx(plain_rmssd_ms(rr_ms))
    assert plain_rmssd_ms([800, 810, 790, 820, 780]) == pytest.approx(math.sqrt(750))


def test_artefacts_hardly_change_it() -> None:
    clean = intervals_ms(seconds=58)
    spoilt = list(clean)
    for place in (15, 35, 55):
        spoilt[place : place + 2] = [clean[place] * 0.6, clean[place + 1] * 1.4]
    found = after(spoilt)
    assert found.artefact_share == pytest.approx(6 / len(spoilt), abs=0.001)
    assert found.rmssd_ms == pytest.approx(plain_rmssd_ms(clean), rel=0.1)
    assert plain_rmssd_ms(spoilt) > 2 * plain_rmssd_ms(clean)


def test_too_many_artefacts_and_too_short_a_time_give_no_rmssd() -> None:
    rr_ms = intervals_ms(seconds=59)
    rr_ms[::4] = [each * 2 for each in rr_ms[::4]]
    spoilt = after(rr_ms)
    assert spoilt.artefact_share is not None
    assert spoilt.artefact_share > 0.2
    assert spoilt.rmssd_ms is None
    assert spoilt.rate_bpm is not None
    assert after(intervals_ms(seconds=29)).rmssd_ms is None
    assert after(intervals_ms(seconds=32)).rmssd_ms is not None


def test_a_message_that_was_lost_parts_the_beats_on_its_sides() -> None:
    intervals = Intervals()
    calm, fast = [800.0, 800.0] * 20, [700.0, 700.0] * 20
    for second, rr_ms in enumerate((calm, fast)):
        intervals.add(START_NS + second * 40_000_000_000, rr_ms)
    assert intervals.read(START_NS + 40_000_000_000).rmssd_ms == 0.0
    joined = Intervals()
    joined.add(START_NS, calm + fast)
    assert (joined.read(START_NS).rmssd_ms or 0.0) > 0.0


def test_after_a_minute_and_more_nothing_is_left_of_it() -> None:
    intervals = Intervals()
    intervals.add(START_NS, [800.0] * 50)
    assert intervals.read(START_NS + 60_000_000_001) == Variability(
        None, None, None, None, 0.0, 0.0
    )


@given(
    st.lists(
        st.tuples(st.floats(0, 5), st.lists(st.floats(allow_nan=True), max_size=40)), max_size=30
    )
)
def test_whatever_comes_is_held_in_bounds(messages: list[tuple[float, list[float]]]) -> None:
    intervals, now_ns = Intervals(), START_NS
    for wait_s, rr_ms in messages:
        now_ns += round(wait_s * 1e9)
        intervals.add(now_ns, rr_ms)
        found = intervals.read(now_ns)
        assert found.rate_bpm is None or MIN_RATE_BPM <= round(found.rate_bpm, 9) <= MAX_RATE_BPM
        assert found.rmssd_ms is None or 0 <= found.rmssd_ms <= 1750
        assert found.artefact_share is None or 0 <= found.artefact_share <= 1
        assert 0 <= found.covered_s <= 60


def test_a_flood_fills_no_memory() -> None:
    intervals = Intervals()
    intervals.add(START_NS, [300.0] * 100_000)
    assert intervals.read(START_NS).told_s == pytest.approx(MAX_HELD * 0.3)


@pytest.mark.parametrize("rate_bpm", [65.0, 90.0, 130.0])
def test_neurokit_finds_the_same(rate_bpm: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is installed, which no lock asks for: it brings half a gigabyte."""
    pytest.importorskip("neurokit2")
    neurokit = import_module("neurokit2")
    monkeypatch.chdir(Path("/tmp"))
    rr_ms = intervals_ms(rate_bpm, seconds=59)
    peaks_ms = [round(at) for at in accumulate(rr_ms, initial=0.0)]
    theirs = neurokit.hrv_time(peaks_ms, sampling_rate=1000)
    found = after(rr_ms)
    assert found.rmssd_ms == pytest.approx(float(theirs["HRV_RMSSD"].iloc[0]), rel=0.02)
