"""Nobody with the child for ten minutes: eased down, where a console is there to tell."""

from collections.abc import Callable
from pathlib import Path

import pytest

from calmloop.base.clock import ManualClock
from calmloop.contract import topics
from calmloop.contract.messages.caregiver import CaregiverPresence
from calmloop.contract.messages.session import Phase, SessionAction, SessionCommand
from calmloop.scenario_selector import attendance as attendance_module
from calmloop.scenario_selector import scenario, showing
from calmloop.scenario_selector.attendance import UNATTENDED_S, Attendance
from tests.unit.scenario_selector.test_selector_moving_service import Conducted
from tests.unit.scenario_selector.test_selector_moving_session import SURF

RUNNING = Phase.RUNNING


def begun(clock: ManualClock) -> Attendance:
    attendance = Attendance(clock)
    assert not attendance.is_over(Phase.IDLE)
    assert not attendance.is_over(RUNNING)
    return attendance


def heard(attendance: Attendance, clock: ManualClock, seconds: float, idle_s: float | None) -> bool:
    """Whether it is over within so long, with a console that tells each second."""
    for second in range(round(seconds)):
        clock.advance(1.0)
        idle = None if idle_s is None else idle_s + second
        attendance.receive(CaregiverPresence(idle_s=idle))
        if attendance.is_over(RUNNING):
            return True
    return False


def test_without_a_console_nothing_changes() -> None:
    clock = ManualClock()
    attendance = begun(clock)
    clock.advance(10 * UNATTENDED_S)
    assert not attendance.is_over(RUNNING)


@pytest.mark.parametrize("idle_s", [None, 0.0, 5000.0])
def test_with_one_it_is_over_ten_minutes_after_the_last_sign(idle_s: float | None) -> None:
    clock = ManualClock()
    attendance = begun(clock)
    assert not heard(attendance, clock, UNATTENDED_S - 1, idle_s)
    assert heard(attendance, clock, 3, 5000.0)
    assert attendance.unattended


def test_a_console_that_falls_silent_in_the_session_does_not_keep_it_going() -> None:
    clock = ManualClock()
    attendance = begun(clock)
    assert not heard(attendance, clock, 2, 0.0)
    clock.advance(UNATTENDED_S)
    assert attendance.is_over(RUNNING)


def test_a_touch_a_command_and_the_button_are_signs_and_a_stuck_button_is_none() -> None:
    clock = ManualClock()
    attendance = begun(clock)
    signs: list[Callable[[], None]] = [
        lambda: attendance.receive(CaregiverPresence(idle_s=0.0)),
        attendance.note_sign,
        lambda: attendance.note_button(True),
    ]
    for sign in signs:
        assert not heard(attendance, clock, UNATTENDED_S - 5, None)
        sign()
    clock.advance(UNATTENDED_S)
    attendance.note_button(True)
    assert attendance.is_over(RUNNING)
    attendance.note_button(False)
    attendance.note_button(True)
    assert not attendance.unattended


def test_a_console_heard_before_the_session_says_nothing_of_it() -> None:
    clock = ManualClock()
    attendance = Attendance(clock)
    attendance.receive(CaregiverPresence(idle_s=0.0))
    attendance.is_over(RUNNING)
    clock.advance(2 * UNATTENDED_S)
    assert not attendance.is_over(RUNNING)


def test_the_session_fades_out_and_says_so_until_somebody_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attendance_module, "UNATTENDED_S", 10.0)
    conducted = Conducted(tmp_path, "ocean-waves", SURF, plays=False)
    conducted.turn_for(3.0)
    conducted.transport.send(topics.CAREGIVER_STATE, CaregiverPresence())
    conducted.turn_for(6.0)
    told = conducted.transport.messages(topics.SESSION_STATE)[-1]
    assert (told.phase, told.unattended) == (Phase.MANUAL, False)
    conducted.turn_for(2.0)
    told = conducted.transport.messages(topics.SESSION_STATE)[-1]
    assert told.phase in (Phase.CLOSING, Phase.IDLE)
    assert told.unattended
    assert "no caregiver was seen" in told.reason
    conducted.transport.send(topics.SESSION_SET, SessionCommand(action=SessionAction.FINISH))
    conducted.turn_for(0.5)
    assert not conducted.transport.messages(topics.SESSION_STATE)[-1].unattended
    conducted.service.close()


def test_the_list_of_scenarios_fits_a_message_and_has_titles_and_icons() -> None:
    listed = showing.listed(scenario.load(), None)
    assert len(listed.model_dump_json()) < 60_000
    assert len(listed.scenarios) >= 11
    assert all(shown.titles.keys() == {"de", "lt", "lv"} for shown in listed.scenarios)
    assert all(shown.icon.startswith("<svg") for shown in listed.scenarios)
