"""The dose of a day is counted, kept and never given twice."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from calmloop.contract.messages.session import Phase, SessionAction
from calmloop.scenario_selector.ledger import DAYS_KEPT, Ledger
from calmloop.scenario_selector.records import Folder
from tests.unit.scenario_selector.harness import ALL_TICKED, NEUTRAL, Harness, write_profile

TODAY = date(1970, 1, 1)


def dose(folder: Path, code: str = "default") -> Ledger:
    return Folder(folder).ledger(code)


def test_a_session_counts_its_minutes_and_levels_of_the_day(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running(scenario="ocean-waves")
    harness.show(NEUTRAL, 60)
    harness.command(SessionAction.FINISH)
    harness.show(NEUTRAL, 6)
    entry = dose(tmp_path).days[TODAY]
    assert entry.sessions == 1
    assert entry.minutes == pytest.approx((0.3 + 36 + 60 + 4) / 60, abs=0.02)
    assert entry.peak_intensity_pct == 20.0
    assert entry.vibration_pct_minutes == pytest.approx(entry.minutes * 50 * 0.2, rel=0.1)
    assert harness.state.minutes_today == pytest.approx(entry.minutes)


def test_a_pause_is_no_dose(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    harness.command(SessionAction.PAUSE)
    before = harness.state.minutes_today
    harness.wait(100)
    assert harness.state.minutes_today == before


def test_the_dose_is_kept_during_the_session_not_only_at_its_end(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.start_running()
    assert dose(tmp_path).days[TODAY].minutes * 60 >= 25


def test_a_start_is_refused_when_the_days_dose_is_used_up(tmp_path: Path) -> None:
    write_profile(tmp_path, "k7", f"minutes_per_day: 1\n{ALL_TICKED}")
    harness = Harness(tmp_path)
    harness.must_start(profile="k7")
    harness.show(NEUTRAL, 70)
    harness.expect(Phase.IDLE)
    assert "used up: 1.1 of 1 min today" in str(harness.start(profile="k7"))
    assert harness.start() is None


def test_the_rest_of_a_dose_shortens_the_session(tmp_path: Path) -> None:
    write_profile(tmp_path, "k7", f"minutes_per_day: 2\n{ALL_TICKED}")
    harness = Harness(tmp_path)
    harness.must_start(profile="k7", minutes=15)
    assert 1.9 <= harness.state.minutes_left <= 2.0


def test_a_new_day_has_a_new_dose_but_a_clock_set_back_has_not() -> None:
    ledger = Ledger()
    levels = {"intensity_pct": 20.0, "vibration_pct": 10.0, "sound_pct": 10.0}
    ledger.add(TODAY, 600, **levels)
    assert ledger.minutes_on(TODAY) == 10
    assert ledger.minutes_on(TODAY + timedelta(days=1)) == 0
    assert ledger.minutes_on(TODAY - timedelta(days=1)) == 10


def test_only_the_last_days_are_kept() -> None:
    ledger = Ledger()
    for day in range(DAYS_KEPT + 50):
        ledger.begin(TODAY + timedelta(days=day))
    assert len(ledger.days) == DAYS_KEPT


def test_a_dose_that_cannot_be_kept_is_not_given(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    (tmp_path / "dose").write_text("a file where a folder must be")
    assert "cannot be" in str(harness.start())
    harness.expect(Phase.IDLE)


def test_a_damaged_dose_without_a_copy_is_named_and_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "dose").mkdir()
    damaged = tmp_path / "dose" / "default.json"
    damaged.write_text('{"days": ')
    harness = Harness(tmp_path)
    assert str(damaged) in str(harness.start())
    assert damaged.read_text() == '{"days": '
