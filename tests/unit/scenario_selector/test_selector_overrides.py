"""A caregiver's override wins over the engine; what can raise an output needs someone present."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from calmloop.contract.messages.session import (
    Change,
    Channel,
    Mode,
    OverrideAction,
    OverrideState,
    Phase,
    SessionAction,
)
from tests.unit.scenario_selector.room import CRYING, HAPPY, NEUTRAL, SAD, START_PCT, UNKNOWN, Room


def test_less_lowers_at_once_without_a_token(room: Room) -> None:
    assert room.override(OverrideAction.LESS) is None
    assert room.intensity_pct == START_PCT - 10
    assert room.state.change is Change.CAREGIVER


def test_less_in_a_pause_is_remembered_for_the_resumption(room: Room) -> None:
    room.show(HAPPY, 100)
    room.command(SessionAction.PAUSE)
    room.wait(6)
    assert room.override(OverrideAction.LESS) is None
    assert room.state.change is Change.CAREGIVER
    assert room.intensity_pct == 0.0
    room.resume()
    room.show(NEUTRAL, 6)
    assert room.intensity_pct == START_PCT - 10


def test_less_during_the_fade_of_a_pause_raises_nothing_and_is_remembered(room: Room) -> None:
    room.override(OverrideAction.LESS)
    room.command(SessionAction.PAUSE)
    room.show(NEUTRAL, 1)
    fading_pct = room.intensity_pct
    assert room.override(OverrideAction.LESS) is None
    assert room.intensity_pct <= fading_pct
    room.show(NEUTRAL, 6)
    room.resume()
    room.show(NEUTRAL, 6)
    assert room.intensity_pct == 0.0
    assert room.override(OverrideAction.MORE, token=room.token) is None
    assert room.intensity_pct == 5


def test_less_while_starting_lowers_the_start(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert room.start() is None
    room.expect(Phase.STARTING)
    assert room.override(OverrideAction.LESS) is None
    room.wait(1)
    room.expect(Phase.BASELINE)
    assert room.intensity_pct == START_PCT - 10


def test_a_caregivers_zero_outlives_a_pause_but_a_lost_faces_does_not(room: Room) -> None:
    room.show(UNKNOWN, 30)
    room.resume()
    room.show(NEUTRAL, 6)
    assert room.intensity_pct == START_PCT
    for _ in range(2):
        room.override(OverrideAction.LESS)
    room.command(SessionAction.PAUSE)
    room.show(NEUTRAL, 6)
    room.resume()
    room.show(NEUTRAL, 6)
    assert room.intensity_pct == 0.0


def test_resuming_in_the_midst_of_an_easing_does_not_jump(room: Room) -> None:
    room.show(UNKNOWN, 20)
    room.command(SessionAction.PAUSE)
    room.show(NEUTRAL, 1)
    room.resume()
    levels = []
    while room.intensity_pct < START_PCT:
        levels.append(room.intensity_pct)
        room.show(NEUTRAL, 0.1)
    assert max(after - before for before, after in pairwise(levels)) < 1.0
    assert levels[0] < START_PCT / 2


def test_less_while_closing_is_accepted_and_hides_no_reason(room: Room) -> None:
    room.command(SessionAction.FINISH)
    assert room.override(OverrideAction.LESS) is None
    room.show(NEUTRAL, 6)
    assert room.state.reason == "finished by a caregiver"


def test_after_less_the_engine_leaves_it_down_for_30_s(room: Room) -> None:
    room.override(OverrideAction.LESS)
    room.show(HAPPY, 29)
    assert room.intensity_pct == START_PCT - 10


def test_more_raises_one_small_step_with_a_token_only(room: Room) -> None:
    assert "no token" in str(room.override(OverrideAction.MORE))
    assert room.intensity_pct == START_PCT
    assert room.override(OverrideAction.MORE, token=room.token) is None
    assert room.intensity_pct == START_PCT + 5


def test_after_more_the_engine_adds_no_step_of_its_own_for_30_s(room: Room) -> None:
    room.override(OverrideAction.MORE, token=room.token)
    room.show(HAPPY, 29)
    assert room.intensity_pct == START_PCT + 5
    room.show(HAPPY, 5)
    assert room.intensity_pct == START_PCT + 10


def test_more_needs_a_running_session(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert "running session" in str(room.override(OverrideAction.MORE, token=room.token))


def test_lowering_is_accepted_without_a_session_and_holds_for_the_next(tmp_path: Path) -> None:
    room = Room(tmp_path)
    assert room.override(OverrideAction.LESS) is None
    assert room.override(OverrideAction.CEILING, ceiling_pct=12) is None
    assert room.override(OverrideAction.CHANNELS_OFF, channels=[Channel.SOUND]) is None
    room.start_running()
    assert room.intensity_pct == 12
    assert room.setpoints[-1].sound.level_pct == 0.0
    assert room.setpoints[-1].vibration.level_pct > 0.0


def test_a_lower_ceiling_cuts_at_once_and_holds(room: Room) -> None:
    room.show(HAPPY, 100)
    assert room.override(OverrideAction.CEILING, ceiling_pct=15) is None
    assert room.intensity_pct == 15
    assert room.state.change is Change.CEILING
    room.show(HAPPY, 100)
    assert room.intensity_pct == 15


def test_a_higher_ceiling_needs_a_token_and_never_exceeds_the_profiles(room: Room) -> None:
    room.override(OverrideAction.CEILING, ceiling_pct=15)
    assert "no token" in str(room.override(OverrideAction.CEILING, ceiling_pct=90))
    assert room.state.ceiling_pct == 15
    assert room.override(OverrideAction.CEILING, ceiling_pct=90, token=room.token) is None
    assert room.state.ceiling_pct == 60
    assert room.intensity_pct == 15


def test_channels_go_off_at_once_and_only_a_release_brings_them_back(room: Room) -> None:
    room.override(OverrideAction.CHANNELS_OFF, channels=[Channel.VIBRATION])
    room.override(OverrideAction.CHANNELS_OFF, channels=[Channel.LIGHT])
    room.show(NEUTRAL, 0.1)
    setpoint = room.setpoints[-1]
    assert setpoint.vibration.level_pct == 0.0
    assert setpoint.light.blue_pct == 0.0
    assert room.engine.overrides.channels_off == (Channel.LIGHT, Channel.VIBRATION)
    assert "no token" in str(room.override(OverrideAction.RELEASE))
    assert room.override(OverrideAction.RELEASE, token=room.token) is None
    assert room.engine.overrides == OverrideState()
    room.show(NEUTRAL, 0.1)
    assert room.setpoints[-1].light.blue_pct > 0.0


def test_hold_keeps_the_intensity_whatever_the_face_says(room: Room) -> None:
    assert room.override(OverrideAction.HOLD) is None
    room.show(HAPPY, 60)
    assert room.intensity_pct == START_PCT
    room.show(NEUTRAL, 10)
    room.show(SAD, 6)
    assert room.intensity_pct == START_PCT


def test_hold_does_not_keep_a_critical_event_from_halting(room: Room) -> None:
    room.override(OverrideAction.HOLD)
    room.show(CRYING, 20)
    assert room.state.distress
    room.expect(Phase.IDLE)


def test_hold_does_not_keep_a_lost_face_from_easing(room: Room) -> None:
    room.override(OverrideAction.HOLD)
    room.show(UNKNOWN, 30)
    room.expect(Phase.PAUSED)
    assert room.intensity_pct == 0.0


def test_what_was_sustained_during_a_hold_does_not_raise_after_it(room: Room) -> None:
    room.override(OverrideAction.HOLD)
    room.show(HAPPY, 60)
    room.override(OverrideAction.RELEASE, token=room.token)
    room.show(HAPPY, 5)
    assert room.intensity_pct == START_PCT


def test_skip_goes_to_the_next_phase_with_a_token(room: Room) -> None:
    before = room.state.scenario_phase
    assert "no token" in str(room.override(OverrideAction.SKIP))
    assert room.override(OverrideAction.SKIP, token=room.token) is None
    assert room.state.scenario_phase != before


def test_a_named_scenario_plays_until_released(room: Room) -> None:
    assert "no token" in str(room.override(OverrideAction.SCENARIO, scenario="night-sky"))
    assert room.override(OverrideAction.SCENARIO, scenario="night-sky", token=room.token) is None
    assert room.state.scenario == "night-sky"
    assert room.state.choice == "named by a caregiver"
    room.show(NEUTRAL, 560)
    assert room.state.scenario == "night-sky"


def test_an_unknown_scenario_is_refused_and_changes_nothing(room: Room) -> None:
    before = room.state.scenario
    assert "unknown" in str(
        room.override(OverrideAction.SCENARIO, scenario="disco", token=room.token)
    )
    assert room.state.scenario == before
    assert room.engine.overrides.scenario is None


@pytest.mark.parametrize("lost_s", [2, 12, 18])
def test_more_is_refused_while_the_face_is_lost(room: Room, lost_s: float) -> None:
    room.show(UNKNOWN, lost_s)
    left_pct, token = room.intensity_pct, room.token
    assert "face is not seen" in str(room.override(OverrideAction.MORE, token=token))
    assert room.intensity_pct == left_pct
    room.show(NEUTRAL, 2)
    left_pct = room.intensity_pct
    assert room.override(OverrideAction.MORE, token=token) is None
    assert room.intensity_pct == left_pct + 5


def test_more_is_refused_while_perception_is_silent(room: Room) -> None:
    room.wait(3)
    assert "face is not seen" in str(room.override(OverrideAction.MORE, token=room.token))
    assert room.intensity_pct == START_PCT


RAISING = [
    (OverrideAction.MORE, {}),
    (OverrideAction.SKIP, {}),
    (OverrideAction.SCENARIO, {"scenario": "night-sky"}),
    (OverrideAction.RELEASE, {}),
    (OverrideAction.CEILING, {"ceiling_pct": 50}),
]


@pytest.mark.parametrize(("action", "fields"), RAISING, ids=str)
def test_whatever_can_raise_is_refused_while_the_face_is_lost(
    room: Room, action: OverrideAction, fields: dict[str, Any]
) -> None:
    room.override(OverrideAction.CEILING, ceiling_pct=40)
    room.override(OverrideAction.CHANNELS_OFF, channels=[Channel.LIGHT])
    room.show(UNKNOWN, 3)
    before, set_before, token = room.state, room.engine.overrides, room.token
    assert "face is not seen" in str(room.override(action, token=token, **fields))
    assert room.engine.overrides == set_before
    assert (room.state.scenario, room.state.scenario_phase, room.intensity_pct) == (
        before.scenario,
        before.scenario_phase,
        before.intensity_pct,
    )
    room.show(NEUTRAL, 2)
    assert room.override(action, token=token, **fields) is None, "the refusal must not use it up"


def test_whatever_lowers_is_taken_while_the_face_is_lost(room: Room) -> None:
    room.show(UNKNOWN, 3)
    assert room.override(OverrideAction.LESS) is None
    assert room.override(OverrideAction.HOLD) is None
    assert room.override(OverrideAction.CEILING, ceiling_pct=5) is None
    assert room.override(OverrideAction.CHANNELS_OFF, channels=[Channel.SOUND]) is None
    assert room.intensity_pct == 5


def test_nothing_rises_in_the_fade_after_a_lost_face_but_once_it_is_over_a_release_is_taken(
    room: Room,
) -> None:
    room.override(OverrideAction.CHANNELS_OFF, channels=[Channel.LIGHT])
    while room.phase is not Phase.PAUSED:
        room.show(UNKNOWN, 0.1)
    assert "face is not seen" in str(room.override(OverrideAction.RELEASE, token=room.token))
    room.show(UNKNOWN, 6)
    assert room.override(OverrideAction.RELEASE, token=room.token) is None


def test_by_hand_nobody_looks_for_a_face(tmp_path: Path) -> None:
    room = Room(tmp_path)
    room.must_start(mode=Mode.MANUAL)
    room.wait(20)
    assert room.override(OverrideAction.MORE, token=room.token) is None
    assert room.override(OverrideAction.SKIP, token=room.token) is None
    assert room.override(OverrideAction.RELEASE, token=room.token) is None
