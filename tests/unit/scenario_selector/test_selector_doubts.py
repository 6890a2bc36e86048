"""Nothing rises while any signal doubts, and no answer or pause makes the face deaf."""

from itertools import pairwise
from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, OverrideAction, Phase, SessionAction
from calmloop.scenario_selector.distress.fusion import CALM_SHARE
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.limits import RECOVERY_S
from tests.unit.scenario_selector.childs_page import more
from tests.unit.scenario_selector.harness import (
    CRYING,
    HAPPY,
    NEUTRAL,
    SAD,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Face,
    Harness,
)

VERY_SAD: Face = (Label.NEGATIVE, -0.7, 0.9)


def feel(harness: Harness, seconds: float, face: Face = NEUTRAL, **cues: float) -> None:
    """Shows a face beside other signals."""
    for _ in range(round(seconds / STEP_S)):
        for name, value in cues.items():
            harness.engine.receive_signal(Cue(name), value, harness.now_s)
        harness.show(face, STEP_S)


def usual(cue: Cue) -> float:
    return MODELS[cue].prior.mean


def rises(harness: Harness, since: int) -> list[Change]:
    states = harness.states[since:]
    pairs = pairwise(states)
    return [now.change for was, now in pairs if now.intensity_pct > was.intensity_pct]


def test_a_smile_raises_nothing_while_the_slow_sum_remembers_distress(harness: Harness) -> None:
    while harness.state.distress_slow < 0.85:
        feel(harness, STEP_S, (Label.NEGATIVE, -0.92, 0.95))
    assert not harness.state.distress
    since = len(harness.states)
    while harness.state.distress_slow > CALM_SHARE:
        feel(harness, STEP_S, HAPPY)
    assert len(harness.states) - since > 30
    assert not rises(harness, since)


def scatter(harness: Harness, seconds: float) -> None:
    """A calm face that reads now so and now so, beside a calm body."""
    for n in range(round(seconds / 2.0)):
        face = NEUTRAL if n % 2 else (Label.NEGATIVE, -0.4, 0.9)
        feel(harness, 2.0, face, movement=usual(Cue.MOVEMENT), heart=usual(Cue.HEART))


def test_a_face_that_lasts_below_its_rest_brings_nothing_back(tmp_path: Path) -> None:
    fresh = Harness(tmp_path)
    fresh.must_start(minutes=20)
    scatter(fresh, 40.0)
    fresh.expect(Phase.RUNNING)
    while fresh.state.change is not Change.NEGATIVE:
        feel(fresh, STEP_S, movement=2.0, heart=130.0)
    scatter(fresh, 8.0)
    since = len(fresh.states)
    below: Face = (Label.NEGATIVE, -0.6, 0.9)
    feel(fresh, 90.0, below, movement=usual(Cue.MOVEMENT), heart=usual(Cue.HEART))
    assert not rises(fresh, since)
    scatter(fresh, 60.0)
    assert Change.RECOVERED in rises(fresh, since)


def test_a_smile_raises_nothing_for_a_while_after_a_moment_of_upset(
    harness: Harness,
) -> None:
    harness.show_until(CRYING, Change.NEGATIVE)
    since, lowered_s = len(harness.states), harness.now_s
    harness.show(NEUTRAL, 5.0)
    while harness.now_s - lowered_s < RECOVERY_S:
        harness.show(HAPPY, STEP_S)
    assert not rises(harness, since)
    harness.show(HAPPY, 60.0)
    assert rises(harness, since)


@pytest.mark.parametrize("face", [UNKNOWN, VERY_SAD, None])
def test_after_a_pause_it_fades_in_only_while_the_child_is_seen_and_calm(
    harness: Harness, face: Face | None
) -> None:
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 6.0)
    harness.resume()
    harness.show(NEUTRAL, 2.5)
    assert 0.0 < harness.intensity_pct < START_PCT
    if face is None:
        harness.wait(2.0)
    else:
        harness.show(face, 2.0)
    since = len(harness.states)
    harness.show(face or UNKNOWN, 6.0)
    assert harness.states[since].intensity_pct < START_PCT
    assert not rises(harness, since)


def test_a_fade_in_that_waited_goes_on(harness: Harness) -> None:
    harness.command(SessionAction.PAUSE)
    harness.show(NEUTRAL, 6.0)
    harness.resume()
    harness.show(UNKNOWN, 5.0)
    assert harness.intensity_pct < START_PCT
    harness.show(NEUTRAL, 10.0)
    assert harness.intensity_pct == START_PCT


def test_nothing_comes_back_while_the_face_counts_as_lost(harness: Harness) -> None:
    harness.is_still = True
    harness.show_until(SAD, Change.NEGATIVE)
    feel(harness, 28.0)
    since = len(harness.states)
    for _ in range(10):
        feel(harness, STEP_S)
        feel(harness, 3.9, UNKNOWN)
    assert not rises(harness, since)


def test_what_comes_back_and_what_a_smile_adds_are_half_a_minute_apart(harness: Harness) -> None:
    harness.is_still = True
    harness.show_until(SAD, Change.NEGATIVE)
    harness.show_until(NEUTRAL, Change.RECOVERED)
    since = len(harness.states)
    feel(harness, 28.0, HAPPY)
    assert not rises(harness, since)


def test_a_first_step_is_smaller_once_there_was_one_for_nothing(harness: Harness) -> None:
    fell = []
    for _ in range(2):
        before_pct = harness.intensity_pct
        while harness.intensity_pct == before_pct:
            feel(harness, STEP_S, (Label.NEUTRAL, -0.5, 0.9), voice=MODELS[Cue.VOICE].highest)
        fell.append(before_pct - harness.intensity_pct)
        feel(harness, 12.0, voice=usual(Cue.VOICE))
        assert before_pct - harness.intensity_pct == fell[-1]
    assert fell == pytest.approx([2.0, 1.0])


@pytest.mark.parametrize("cue", [Cue.HEART, Cue.MOVEMENT])
def test_the_child_gets_no_more_while_a_signal_is_missing(harness: Harness, cue: Cue) -> None:
    harness.allow_child()
    feel(harness, 5.0, NEUTRAL, **{cue.value: usual(cue)})
    feel(harness, MODELS[cue].stands_s + 1.0)
    assert f"nothing is known of its {cue.value}" in str(more(harness, harness.state.child_token))


def test_the_child_gets_no_more_while_a_signal_speaks_of_distress(harness: Harness) -> None:
    harness.allow_child()
    feel(harness, 3.0, heart=130.0)
    assert "seemed upset" in str(more(harness, harness.state.child_token))


@pytest.fixture
def asked(tmp_path: Path) -> Harness:
    """A session of a child that came with a face that may be its usual one."""
    harness = Harness(tmp_path)
    harness.must_start(minutes=20)
    harness.show(VERY_SAD, 31)
    harness.expect(Phase.RUNNING)
    assert harness.state.question
    return harness


def answer(harness: Harness, *, upset: bool) -> None:
    token = harness.token
    assert harness.command(SessionAction.ANSWER, upset=upset, token=token) is None


def test_who_usually_looks_sad_is_halted_when_it_cries(asked: Harness) -> None:
    answer(asked, upset=False)
    asked.show(VERY_SAD, 30)
    assert not asked.state.distress
    asked.show(CRYING, 7)
    assert asked.state.distress


def test_who_arrived_upset_is_halted_by_the_sum_of_its_face(asked: Harness) -> None:
    answer(asked, upset=True)
    asked.show((Label.NEGATIVE, -0.9, 0.9), 60)
    assert asked.state.distress


def test_a_laughing_child_is_not_halted_by_its_body(harness: Harness) -> None:
    feel(harness, 60.0, HAPPY, heart=150.0, movement=2.0)
    assert not harness.state.distress
    assert harness.intensity_pct <= START_PCT


@pytest.mark.parametrize("cue", [Cue.HEART, Cue.MOVEMENT, Cue.VOICE, Cue.SKIN, Cue.MUSCLE])
def test_no_signal_alone_halts_whose_face_is_calm(harness: Harness, cue: Cue) -> None:
    feel(harness, 120.0, NEUTRAL, **{cue.value: MODELS[cue].highest})
    assert not harness.state.distress


def test_movement_and_heart_together_halt_whatever_the_face_shows(harness: Harness) -> None:
    feel(harness, 30.0, NEUTRAL, heart=150.0, movement=2.0)
    assert harness.state.distress


def test_a_voice_counts_no_more_than_what_agrees_with_it(harness: Harness) -> None:
    faint = usual(Cue.HEART) + 7.0
    feel(harness, 60.0, NEUTRAL, heart=faint, voice=MODELS[Cue.VOICE].highest)
    assert not harness.state.distress


def test_a_pause_ends_what_was_summed(harness: Harness) -> None:
    feel(harness, 4.0, (Label.NEGATIVE, -0.92, 0.95))
    assert harness.state.distress_slow > CALM_SHARE
    assert harness.command(SessionAction.PAUSE) is None
    harness.show(NEUTRAL, 6.0)
    assert harness.command(SessionAction.RESUME, token=harness.token) is None
    harness.show(NEUTRAL, STEP_S)
    assert harness.state.distress_slow == 0.0


def test_hidden_hands_are_no_calm(harness: Harness) -> None:
    """A crying child that covers its face goes on where it was: the next step is a larger one."""
    feel(harness, 3.0, (Label.NEGATIVE, -0.92, 0.95))
    first_pct = harness.intensity_pct
    assert first_pct < START_PCT
    feel(harness, 8.0, UNKNOWN)
    feel(harness, 3.0, (Label.NEGATIVE, -0.92, 0.95))
    assert harness.intensity_pct <= first_pct - 4.0


def test_a_level_that_upset_twice_with_signals_that_agree_is_not_gone_back_to(
    harness: Harness,
) -> None:
    """The level of the first step counts, and the child's page keeps below it, too."""
    harness.show_until(HAPPY, Change.POSITIVE_SHIFT)
    upsetting_pct = harness.intensity_pct
    while harness.intensity_pct > START_PCT - 5.0:
        feel(harness, STEP_S, (Label.NEGATIVE, -0.8, 0.9), heart=130.0, movement=1.5)
    assert not harness.state.distress
    since = len(harness.states)
    feel(harness, 300.0, NEUTRAL, heart=usual(Cue.HEART), movement=usual(Cue.MOVEMENT))
    assert rises(harness, since)
    feel(harness, 120.0, HAPPY, heart=usual(Cue.HEART), movement=usual(Cue.MOVEMENT))
    relaxed_pct = 5.0 * 430.0 / 300.0
    assert harness.intensity_pct <= upsetting_pct - 5.0 + relaxed_pct


def test_a_level_that_is_hardly_felt_is_not_what_upset_it(harness: Harness) -> None:
    """Else it could never come back to what was comfortable, and a silent chair calms nobody."""
    for _ in range(2):
        harness.override(OverrideAction.LESS)
    low_pct = harness.intensity_pct
    assert low_pct < 10.0
    while "still" not in harness.state.reason:
        feel(harness, STEP_S, (Label.NEGATIVE, -0.8, 0.9), heart=130.0, movement=1.5)
    harness.override(OverrideAction.MORE, token=harness.token)
    harness.override(OverrideAction.MORE, token=harness.token)
    feel(harness, 60.0, NEUTRAL, heart=usual(Cue.HEART), movement=usual(Cue.MOVEMENT))
    assert harness.intensity_pct > low_pct


def test_a_step_is_taken_when_the_share_that_is_published_is_above_one(harness: Harness) -> None:
    shares: list[float] = []
    while harness.state.change is not Change.NEGATIVE:
        feel(harness, STEP_S, (Label.NEGATIVE, -0.8, 0.9), heart=130.0, movement=1.5)
        shares.append(harness.state.distress_fast)
    assert max(shares) == pytest.approx(1.0, abs=0.2)
    assert shares[0] < 0.5
