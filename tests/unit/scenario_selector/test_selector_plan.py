"""A session warms up from zero and closes to zero, both by plan."""

import itertools
from pathlib import Path

import pytest

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, OverrideAction, Phase, SessionAction
from calmloop.scenario_selector.intensity import Intensity, Steps
from calmloop.scenario_selector.plan import Tuning
from calmloop.scenario_selector.player import stretch_of
from tests.unit.scenario_selector.harness import (
    CRYING,
    HAPPY,
    NEUTRAL,
    START_PCT,
    STEP_S,
    UNKNOWN,
    Harness,
)

WARM_UP_S = Tuning().warm_up_s
SAD_FOR_IT = (Label.NEGATIVE, -0.86, 0.9)
MOST_A_TURN_PCT = START_PCT / WARM_UP_S * STEP_S + 1e-6


@pytest.fixture
def planned(tmp_path: Path) -> Harness:
    """A session of three minutes as the product ships, just started."""
    harness = Harness(tmp_path, tuning=Tuning())
    harness.must_start(minutes=8)
    return harness


def levels(harness: Harness) -> list[float]:
    return [state.intensity_pct for state in harness.states]


def test_it_warms_up_from_zero_in_a_minute_and_never_faster(planned: Harness) -> None:
    assert planned.intensity_pct < 0.1
    planned.show(NEUTRAL, 30)
    assert planned.intensity_pct == pytest.approx(START_PCT / 2, abs=0.5)
    planned.show(NEUTRAL, 31)
    assert planned.intensity_pct == pytest.approx(START_PCT, abs=0.2)
    rises = [b - a for a, b in zip(levels(planned), levels(planned)[1:], strict=False)]
    assert max(rises) <= MOST_A_TURN_PCT


def test_light_and_all_channels_warm_up_with_it(planned: Harness) -> None:
    planned.show(NEUTRAL, 15)
    early = planned.setpoints[-1]
    planned.show(NEUTRAL, 50)
    late = planned.setpoints[-1]
    for channel in ("vibration", "sound"):
        before, after = getattr(early, channel).level_pct, getattr(late, channel).level_pct
        assert before <= 0.5 * after
    assert max(early.light.red_pct, early.light.blue_pct) <= 0.6 * max(
        late.light.red_pct, late.light.blue_pct
    )


def test_warming_up_waits_while_the_face_is_lost(planned: Harness) -> None:
    planned.show(NEUTRAL, 20)
    planned.show(UNKNOWN, 4)
    before_pct = planned.intensity_pct
    planned.show(UNKNOWN, 4)
    assert planned.intensity_pct == before_pct


def test_warming_up_waits_while_the_child_may_have_arrived_upset(planned: Harness) -> None:
    planned.show((Label.NEGATIVE, -0.5, 0.9), 31)
    assert planned.state.question
    before_pct = planned.intensity_pct
    planned.show(NEUTRAL, 60)
    assert planned.intensity_pct <= before_pct < 0.9 * START_PCT
    answered = planned.command(SessionAction.ANSWER, upset=False, token=planned.token)
    assert answered is None
    planned.show(NEUTRAL, 60)
    assert planned.intensity_pct == pytest.approx(START_PCT, abs=0.2)


def rises_of(harness: Harness, since: int) -> float:
    """The largest rise from one turn to the next."""
    pct = levels(harness)[since - 1 :]
    return max(b - a for a, b in itertools.pairwise(pct))


def test_a_step_up_by_a_caregiver_is_no_more_than_that(planned: Harness) -> None:
    planned.show(NEUTRAL, 31)
    for _ in range(8):
        assert planned.override(OverrideAction.MORE, token=planned.token) is None
        planned.show(NEUTRAL, STEP_S)
    raised_pct, since = planned.intensity_pct, len(planned.states)
    assert raised_pct == pytest.approx(8 * 5 + START_PCT / 2, abs=1)
    planned.show(NEUTRAL, 90)
    assert max(levels(planned)[since:]) <= raised_pct


def test_with_one_step_up_it_still_warms_up_to_the_level_of_a_start(planned: Harness) -> None:
    planned.show(NEUTRAL, 31)
    before_pct, since = planned.intensity_pct, len(planned.states)
    assert planned.override(OverrideAction.MORE, token=planned.token) is None
    planned.show(NEUTRAL, STEP_S)
    assert planned.intensity_pct == pytest.approx(before_pct + 5, abs=0.1)
    planned.show(NEUTRAL, 60)
    assert planned.intensity_pct == pytest.approx(START_PCT)
    assert rises_of(planned, since + 1) <= MOST_A_TURN_PCT


def test_a_step_down_ends_warming_up_and_calm_brings_it_back_by_small_steps(
    planned: Harness,
) -> None:
    planned.is_still = True
    planned.show(NEUTRAL, 40)
    planned.show_until(SAD_FOR_IT, Change.NEGATIVE)
    lowered_pct, since = planned.intensity_pct, len(planned.states)
    planned.show(NEUTRAL, 29)
    assert max(levels(planned)[since:]) <= lowered_pct
    planned.show(NEUTRAL, 15)
    assert planned.state.change is Change.RECOVERED
    assert planned.intensity_pct <= min(lowered_pct + 5.0, START_PCT)


def test_what_may_upset_the_child_is_what_it_feels() -> None:
    intensity = Intensity(Steps(), 60.0, warm_up_s=60.0)
    intensity.begin(Change.STARTED, "started")
    for _ in range(40):
        intensity.advance(1.0)
        intensity.warm_up(1.0)
    assert intensity.suspect is not None
    assert intensity.suspect.level_pct == pytest.approx(START_PCT * 40 / 60)


def test_a_pause_while_it_warms_up_goes_on_where_it_was(planned: Harness) -> None:
    planned.show(NEUTRAL, 15)
    before_pct = planned.intensity_pct
    assert planned.command(SessionAction.PAUSE) is None
    planned.show(NEUTRAL, 6)
    since = len(planned.states)
    assert planned.resume() is None
    planned.show(NEUTRAL, 4)
    assert planned.intensity_pct == pytest.approx(before_pct, abs=2.0)
    planned.show(NEUTRAL, 60)
    assert planned.intensity_pct == pytest.approx(START_PCT, abs=0.2)
    assert rises_of(planned, since) <= START_PCT / 4.0 * STEP_S


def test_a_hold_that_is_given_again_in_the_session_stops_it(tmp_path: Path) -> None:
    harness = Harness(tmp_path, tuning=Tuning(), hold=True)
    harness.must_start(minutes=8)
    harness.show(NEUTRAL, 20)
    held_pct = harness.intensity_pct
    assert held_pct > 5.0
    harness.override(OverrideAction.HOLD)
    harness.show(NEUTRAL, 20)
    assert harness.intensity_pct == held_pct
    assert harness.override(OverrideAction.RELEASE, token=harness.token) is None
    harness.show(NEUTRAL, 41)
    assert harness.intensity_pct == pytest.approx(START_PCT, abs=0.2)


def test_a_hold_stops_warming_up_and_one_from_before_the_start_does_not(planned: Harness) -> None:
    planned.show(NEUTRAL, 20)
    planned.override(OverrideAction.HOLD)
    held_pct = planned.intensity_pct
    planned.show(NEUTRAL, 20)
    assert planned.intensity_pct == held_pct
    planned.command(SessionAction.FINISH)
    planned.show(NEUTRAL, 6)
    planned.must_start(minutes=8)
    planned.override(OverrideAction.CEILING, ceiling_pct=50)
    planned.show(NEUTRAL, 61)
    assert planned.intensity_pct == pytest.approx(START_PCT, abs=0.2)


def test_what_has_not_warmed_up_by_the_end_rises_no_more(tmp_path: Path) -> None:
    harness = Harness(tmp_path, tuning=Tuning())
    harness.must_start(minutes=4)
    harness.show((Label.NEGATIVE, -0.5, 0.9), 31)
    harness.show(NEUTRAL, 4 * 60 - 31 - 59)
    assert harness.state.change is Change.CLOSING
    before_pct, since = harness.intensity_pct, len(harness.states)
    assert before_pct < 0.9 * START_PCT
    answered = harness.command(SessionAction.ANSWER, upset=False, token=harness.token)
    assert answered is None
    harness.show(NEUTRAL, 50)
    assert max(levels(harness)[since:]) <= before_pct


def test_warming_up_ends_with_distress(planned: Harness) -> None:
    planned.show(NEUTRAL, 20)
    planned.show(CRYING, 1)
    before_pct = planned.intensity_pct
    planned.show(CRYING, 12)
    assert max(levels(planned)[-120:]) <= before_pct + 1.0
    assert planned.state.distress


def test_it_closes_in_the_last_minute_without_a_rise_and_watches_the_face_to_the_end(
    planned: Harness,
) -> None:
    planned.show(NEUTRAL, 8 * 60 - 50)
    planned.expect(Phase.RUNNING)
    assert planned.state.change is Change.CLOSING
    level_pct = planned.intensity_pct
    assert level_pct < START_PCT
    planned.show(HAPPY, 40)
    rises = [b - a for a, b in zip(levels(planned)[-390:], levels(planned)[-389:], strict=False)]
    assert max(rises) <= 0.0
    planned.show(CRYING, 7)
    assert planned.state.distress


def test_it_ends_at_zero_by_plan(planned: Harness) -> None:
    planned.show(NEUTRAL, 8 * 60 + 6)
    planned.expect(Phase.IDLE)
    assert planned.state.change is Change.CLOSING
    assert not planned.state.distress


def test_a_short_session_has_a_shorter_way(tmp_path: Path) -> None:
    harness = Harness(tmp_path, tuning=Tuning())
    harness.must_start(minutes=2)
    harness.show(NEUTRAL, 31)
    assert harness.intensity_pct == pytest.approx(START_PCT, abs=0.5)


def test_a_caregiver_who_finishes_waits_for_no_minute(planned: Harness) -> None:
    planned.show(NEUTRAL, 90)
    assert planned.command(SessionAction.FINISH) is None
    planned.show(NEUTRAL, 5)
    planned.expect(Phase.IDLE)


@pytest.mark.parametrize(
    "minutes", [6.0, *(pytest.param(minutes, marks=pytest.mark.slow) for minutes in (10.0, 20.0))]
)
def test_phases_fit_the_minutes_asked_for(minutes: float, tmp_path: Path) -> None:
    """The last phase goes on when the session closes, and no other scenario began for seconds."""
    harness = Harness(tmp_path, tuning=Tuning())
    harness.must_start(minutes=minutes, scenario="deep-hum")
    harness.override(OverrideAction.SCENARIO, scenario="deep-hum", token=harness.token)
    while harness.state.change is not Change.CLOSING:
        harness.show(NEUTRAL, 1.0)
    titles = [state.scenario_phase for state in harness.states]
    assert titles[-1] == harness.library["deep-hum"].phases[-1].title
    last_s = STEP_S * next(n for n, title in enumerate(reversed(titles)) if title != titles[-1])
    written_s = harness.library["deep-hum"].phases[-1].duration_s
    assert written_s / 2 - 45 <= last_s <= 2 * written_s


@pytest.mark.parametrize(
    ("duration_s", "time_s", "stretch"),
    [
        (540, 540, 1.0),
        (540, 600, 600 / 540),
        (540, 1080, 1.0),
        (540, 900, 900 / 1080),
        (540, 100, 0.5),
        (100, 149, 1.49),
        (540, float("inf"), 1.0),
    ],
)
def test_phases_are_stretched_to_whole_rounds_and_no_further_than_twice(
    duration_s: float, time_s: float, stretch: float
) -> None:
    assert stretch_of(duration_s, time_s) == pytest.approx(stretch)
