"""Shares of a session's time: what is missing is told, and counts as nothing."""

from typing import Any

import pytest

from calmloop.report.coverage import coverage, dose
from calmloop.report.records import RecordedSession
from tests.unit.report.report_rig import whole_samples


def session(samples: list[dict[str, Any]], length_s: float = 10.0) -> RecordedSession:
    summary = {"id": "s", "began_ms": 0, "ended_ms": round(1000 * length_s)}
    return RecordedSession(summary, samples=samples)


def readings(count: int, start_s: float = 0.0, gap_s: float = 0.5, **more: Any) -> list[Any]:
    return [{"at_ms": round(1000 * (start_s + gap_s * i)), **more} for i in range(count)]


CALM: dict[str, Any] = {"emotion": "neutral", "confidence": 0.9, "coverage": 1.0}
UNTOLD: dict[str, Any] = {"emotion": "unknown", "confidence": 0.5, "coverage": 0.0}


def test_read_untold_absent_and_unrecorded_time_are_four_things() -> None:
    samples = readings(8, **CALM) + readings(4, 4.0, **UNTOLD) + readings(4, 6.0, coverage=None)
    seen = coverage(session(samples))
    assert (seen.read_s, seen.doubt_s, seen.absent_s) == (4.0, 2.0, 2.0)
    assert seen.unrecorded_s == pytest.approx(2.0)
    assert seen.share(seen.read_s) == pytest.approx(0.4)
    assert seen.groups_s == {"positive": 0.0, "neutral": 4.0, "negative": 0.0}
    assert seen.confidence == pytest.approx(0.9)


def test_without_samples_nothing_is_known() -> None:
    seen = coverage(session([]))
    assert (seen.recorded_s, seen.unrecorded_s, seen.confidence) == (0, 10.0, None)
    given = dose(session([]), "sound")
    assert (given.mean_pct, given.max_pct) == (None, None)


def test_a_hole_in_the_samples_is_not_bridged() -> None:
    samples = readings(4, vibration_pct=20.0) + readings(4, 8.0, vibration_pct=20.0)
    given = dose(session(samples), "vibration")
    assert given.minutes * 60 == pytest.approx(1.5 + 1.5 + 1.5 + 0.5)
    assert given.mean_pct == 20.0


def test_thinned_samples_stand_for_the_time_between_them() -> None:
    samples = readings(20, gap_s=5.0, **CALM, sound_pct=10.0)
    thinned = session(samples, length_s=100)
    assert coverage(thinned).thinned
    assert coverage(thinned).read_s == pytest.approx(95.5)
    assert dose(thinned, "sound").percent_minutes == pytest.approx(95.5 * 10 / 60)


def test_light_is_its_brightest_colour_and_a_level_that_is_not_known_is_left_out() -> None:
    samples = readings(2, red_pct=1.0, green_pct=4.0, blue_pct=2.0) + readings(2, 1.0)
    given = dose(session(samples), "light")
    assert (given.max_pct, given.mean_pct) == (4.0, 4.0)
    assert given.minutes * 60 == pytest.approx(1.0)


def test_the_kept_session_is_covered_as_it_was() -> None:
    samples = [sample.model_dump() for sample in whole_samples()]
    began_ms = samples[0]["at_ms"]
    whole = RecordedSession({"began_ms": began_ms, "ended_ms": began_ms + 360_000}, [], samples)
    seen = coverage(whole)
    assert seen.absent_s == pytest.approx(15.0)
    assert seen.doubt_s == pytest.approx(30 + 0.05 * 315)
    assert seen.unrecorded_s == pytest.approx(0.0)
