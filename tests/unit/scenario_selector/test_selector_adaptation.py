"""How the intensity follows a child's face."""

from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Phase
from calmloop.scenario_selector.limits import SUSTAINED_S
from tests.unit.scenario_selector.room import (
    CRYING,
    FAINTLY_HAPPY,
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Face,
    Room,
)


def test_a_neutral_face_changes_nothing(room: Room) -> None:
    room.show(NEUTRAL, 120)
    assert room.intensity_pct == START_PCT
    assert room.state.change is Change.STARTED
    assert room.state.cycle >= 20


def test_a_shift_to_positive_raises_it_by_one_small_step(room: Room) -> None:
    took_s = room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    assert room.intensity_pct == START_PCT + 5
    assert 1.0 <= took_s <= 5.0


@pytest.mark.parametrize("known_frames", [1, 2, 3, 4])
def test_a_smile_that_is_read_in_some_frames_only_is_answered_by_one_step(
    room: Room, known_frames: int
) -> None:
    for _ in range(50):
        room.show(HAPPY, known_frames * STEP_S)
        before_pct = room.intensity_pct
        room.show(UNKNOWN, STEP_S)
        assert room.intensity_pct <= before_pct, "raised by a face that is not known now"
    assert room.intensity_pct == START_PCT + 5
    assert room.state.change is Change.POSITIVE_SHIFT


def test_further_steps_come_only_after_30_s_of_sustained_confidence_each(room: Room) -> None:
    room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    room.show(HAPPY, SUSTAINED_S - 1)
    assert room.intensity_pct == START_PCT + 5
    room.show(HAPPY, 2)
    assert room.intensity_pct == START_PCT + 10
    assert room.state.change is Change.POSITIVE_SUSTAINED
    room.show(HAPPY, SUSTAINED_S - 2)
    assert room.intensity_pct == START_PCT + 10
    room.show(HAPPY, 4)
    assert room.intensity_pct == START_PCT + 15


@pytest.mark.parametrize(("happy_s", "neutral_s"), [(4, 6), (5, 5), (3, 6)])
def test_a_face_that_alternates_climbs_no_faster_than_one_that_stays(
    room: Room, happy_s: float, neutral_s: float
) -> None:
    began_s, steps = room.now_s, 0
    while room.now_s - began_s < 3 * SUSTAINED_S:
        before_pct = room.intensity_pct
        shown_s = (room.now_s - began_s) % (happy_s + neutral_s)
        room.show(HAPPY if shown_s < happy_s else NEUTRAL, 0.1)
        steps += room.intensity_pct > before_pct
        assert steps <= 1 + (room.now_s - began_s) / SUSTAINED_S
        assert room.intensity_pct == START_PCT + 5 * steps
    assert steps >= 1


def test_a_break_in_the_positive_face_begins_the_30_s_anew(room: Room) -> None:
    room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    room.show(HAPPY, 25)
    room.show(UNKNOWN, 4)
    room.show(HAPPY, 26)
    assert room.intensity_pct == START_PCT + 5


def test_a_faint_smile_is_not_sustained_confidence(room: Room) -> None:
    room.show_until(FAINTLY_HAPPY, Change.POSITIVE_SHIFT)
    room.show(FAINTLY_HAPPY, 100)
    assert room.intensity_pct == START_PCT + 5


@pytest.mark.parametrize(
    "face",
    [
        (Label.POSITIVE, 0.9, 0.4),
        (Label.NEUTRAL, 0.9, 0.95),
        (Label.NEGATIVE, 0.9, 0.95),
    ],
    ids=["a guess", "called neutral", "called negative"],
)
def test_doubt_and_contradiction_raise_nothing(room: Room, face: Face) -> None:
    room.show(face, 100)
    assert room.intensity_pct <= START_PCT


def test_it_never_rises_above_the_profiles_ceiling(room: Room) -> None:
    room.show(HAPPY, 400)
    assert room.intensity_pct == 60.0
    assert max(state.intensity_pct for state in room.states) == 60.0


def test_a_flickering_smile_does_not_pump_it_up(room: Room) -> None:
    began_s = room.now_s
    for _ in range(30):
        room.show(HAPPY, 0.3)
        room.show(NEUTRAL, 0.7)
    assert room.intensity_pct <= START_PCT + 5
    assert room.now_s - began_s > 29


def test_a_single_happy_frame_changes_nothing(room: Room) -> None:
    room.show(HAPPY, 0.1)
    room.show(NEUTRAL, 20)
    assert room.intensity_pct == START_PCT


def test_a_flood_of_happy_readings_weighs_no_more_than_its_time(room: Room) -> None:
    for _ in range(2000):
        room.read(HAPPY)
    room.show(NEUTRAL, 10)
    assert room.intensity_pct == START_PCT


def test_a_negative_face_lowers_it_at_once_and_not_at_the_end_of_the_cycle(room: Room) -> None:
    cycle = room.state.cycle
    took_s = room.show_until(SAD, Change.NEGATIVE)
    assert room.intensity_pct == START_PCT - 10
    assert took_s < 5.0
    assert room.state.cycle == cycle + 1
    assert room.state.evidence is not None
    assert room.state.evidence.label is Label.NEGATIVE


def test_a_step_down_is_larger_than_a_step_up(room: Room) -> None:
    room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    room.show_until(SAD, Change.NEGATIVE)
    assert room.intensity_pct == START_PCT + 5 - 10


def test_lasting_distress_halts_after_three_negative_cycles(room: Room) -> None:
    room.show_until(SAD, Change.NEGATIVE)
    began_s = room.now_s
    while not room.state.distress:
        room.show(SAD, 0.1)
    assert 14.5 <= room.now_s - began_s <= 15.5
    room.expect(Phase.CLOSING)
    assert room.state.change is Change.HALTED
    assert "lasting" in room.state.reason


def test_strong_distress_halts_within_a_cycle_and_fades_in_3_to_5_s(room: Room) -> None:
    room.show_until(HAPPY, Change.POSITIVE_SHIFT)
    began_s = room.now_s
    while not room.state.distress:
        room.show(CRYING, 0.1)
    assert room.now_s - began_s <= 5.0
    assert "strong" in room.state.reason
    halted_s = room.now_s
    while room.phase is not Phase.IDLE:
        room.show(CRYING, 0.1)
    assert 3.0 <= room.now_s - halted_s <= 5.0
    assert room.intensity_pct == 0.0
    assert room.state.distress
    assert room.state.change is Change.HALTED


def test_distress_stands_until_the_next_start(room: Room) -> None:
    room.show(CRYING, 30)
    room.expect(Phase.IDLE)
    assert room.state.distress
    room.must_start()
    assert not room.state.distress


def test_a_negative_face_that_calms_down_goes_on_from_where_it_is(room: Room) -> None:
    room.show_until(SAD, Change.NEGATIVE)
    room.show(NEUTRAL, 60)
    room.expect(Phase.RUNNING)
    assert room.intensity_pct == START_PCT - 10


def test_frame_rate_does_not_change_the_verdict(tmp_path: Path) -> None:
    times = []
    for number, readings in enumerate((1, 5)):
        room = Room(tmp_path / str(number))
        room.start_running()
        began_s = room.now_s
        while room.state.change is Change.STARTED:
            for _ in range(readings - 1):
                room.clock.advance(0.1 / readings)
                room.read(HAPPY)
            room.clock.advance(-0.1 + 0.1 / readings)
            room.show(HAPPY, 0.1)
        times.append(room.now_s - began_s)
    assert times[0] == pytest.approx(times[1], abs=0.3)


def test_late_results_of_older_frames_are_tolerated(room: Room) -> None:
    newest = 100_000
    assert room.read(NEUTRAL, frame=newest)
    assert not room.read(NEUTRAL, frame=newest - 1)
    assert not room.read(NEUTRAL, frame=newest)
    assert room.read(NEUTRAL, frame=newest + 1)


def test_a_camera_that_counts_from_one_again_is_believed(room: Room) -> None:
    assert room.read(NEUTRAL, frame=5000)
    assert room.read(NEUTRAL, frame=1)
