"""The simulated child's heart: plausible, the same for the same seed, and it feels the chair."""

import math

import pytest
from numpy import corrcoef
from numpy.random import default_rng

from calmloop.base.clock import ManualClock, monotonic_s
from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.chair import Applied
from calmloop.heart_monitor.heart import Heart, HeartReading
from calmloop.heart_monitor.lines import Columns
from calmloop.heart_monitor.reading import Measurement
from calmloop.heart_monitor.sources.simulated import BREATHS_HZ, SimulatedSection
from calmloop.heart_monitor.sources.source import SourceContext
from calmloop.simulated_child.mood import MoodModel


def lived(applied: Applied | None = None, seconds: float = 70.0, **section: object) -> HeartReading:
    clock = ManualClock()
    made = SimulatedSection.model_validate(section)
    source = made.load(SourceContext(clock, Columns({}), clock.advance))
    heart = Heart(silent_after_s=5.0, frozen_after_s=15.0)
    source.open()
    if applied is not None:
        source.feel(applied)
    until_ns = clock.monotonic_ns() + round(seconds * 1e9)
    while clock.monotonic_ns() < until_ns:
        for reading in source.read():
            if isinstance(reading, Measurement):
                heart.put(reading)
    return heart.read(clock.monotonic_ns())


def test_it_passes_for_a_heart_and_says_that_it_is_none() -> None:
    reading = lived()
    assert reading.reason is None
    assert reading.variability.artefact_share == pytest.approx(0.0, abs=0.02)
    assert reading.variability.rmssd_ms is not None
    made = SimulatedSection().load(SourceContext(ManualClock(), Columns({})))
    assert made.source_kind is SignalKind.SIMULATED


def test_its_breath_is_found_in_its_beats() -> None:
    found = lived(feeling="calm").variability.breaths_per_min
    assert found == pytest.approx(60.0 * BREATHS_HZ, abs=0.7)


def test_upset_it_beats_faster_and_more_evenly_than_calm() -> None:
    calm, upset = lived(feeling="calm"), lived(feeling="upset")
    assert calm.rate_bpm is not None
    assert upset.rate_bpm is not None
    assert upset.rate_bpm > calm.rate_bpm + 25
    assert calm.variability.rmssd_ms is not None
    assert upset.variability.rmssd_ms is not None
    assert calm.variability.rmssd_ms > 1.4 * upset.variability.rmssd_ms


def test_a_little_of_the_chair_soothes_it_and_much_upsets_it() -> None:
    alone = lived().rate_bpm or 0.0
    soothed = lived(Applied(vibration_pct=22, sound_pct=22)).rate_bpm or 0.0
    overdone = lived(Applied(vibration_pct=70, sound_pct=70)).rate_bpm or 0.0
    assert soothed < alone - 5 < alone + 5 < overdone


def test_it_rises_and_falls_with_the_child_that_the_camera_draws() -> None:
    """Neither hears the other: both feel the same chair, with the settings of the demo."""
    clock = ManualClock()
    source = SimulatedSection().load(SourceContext(clock, Columns({}), clock.advance))
    heart, child = Heart(silent_after_s=5.0, frozen_after_s=15.0), MoodModel(default_rng(1))
    valences, rates_bpm = [], []
    source.open()
    for vibration_pct, sound_pct in ((0, 0), (25, 20), (65, 60), (0, 0), (40, 35), (10, 10)):
        applied = Applied(vibration_pct=vibration_pct, sound_pct=sound_pct)
        source.feel(applied)
        until_s = monotonic_s(clock) + 80.0
        while (now_s := monotonic_s(clock)) < until_s:
            valence = child.live_until(now_s, applied).valence
            for reading in source.read():
                if isinstance(reading, Measurement):
                    heart.put(reading)
                    valences.append(valence)
                    rates_bpm.append(heart.read(reading.at_ns).rate_bpm or math.nan)
    assert corrcoef(valences[1:], rates_bpm[1:])[0, 1] < -0.8


def test_the_same_seed_is_the_same_heart() -> None:
    assert lived(seed=4) == lived(seed=4)
    assert lived(seed=4) != lived(seed=5)


def test_a_clock_that_stood_still_is_not_caught_up_with() -> None:
    clock = ManualClock()
    source = SimulatedSection().load(SourceContext(clock, Columns({}), clock.advance))
    source.open()
    clock.advance(3600.0)
    (measurement, _battery) = source.read()
    assert isinstance(measurement, Measurement)
    assert len(measurement.rr_ms) < 5
