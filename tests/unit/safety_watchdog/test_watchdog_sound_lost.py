"""A sound player that was there is missed; one that never was is not, and neither costs a lease."""

import pytest

from calmloop.contract.messages.safety import AlarmKind, Severity
from calmloop.contract.topics import Account
from calmloop.safety_watchdog.watchdog import OPTIONAL_LOST_S
from tests.unit.safety_watchdog.harness import Harness, active_harness

PLAYER = Account.SOUND_PLAYER
LOST = AlarmKind.SOUND_LOST


def without_player() -> Harness:
    harness = Harness()
    harness.silent = {PLAYER}
    harness.play(2.0)
    harness.reset()
    return harness


def test_a_chair_that_never_had_one_misses_none() -> None:
    harness = without_player()
    harness.play(60.0)
    assert harness.active_alarms() == set()
    assert harness.give_leases_for(1.0) > 0


@pytest.mark.parametrize("how", ["silent", "unhealthy"])
def test_one_that_is_lost_while_the_chair_is_active_is_a_warning_and_the_session_goes_on(
    how: str,
) -> None:
    harness = active_harness()
    if how == "silent":
        harness.silent = {PLAYER}
    else:
        harness.unhealthy = {PLAYER: "its device"}
    harness.play(OPTIONAL_LOST_S - 1.0)
    assert harness.active_alarms() == set()
    harness.play(3.0)
    alarm = harness.alarms[LOST]
    assert (alarm.active, alarm.severity) == (True, Severity.WARNING)
    assert "sound-player" in alarm.text
    assert not harness.latched
    harness.play(60.0)
    assert harness.give_leases_for(1.0) >= 9


def test_it_is_over_when_the_player_is_back_and_a_person_has_seen_it() -> None:
    harness = active_harness()
    harness.silent = {PLAYER}
    harness.play(OPTIONAL_LOST_S + 2.0)
    harness.silent = set()
    harness.play(1.0)
    assert harness.active_alarms() == {LOST}
    harness.watchdog.alarms.acknowledge(LOST)
    harness.play(0.2)
    assert harness.active_alarms() == set()


def test_a_player_that_was_taken_away_is_not_missed_any_more_once_that_is_acknowledged() -> None:
    harness = active_harness()
    harness.silent = {PLAYER}
    harness.play(OPTIONAL_LOST_S + 2.0)
    harness.watchdog.alarms.acknowledge(LOST)
    harness.play(30.0)
    assert harness.active_alarms() == set()
    harness.silent = set()
    harness.play(1.0)
    harness.silent = {PLAYER}
    harness.play(OPTIONAL_LOST_S + 2.0)
    assert harness.active_alarms() == {LOST}


def test_one_that_beats_without_its_output_stays_an_alarm_that_was_seen() -> None:
    harness = active_harness()
    harness.unhealthy = {PLAYER: "its device"}
    harness.play(OPTIONAL_LOST_S + 1.0)
    harness.watchdog.alarms.acknowledge(LOST)
    harness.play(30.0)
    assert harness.alarms[LOST].acknowledged
    assert harness.active_alarms() == {LOST}


def test_a_restart_of_a_few_seconds_calls_nobody() -> None:
    harness = active_harness()
    for _ in range(5):
        harness.silent = {PLAYER}
        harness.play(OPTIONAL_LOST_S - 1.0)
        harness.silent = set()
        harness.play(2.0)
    assert harness.active_alarms() == set()
