"""How the intensity follows a child's face."""

from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Phase
from calmloop.scenario_selector.limits import SUSTAINED_S
from tests.unit.scenario_selector.harness import (
    CRYING,
    FAINTLY_HAPPY,
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Face,
    Harness,
)


def test_a_neutral_face_changes_nothing(harness: Harness) -> None:
    harness.show(NEUTRAL, 120)
    assert harness.intensity_pct == START_PCT
    assert harness.state.change is Change.STARTED
    assert harness.state.cycle >= 20


def test_a_shift_to_positive_raises_it_by_one_small_step(harness: Harness) -> None:
    took_s = harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    assert harness.intensity_pct == START_PCT + 5
    assert 1.0 <= took_s <= 5.0


@pytest.mark.parametrize("known_frames", [1, 2, 3, 4])
def test_a_smile_that_is_read_in_some_frames_only_is_answered_by_one_step(
    harness: Harness, known_frames: int
) -> None:
    for _ in range(50):
        harness.show(HAPPY, known_frames * STEP_S)
        before_pct = harness.intensity_pct
        harness.show(UNKNOWN, STEP_S)
        assert harness.intensity_pct <= before_pct, "raised by a face that is not known now"
    assert harness.intensity_pct == START_PCT + 5
    assert harness.state.change is Change.POSITIVE_SHIFT


def test_further_steps_come_only_after_30_s_of_sustained_confidence_each(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    harness.show(HAPPY, SUSTAINED_S - 1)
    assert harness.intensity_pct == START_PCT + 5
    harness.show(HAPPY, 2)
    assert harness.intensity_pct == START_PCT + 10
    assert harness.state.change is Change.POSITIVE_SUSTAINED
    harness.show(HAPPY, SUSTAINED_S - 2)
    assert harness.intensity_pct == START_PCT + 10
    harness.show(HAPPY, 4)
    assert harness.intensity_pct == START_PCT + 15


@pytest.mark.parametrize(("happy_s", "neutral_s"), [(4, 6), (5, 5), (3, 6)])
def test_a_face_that_alternates_climbs_no_faster_than_one_that_stays(
    harness: Harness, happy_s: float, neutral_s: float
) -> None:
    began_s, steps = harness.now_s, 0
    while harness.now_s - began_s < 3 * SUSTAINED_S:
        before_pct = harness.intensity_pct
        shown_s = (harness.now_s - began_s) % (happy_s + neutral_s)
        harness.show(HAPPY if shown_s < happy_s else NEUTRAL, 0.1)
        steps += harness.intensity_pct > before_pct
        assert steps <= 1 + (harness.now_s - began_s) / SUSTAINED_S
        assert harness.intensity_pct == START_PCT + 5 * steps
    assert steps >= 1


def test_a_break_in_the_positive_face_begins_the_30_s_anew(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    harness.show(HAPPY, 25)
    harness.show(UNKNOWN, 4)
    harness.show(HAPPY, 26)
    assert harness.intensity_pct == START_PCT + 5


def test_a_faint_smile_is_not_sustained_confidence(harness: Harness) -> None:
    harness.show_until(FAINTLY_HAPPY, Change.POSITIVE_SHIFT)
    harness.show(FAINTLY_HAPPY, 100)
    assert harness.intensity_pct == START_PCT + 5


@pytest.mark.parametrize(
    "face",
    [
        (Label.POSITIVE, 0.9, 0.4),
        (Label.NEUTRAL, 0.9, 0.95),
        (Label.NEGATIVE, 0.9, 0.95),
    ],
    ids=["a guess", "called neutral", "called negative"],
)
def test_doubt_and_contradiction_raise_nothing(harness: Harness, face: Face) -> None:
    harness.show(face, 100)
    assert harness.intensity_pct <= START_PCT


def test_it_never_rises_above_the_profiles_ceiling(harness: Harness) -> None:
    harness.show(HAPPY, 400)
    assert harness.intensity_pct == 60.0
    assert max(state.intensity_pct for state in harness.states) == 60.0


def test_a_flickering_smile_does_not_pump_it_up(harness: Harness) -> None:
    began_s = harness.now_s
    for _ in range(30):
        harness.show(HAPPY, 0.3)
        harness.show(NEUTRAL, 0.7)
    assert harness.intensity_pct <= START_PCT + 5
    assert harness.now_s - began_s > 29


def test_a_single_happy_frame_changes_nothing(harness: Harness) -> None:
    harness.show(HAPPY, 0.1)
    harness.show(NEUTRAL, 20)
    assert harness.intensity_pct == START_PCT


def test_a_flood_of_happy_readings_weighs_no_more_than_its_time(harness: Harness) -> None:
    for _ in range(2000):
        harness.read(HAPPY)
    harness.show(NEUTRAL, 10)
    assert harness.intensity_pct == START_PCT


def test_a_negative_face_lowers_it_at_once_and_not_at_the_end_of_the_cycle(
    harness: Harness,
) -> None:
    cycle = harness.state.cycle + 1
    while harness.state.cycle < cycle:
        harness.show(NEUTRAL, STEP_S)
    took_s = harness.show_until(SAD, Change.NEGATIVE)
    assert harness.intensity_pct == START_PCT - 10
    assert took_s < 5.0
    assert harness.state.cycle == cycle + 1
    assert harness.state.evidence is not None
    assert harness.state.evidence.label is Label.NEGATIVE


def test_a_step_down_is_larger_than_a_step_up(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    harness.show_until(SAD, Change.NEGATIVE)
    assert harness.intensity_pct == START_PCT + 5 - 10


def test_lasting_distress_halts_after_three_negative_cycles(harness: Harness) -> None:
    harness.show_until(SAD, Change.NEGATIVE)
    began_s = harness.now_s
    while not harness.state.distress:
        harness.show(SAD, 0.1)
    assert 14.5 <= harness.now_s - began_s <= 15.5
    harness.expect(Phase.CLOSING)
    assert harness.state.change is Change.HALTED
    assert "lasting" in harness.state.reason


def test_strong_distress_halts_within_a_cycle_and_fades_in_3_to_5_s(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    began_s = harness.now_s
    while not harness.state.distress:
        harness.show(CRYING, 0.1)
    assert harness.now_s - began_s <= 5.0
    assert "strong" in harness.state.reason
    halted_s = harness.now_s
    while harness.phase is not Phase.IDLE:
        harness.show(CRYING, 0.1)
    assert 3.0 <= harness.now_s - halted_s <= 5.0
    assert harness.intensity_pct == 0.0
    assert harness.state.distress
    assert harness.state.change is Change.HALTED


def test_distress_stands_until_the_next_start(harness: Harness) -> None:
    harness.show(CRYING, 30)
    harness.expect(Phase.IDLE)
    assert harness.state.distress
    harness.must_start()
    assert not harness.state.distress


def test_a_negative_face_that_calms_down_goes_on_from_where_it_is(harness: Harness) -> None:
    harness.show_until(SAD, Change.NEGATIVE)
    harness.show(NEUTRAL, 29)
    harness.expect(Phase.RUNNING)
    assert harness.intensity_pct == START_PCT - 10


def test_calm_brings_it_back_by_small_steps_and_no_higher_than_it_began(harness: Harness) -> None:
    harness.is_still = True
    harness.show_until(SAD, Change.NEGATIVE)
    harness.show_until(NEUTRAL, Change.RECOVERED)
    assert harness.intensity_pct == START_PCT - 5
    assert harness.show_until(NEUTRAL, Change.RECOVERED) == pytest.approx(30.0, abs=0.3)
    assert harness.intensity_pct == START_PCT
    harness.show(NEUTRAL, 200)
    assert harness.intensity_pct == START_PCT


def test_calm_that_only_the_face_tells_of_brings_nothing_back(harness: Harness) -> None:
    harness.show_until(SAD, Change.NEGATIVE)
    harness.show(NEUTRAL, 200)
    assert harness.intensity_pct == START_PCT - 10


def test_calm_in_view_of_nobody_brings_nothing_back(harness: Harness) -> None:
    harness.is_still = True
    harness.show_until(SAD, Change.NEGATIVE)
    for _ in range(30):
        harness.show(NEUTRAL, 4)
        harness.show(UNKNOWN, 7)
    assert harness.intensity_pct <= START_PCT - 10


def test_frame_rate_does_not_change_the_verdict(tmp_path: Path) -> None:
    times = []
    for number, readings in enumerate((1, 5)):
        harness = Harness(tmp_path / str(number))
        harness.start_running()
        began_s = harness.now_s
        while harness.state.change is Change.STARTED:
            for _ in range(readings - 1):
                harness.clock.advance(0.1 / readings)
                harness.read(HAPPY)
            harness.clock.advance(-0.1 + 0.1 / readings)
            harness.show(HAPPY, 0.1)
        times.append(harness.now_s - began_s)
    assert times[0] == pytest.approx(times[1], abs=0.3)


def test_late_results_of_older_frames_are_tolerated(harness: Harness) -> None:
    newest = 100_000
    assert harness.read(NEUTRAL, frame=newest)
    assert not harness.read(NEUTRAL, frame=newest - 1)
    assert not harness.read(NEUTRAL, frame=newest)
    assert harness.read(NEUTRAL, frame=newest + 1)


def test_a_camera_that_counts_from_one_again_is_believed(harness: Harness) -> None:
    assert harness.read(NEUTRAL, frame=5000)
    assert harness.read(NEUTRAL, frame=1)
