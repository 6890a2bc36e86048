"""Breaths a minute, from intervals that sway with the breath, and with what is none."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.contract.messages.biosignal import MAX_BREATHS_PER_MIN, MIN_BREATHS_PER_MIN
from calmloop.heart_monitor.breathing import breaths_per_min
from calmloop.heart_monitor.intervals import Intervals
from tests.unit.heart_monitor.heartbeats import START_NS, told


def heart(
    bpm: float,
    breaths: float,
    *,
    sway_ms: float = 40.0,
    waves_ms: float = 0.0,
    noise_ms: float = 10.0,
    uneven: float = 0.0,
    seconds: float = 60.0,
    seed: int = 1,
) -> list[float]:
    """Intervals in ms: with breath, waves of blood pressure at 0.095 Hz, and chance in them."""
    rng, found, at_s, breath = random.Random(seed), list[float](), 0.0, 0.0
    while at_s < seconds:
        waves = waves_ms * math.sin(math.tau * 0.095 * at_s + 1.0)
        sway = sway_ms * math.sin(math.tau * breath) + waves
        found.append(60_000 / bpm + sway + rng.gauss(0.0, noise_ms))
        at_s += found[-1] / 1000
        now = breaths * (1.0 + uneven * math.sin(at_s / 9.0 + seed))
        breath += now / 60.0 * found[-1] / 1000
    return found


def breath_of(rr_ms: list[float]) -> float | None:
    return breaths_per_min(rr_ms, [True] * len(rr_ms))


@pytest.mark.parametrize(
    ("bpm", "breaths", "sway_ms"),
    [(90, 18, 40), (80, 12, 40), (100, 24, 30), (110, 28, 25), (124, 18, 10), (70, 6, 60)],
)
def test_the_rate_of_a_steady_breath(bpm: float, breaths: float, sway_ms: float) -> None:
    assert breath_of(heart(bpm, breaths, sway_ms=sway_ms)) == pytest.approx(breaths, abs=0.7)


@pytest.mark.parametrize("seed", range(5))
def test_an_uneven_breath_among_waves_of_blood_pressure_is_found(seed: int) -> None:
    found = breath_of(heart(90, 18, waves_ms=25.0, uneven=0.1, seed=seed))
    assert found == pytest.approx(18, abs=1.5)


def test_chance_is_no_breath() -> None:
    found = [breath_of(heart(90, 18, sway_ms=0.0, seed=seed)) for seed in range(100)]
    assert sum(one is not None for one in found) <= 2


def test_a_drift_and_a_heart_without_any_sway_are_none() -> None:
    assert breath_of([700.0] * 90) is None
    assert breath_of([600.0 + 2.0 * place for place in range(90)]) is None


def test_less_than_three_quarters_of_a_minute_is_too_little() -> None:
    assert breath_of(heart(90, 18, seconds=44.0)) is None
    assert breath_of(heart(90, 18, seconds=47.0)) == pytest.approx(18, abs=1.0)
    assert breath_of([]) is None


def test_artefacts_are_left_out_and_take_their_time() -> None:
    rr_ms = heart(90, 20)
    for place in (15, 35, 55):
        rr_ms[place : place + 2] = [sum(rr_ms[place : place + 2])]
    good = [each < 1000.0 for each in rr_ms]
    assert breaths_per_min(rr_ms, good) == pytest.approx(20, abs=0.7)


def test_only_what_came_since_a_message_was_lost_counts() -> None:
    intervals, now_ns = Intervals(), START_NS
    messages = list(told(heart(90, 18, seconds=80.0)))
    del messages[28:32]
    known = []
    for message in messages:
        intervals.add(message.at_ns, message.rr_ms)
        now_ns = message.at_ns
        known.append(((now_ns - START_NS) // 10**9, intervals.read(now_ns).breaths_per_min))
    since_s = [second for second, breaths in known if breaths is not None]
    assert since_s[0] == pytest.approx(32 + 46, abs=2)
    assert known[-1][1] == pytest.approx(18, abs=1.0)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.floats(250.0, 2000.0), min_size=0, max_size=300), st.randoms(use_true_random=False)
)
def test_whatever_comes_it_is_within_bounds_or_unknown(
    rr_ms: list[float], rng: random.Random
) -> None:
    found = breaths_per_min(rr_ms, [rng.random() < 0.8 for _ in rr_ms])
    assert found is None or MIN_BREATHS_PER_MIN <= found <= MAX_BREATHS_PER_MIN
