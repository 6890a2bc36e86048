"""The dose is of the local day, whatever anyone does to the clock."""

import json
from datetime import UTC, date, datetime, timedelta, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from calmloop.base.clock import ManualClock
from calmloop.base.errors import ConfigurationError
from calmloop.contract.messages.session import Phase, SessionAction
from calmloop.scenario_selector.ledger import DAYS_KEPT, Ledger
from calmloop.scenario_selector.records import Folder
from calmloop.scenario_selector.settings import zone_of_environment
from tests.unit.scenario_selector.harness import ALL_TICKED, NEUTRAL, Harness

NEW_YORK = ZoneInfo("America/New_York")
BERLIN = ZoneInfo("Europe/Berlin")
EVENING = datetime(2026, 11, 27, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LEVELS = {"intensity_pct": 20.0, "vibration_pct": 10.0, "sound_pct": 10.0}
LIMIT = "minutes_per_day: 1\n"


def harness_at(
    folder: Path, utc: datetime, boot_id: str = "here", zone: tzinfo | None = UTC
) -> Harness:
    """A chair that was switched on just before `utc`, by a clock of its own."""
    (folder / "profiles").mkdir(exist_ok=True)
    (folder / "profiles" / "k7.yaml").write_text(LIMIT + ALL_TICKED)
    clock = ManualClock()
    clock.set_wall(utc)
    return Harness(folder, clock=clock, boot_id=boot_id, zone=zone)


def use_up(harness: Harness) -> None:
    harness.must_start(profile="k7")
    harness.show(NEUTRAL, 70)
    harness.expect(Phase.IDLE)
    assert used_up(harness)


def used_up(harness: Harness) -> bool:
    refusal = harness.start(profile="k7")
    if refusal is None:
        harness.command(SessionAction.FINISH)
        harness.wait(6)
    return "used up" in (refusal or "")


@pytest.mark.parametrize("days", [1, -1, 30, -30, 20000, -20000])
def test_a_clock_that_is_set_gives_no_second_dose(tmp_path: Path, days: int) -> None:
    harness = harness_at(tmp_path, EVENING)
    use_up(harness)
    for utc in (EVENING + days * DAY, EVENING, EVENING - days * DAY, EVENING + DAY):
        harness.clock.set_wall(utc)
        assert used_up(harness)
    assert sum(d.minutes for d in Folder(tmp_path).ledger("k7").days.values()) < 1.2


def test_a_clock_that_is_set_during_a_session_gives_no_second_dose(tmp_path: Path) -> None:
    harness = harness_at(tmp_path, EVENING)
    harness.must_start(profile="k7")
    harness.show(NEUTRAL, 30)
    harness.clock.set_wall(EVENING + DAY)
    harness.show(NEUTRAL, 40)
    harness.expect(Phase.IDLE)
    assert used_up(harness)
    days = Folder(tmp_path).ledger("k7").days
    assert days[(EVENING + DAY).date()].minutes > 1.0


@pytest.mark.parametrize("booted", [datetime(1970, 1, 1, tzinfo=UTC), EVENING - 90 * DAY])
def test_what_was_given_before_ntp_counts_on_the_day_that_it_was(
    tmp_path: Path, booted: datetime
) -> None:
    harness = harness_at(tmp_path, booted)
    use_up(harness)
    harness.clock.set_wall(EVENING)
    assert used_up(harness)
    harness.wait(1)
    harness.clock.advance(DAY.total_seconds())
    harness.wait(1)
    assert not used_up(harness)


@pytest.mark.parametrize("booted", [datetime(1970, 1, 1, tzinfo=UTC), EVENING - 90 * DAY])
def test_a_boot_before_ntp_opens_no_fresh_day_and_loses_no_ledger(
    tmp_path: Path, booted: datetime
) -> None:
    use_up(harness_at(tmp_path, EVENING))
    harness = harness_at(tmp_path, booted, boot_id="after a power cut")
    refusal = str(harness.start(profile="k7"))
    assert "used up" in refusal
    assert f"the clock says {booted.date()}" in refusal
    assert "2026-11-27" in refusal
    harness.clock.set_wall(EVENING + timedelta(hours=1))
    assert used_up(harness)
    harness.clock.set_wall(EVENING + DAY)
    assert not used_up(harness)


def test_the_dose_is_remembered_by_the_boots_clock_over_a_restart_of_the_service(
    tmp_path: Path,
) -> None:
    harness = harness_at(tmp_path, EVENING)
    use_up(harness)
    harness.clock.set_wall(EVENING + DAY)
    again = Harness(tmp_path, clock=harness.clock, zone=UTC)
    assert used_up(again)


def test_a_full_ledger_takes_a_day_before_all_others() -> None:
    ledger = Ledger()
    for day in range(DAYS_KEPT):
        ledger.begin(date(2025, 1, 1) + day * DAY)
    ledger.add(date(1970, 1, 1), 60, **LEVELS)
    assert ledger.days[date(1970, 1, 1)].minutes == 1.0


def test_one_evening_is_one_day_where_the_child_lives(tmp_path: Path) -> None:
    at_seven = datetime(2026, 1, 6, 0, 0, tzinfo=UTC) - timedelta(minutes=2)
    harness = harness_at(tmp_path, at_seven, zone=NEW_YORK)
    use_up(harness)
    harness.clock.advance(3600)
    harness.wait(1)
    assert used_up(harness)
    harness.clock.advance(5 * 3600)
    harness.wait(1)
    assert not used_up(harness)
    assert set(Folder(tmp_path).ledger("k7").days) == {date(2026, 1, 5)}


@pytest.mark.parametrize("change", [datetime(2026, 3, 29, 0, 58), datetime(2026, 10, 25, 0, 58)])
def test_summer_time_moves_no_minutes(tmp_path: Path, change: datetime) -> None:
    harness = harness_at(tmp_path, change.replace(tzinfo=UTC), zone=BERLIN)
    use_up(harness)
    harness.clock.advance(3600)
    harness.wait(1)
    assert used_up(harness)
    assert set(Folder(tmp_path).ledger("k7").days) == {change.date()}


def test_midnight_opens_a_new_day(tmp_path: Path) -> None:
    harness = harness_at(tmp_path, datetime(2026, 5, 1, 23, 58, tzinfo=UTC))
    use_up(harness)
    harness.clock.advance(120)
    harness.wait(1)
    assert not used_up(harness)


def test_a_ledger_of_the_version_before_is_read_and_goes_on(tmp_path: Path) -> None:
    (tmp_path / "dose").mkdir()
    day = {"sessions": 2, "minutes": 0.8, "vibration_pct_minutes": 1.5, "sound_pct_minutes": 2.5}
    kept = {"days": {"2026-11-27": {**day, "peak_intensity_pct": 35.0}}}
    (tmp_path / "dose" / "k7.json").write_text(json.dumps(kept))
    harness = harness_at(tmp_path, EVENING)
    assert used_up(harness)
    harness.clock.set_wall(EVENING + DAY)
    harness.must_start(profile="k7")
    harness.command(SessionAction.FINISH)
    harness.wait(6)
    after = json.loads((tmp_path / "dose" / "k7.json").read_text())
    assert after["days"]["2026-11-27"] == kept["days"]["2026-11-27"]
    assert after["days"]["2026-11-28"]["sessions"] == 1


@pytest.mark.parametrize(
    "name", ["Europe/Rigga", "../../etc/passwd", "America", "CEST-2", "x" * 99]
)
def test_an_unknown_zone_is_refused_by_name(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", name)
    with pytest.raises(ConfigurationError) as error:
        zone_of_environment()
    assert name[:40] in str(error.value)
    assert "Europe/Riga" in str(error.value)


def test_a_known_zone_is_taken_and_none_is_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    assert zone_of_environment() == NEW_YORK
    monkeypatch.setenv("TZ", "")
    assert zone_of_environment() is None
