"""A face that is not seen: held, eased to zero, paused, and what does not count as a loss."""

import pytest

from calmloop.contract.messages.emotion import DoubtReason, Label
from calmloop.contract.messages.session import Change, Phase
from tests.unit.scenario_selector.harness import (
    HAPPY,
    NEUTRAL,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Harness,
)


def test_an_unknown_face_holds_for_10_s_then_eases_to_zero_by_30_s(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    lost_s = harness.now_s
    harness.show(UNKNOWN, 10)
    assert harness.intensity_pct == START_PCT + 5
    levels = []
    while harness.phase is Phase.RUNNING:
        harness.show(UNKNOWN, 0.1)
        levels.append(harness.intensity_pct)
    assert levels == sorted(levels, reverse=True)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0
    assert harness.now_s - lost_s <= 30.0
    assert any(state.change is Change.UNKNOWN_EASED for state in harness.states)


def test_perception_that_falls_silent_is_the_same_as_unknown(harness: Harness) -> None:
    lost_s = harness.now_s
    harness.wait(10)
    assert harness.intensity_pct == START_PCT
    harness.wait(9)
    assert 0.0 < harness.intensity_pct < START_PCT
    while harness.intensity_pct > 0.0:
        harness.wait(0.1)
    assert harness.now_s - lost_s <= 30.0


def test_a_face_that_returns_while_easing_goes_on_from_where_it_is(harness: Harness) -> None:
    harness.show(UNKNOWN, 17)
    harness.show(NEUTRAL, 3)
    eased_pct = harness.intensity_pct
    assert 0.0 < eased_pct < START_PCT
    harness.show(NEUTRAL, 25)
    assert harness.intensity_pct == eased_pct
    harness.expect(Phase.RUNNING)


def test_a_smile_that_was_there_before_the_face_was_lost_is_no_new_shift(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    harness.show(UNKNOWN, 5)
    harness.show(HAPPY, 20)
    assert harness.intensity_pct == START_PCT + 5


def test_now_and_then_a_known_frame_does_not_end_a_loss(harness: Harness) -> None:
    lost_s = harness.now_s
    while harness.phase is Phase.RUNNING:
        harness.show(UNKNOWN, 4.9)
        harness.show(HAPPY, 0.1)
        assert harness.now_s - lost_s < 40
    assert harness.intensity_pct == 0.0


def test_one_unknown_frame_does_not_begin_a_loss(harness: Harness) -> None:
    for _ in range(60):
        harness.show(NEUTRAL, 0.9)
        harness.show(UNKNOWN, 0.1)
    assert harness.intensity_pct == START_PCT
    assert harness.state.evidence is not None
    assert harness.state.evidence.label is Label.NEUTRAL


def test_the_scenario_does_not_go_on_while_the_face_is_not_seen(harness: Harness) -> None:
    harness.show(NEUTRAL, 85)
    before = harness.state.scenario_phase
    harness.show(UNKNOWN, 9)
    harness.show(NEUTRAL, 5)
    assert harness.state.scenario_phase == before


def read_in_doubt(harness: Harness, valence: float, reason: DoubtReason, seconds: float) -> None:
    """Ten readings a second that say nothing but how far they lean, and why."""
    for _ in range(round(seconds / STEP_S)):
        harness.read((Label.UNKNOWN, valence, 0.0), reason=reason)
        harness.wait(STEP_S)


CLEAR_DOUBT = [DoubtReason.AMBIGUOUS, DoubtReason.LOW_CONFIDENCE]


@pytest.mark.parametrize("reason", CLEAR_DOUBT)
def test_a_faint_smile_is_a_face_that_is_seen_and_changes_nothing(
    harness: Harness, reason: DoubtReason
) -> None:
    read_in_doubt(harness, 0.4, reason, 120.0)
    harness.expect(Phase.RUNNING)
    assert harness.intensity_pct == START_PCT
    assert harness.state.change is Change.STARTED


def test_a_faint_smile_lends_no_step_to_a_clear_one_now_and_then(harness: Harness) -> None:
    for _ in range(60):
        read_in_doubt(harness, 0.6, DoubtReason.LOW_CONFIDENCE, 1.9)
        harness.show(HAPPY, STEP_S)
    assert harness.intensity_pct == START_PCT


@pytest.mark.parametrize("valence", [0.09, 0.0, -0.3, -0.9])
def test_any_other_doubt_is_no_face(harness: Harness, valence: float) -> None:
    read_in_doubt(harness, valence, DoubtReason.LOW_CONFIDENCE, 30.0)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0


@pytest.mark.parametrize("valence", [0.09, 0.0, -0.3, -0.9])
def test_a_clear_face_between_the_classes_holds_for_a_minute_and_then_eases(
    harness: Harness, valence: float
) -> None:
    read_in_doubt(harness, valence, DoubtReason.AMBIGUOUS, 59.0)
    assert harness.intensity_pct == START_PCT
    read_in_doubt(harness, valence, DoubtReason.AMBIGUOUS, 20.0)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0


def test_an_ambiguous_face_that_leaves_is_lost_as_any_other(harness: Harness) -> None:
    read_in_doubt(harness, -0.3, DoubtReason.AMBIGUOUS, 30.0)
    harness.show(UNKNOWN, 30.0)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0


def test_how_ambiguous_the_face_is_is_published(harness: Harness) -> None:
    read_in_doubt(harness, 0.0, DoubtReason.AMBIGUOUS, 11.0)
    evidence = harness.state.evidence
    assert evidence is not None
    assert evidence.ambiguous > 0.9
    harness.show(NEUTRAL, 11.0)
    assert harness.state.evidence is not None
    assert harness.state.evidence.ambiguous == 0.0


def test_nothing_rises_on_an_ambiguous_face(harness: Harness) -> None:
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    read_in_doubt(harness, 0.0, DoubtReason.AMBIGUOUS, 55.0)
    assert harness.intensity_pct == START_PCT + 5


def test_a_face_that_could_not_be_read_is_no_faint_smile(harness: Harness) -> None:
    read_in_doubt(harness, 0.4, DoubtReason.BAD_CROP, 30.0)
    harness.expect(Phase.PAUSED)
    assert harness.intensity_pct == 0.0
