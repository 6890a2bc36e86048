"""A face that is not seen: held, eased to zero, paused, and what does not count as a loss."""

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Phase
from tests.unit.scenario_selector.room import (
    HAPPY,
    NEUTRAL,
    START_PCT,
    UNKNOWN,
    Room,
)


def test_an_unknown_face_holds_for_10_s_then_eases_to_zero_by_30_s(room: Room) -> None:
    room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    lost_s = room.now_s
    room.show(UNKNOWN, 10)
    assert room.intensity_pct == START_PCT + 5
    levels = []
    while room.phase is Phase.RUNNING:
        room.show(UNKNOWN, 0.1)
        levels.append(room.intensity_pct)
    assert levels == sorted(levels, reverse=True)
    room.expect(Phase.PAUSED)
    assert room.intensity_pct == 0.0
    assert room.now_s - lost_s <= 30.0
    assert any(state.change is Change.UNKNOWN_EASED for state in room.states)


def test_perception_that_falls_silent_is_the_same_as_unknown(room: Room) -> None:
    lost_s = room.now_s
    room.wait(10)
    assert room.intensity_pct == START_PCT
    room.wait(9)
    assert 0.0 < room.intensity_pct < START_PCT
    while room.intensity_pct > 0.0:
        room.wait(0.1)
    assert room.now_s - lost_s <= 30.0


def test_a_face_that_returns_while_easing_goes_on_from_where_it_is(room: Room) -> None:
    room.show(UNKNOWN, 17)
    room.show(NEUTRAL, 3)
    eased_pct = room.intensity_pct
    assert 0.0 < eased_pct < START_PCT
    room.show(NEUTRAL, 60)
    assert room.intensity_pct == eased_pct
    room.expect(Phase.RUNNING)


def test_a_smile_that_was_there_before_the_face_was_lost_is_no_new_shift(room: Room) -> None:
    room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    room.show(UNKNOWN, 5)
    room.show(HAPPY, 20)
    assert room.intensity_pct == START_PCT + 5


def test_now_and_then_a_known_frame_does_not_end_a_loss(room: Room) -> None:
    lost_s = room.now_s
    while room.phase is Phase.RUNNING:
        room.show(UNKNOWN, 4.9)
        room.show(HAPPY, 0.1)
        assert room.now_s - lost_s < 40
    assert room.intensity_pct == 0.0


def test_one_unknown_frame_does_not_begin_a_loss(room: Room) -> None:
    for _ in range(60):
        room.show(NEUTRAL, 0.9)
        room.show(UNKNOWN, 0.1)
    assert room.intensity_pct == START_PCT
    assert room.state.evidence is not None
    assert room.state.evidence.label is Label.NEUTRAL


def test_the_scenario_does_not_go_on_while_the_face_is_not_seen(room: Room) -> None:
    room.show(NEUTRAL, 85)
    before = room.state.scenario_phase
    room.show(UNKNOWN, 9)
    room.show(NEUTRAL, 5)
    assert room.state.scenario_phase == before
