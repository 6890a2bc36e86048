"""A pace begins at the child's own rhythm where its heart is known, and whatever that tells,
nothing but the pace changes, within its range."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.contract.messages.base import SignalKind
from calmloop.contract.messages.biosignal import Absence, HeartState
from calmloop.contract.messages.chair import CalibrationOrigin
from calmloop.contract.messages.session import Mode, Phase
from calmloop.scenario_selector.entrainment import MAX_SLOWING, Rhythm, entrained, rhythm_of
from calmloop.scenario_selector.limits import GATE_RISE_PCT_PER_S, SWELL_FALL_PER_S
from calmloop.scenario_selector.pacing import MAX_PER_MIN, MIN_PER_MIN, BreathPace, StartsAt
from calmloop.scenario_selector.player import Drive, ScenarioPlayer
from tests.unit.scenario_selector.harness import NEUTRAL, STEP_S, Harness
from tests.unit.scenario_selector.moving import correlation, scenario
from tests.unit.scenario_selector.senses_harness import Services, heart

OWN = """
- title: Swelling
  duration_s: %g
  pace: {from_per_min: %g, to_per_min: %g, starts_at: child}
  vibration: {frequency_hz: 40, level_pct: 40, paced: breath}
  light: {level_pct: 40, paced: breath, colours: [{green_pct: 100}]}
"""
FULL = Drive(100.0, 1.0)


def pace(from_per_min: float, to_per_min: float) -> BreathPace:
    said = {"from_per_min": from_per_min, "to_per_min": to_per_min}
    return BreathPace.model_validate({**said, "starts_at": StartsAt.CHILD})


def of_child(per_min: float) -> Rhythm:
    return Rhythm(per_min, "as a test says")


# --- from a rhythm to a pace -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "child", "begins", "ends"),
    [
        ((6, 6), 18, 9.0, 7.2),
        ((6, 6), 24, 8.0, 6.4),
        ((6, 6), 30, 10.0, 8.0),
        ((6, 6), 10, 10.0, 8.0),
        ((6, 6), 7, 7.0, 6.0),
        ((8, 8), 7, 7.0, 7.0),
        ((6, 4), 4.5, 4.5, 4.0),
        ((6, 6), 3, 4.0, 4.0),
        ((10, 9.5), 20, 10.0, 9.5),
    ],
)
def test_it_begins_at_the_childs_and_slows_towards_what_is_written_by_a_fifth_at_most(
    written: tuple[float, float], child: float, begins: float, ends: float
) -> None:
    own, _ = entrained(pace(*written), of_child(child))
    assert (own.from_per_min, own.to_per_min) == pytest.approx((begins, ends))


def test_without_a_rhythm_it_stays_as_written() -> None:
    for rhythm in (None, of_child(math.nan), of_child(math.inf), of_child(0.0), of_child(-5.0)):
        own, said = entrained(pace(7, 5), rhythm)
        assert (own.from_per_min, own.to_per_min) == (7, 5)
        assert said == "7.0 to 5.0 a minute, as written: the child's heart is not known"


@pytest.mark.parametrize(
    ("rate_bpm", "breaths", "per_min", "told"),
    [
        (90.0, 18.0, 18.0, "as its heartbeats sway"),
        (90.0, None, 22.5, "taken from 90 heartbeats, 4 a breath"),
        (50.0, 28.0, 12.5, "taken from 50 heartbeats, 4 a breath"),
    ],
)
def test_a_breath_that_beats_can_show_is_taken_and_else_their_rate(
    rate_bpm: float, breaths: float | None, per_min: float, told: str
) -> None:
    assert rhythm_of(rate_bpm, breaths) == Rhythm(per_min, told)


PER_MIN = st.floats(MIN_PER_MIN, MAX_PER_MIN)


@given(PER_MIN, PER_MIN, st.floats())
def test_whatever_is_told_the_pace_stays_in_its_range_and_never_quickens(
    from_per_min: float, to_per_min: float, child: float
) -> None:
    own, said = entrained(pace(from_per_min, to_per_min), of_child(child))
    assert MIN_PER_MIN <= own.to_per_min <= MAX_PER_MIN
    assert MIN_PER_MIN <= own.from_per_min <= MAX_PER_MIN
    if "as written" not in said:
        assert (1.0 - MAX_SLOWING) * own.from_per_min - 1e-9 <= own.to_per_min <= own.from_per_min


# --- in the player ---------------------------------------------------------------------------


def played(rhythms: Any, seconds: float, phases: str = OWN % (600, 6, 6)) -> tuple[Any, Any]:
    """Vibration and light each STEP_S, with what is told of the child's rhythm at each."""
    player, felt, lit = ScenarioPlayer(scenario(phases)), [], []
    for step in range(round(seconds / STEP_S)):
        player.move(STEP_S, None, rhythm=rhythms(step))
        moved = player.moved(player.stimulus(FULL))
        felt.append(moved.vibration.level_pct)
        lit.append(moved.light.green_pct)
        player.advance(STEP_S)
    return np.array(felt), np.array(lit)


def gaps_s(levels: Any) -> Any:
    """Between the tops of its swells."""
    inner = levels[1:-1]
    return np.diff(np.flatnonzero((levels[:-2] < inner) & (inner >= levels[2:]))) * STEP_S


def test_vibration_and_light_swell_together_at_the_childs_own_pace_and_slow_down() -> None:
    felt, lit = played(lambda _: of_child(18.0), 600.0)
    assert gaps_s(felt)[0] == pytest.approx(60.0 / 9.0, abs=0.2)
    assert gaps_s(felt)[-1] == pytest.approx(60.0 / 7.2, abs=0.2)
    assert correlation(felt[100:], lit[100:]) > 0.99


def test_it_is_asked_once_when_the_phase_begins_to_run() -> None:
    told = {0: of_child(30.0), 1: of_child(12.0)}
    felt, _ = played(lambda step: told.get(step, of_child(30.0)), 60.0)
    assert gaps_s(felt)[0] == pytest.approx(60.0 / 6.0, abs=0.3)
    late, _ = played(lambda step: None if step < 5 else of_child(20.0), 60.0)
    assert gaps_s(late)[0] == pytest.approx(60.0 / 6.0, abs=0.3)


def test_the_next_phase_asks_anew_and_nothing_jumps() -> None:
    phases = OWN % (60, 6, 6) + OWN % (120, 5, 5)
    felt, _ = played(lambda step: of_child(20.0 if step < 300 else 16.0), 180.0, phases)
    assert gaps_s(felt)[0] == pytest.approx(60.0 / 10.0, abs=0.3)
    after = gaps_s(felt[round(62 / STEP_S) :])
    assert after[1] == pytest.approx(60.0 / 8.0, abs=0.4)
    assert np.abs(np.diff(felt)).max() <= GATE_RISE_PCT_PER_S * STEP_S + 1e-9


RHYTHMS = st.one_of(st.none(), st.builds(of_child, st.floats()))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.floats(0.0, 1.0), RHYTHMS, st.booleans()), min_size=1, max_size=60))
def test_a_lying_or_flooding_heart_raises_no_level_and_quickens_no_rise(
    steps: list[tuple[float, Rhythm | None, bool]],
) -> None:
    player = ScenarioPlayer(scenario(OWN % (20, 10, 4) + OWN % (600, 4, 10)))
    last: tuple[float, float] | None = None
    for elapsed_s, rhythm, skips in steps:
        last = None if skips and player.skip() else last
        player.move(elapsed_s, None, rhythm=rhythm)
        asked = player.stimulus(FULL)
        moved = player.moved(asked)
        shares = (
            moved.vibration.level_pct / asked.vibration.level_pct,
            moved.light.green_pct / asked.light.green_pct,
        )
        assert all(0.0 <= share <= 1.0 + 1e-9 for share in shares)
        assert moved.sound == asked.sound
        if last is not None:
            for share, before in zip(shares, last, strict=True):
                assert share - before <= GATE_RISE_PCT_PER_S / 40.0 * elapsed_s + 1e-6
                assert before - share <= SWELL_FALL_PER_S * elapsed_s + 1e-6
        last = shares
        player.advance(elapsed_s)


# --- in a session ----------------------------------------------------------------------------


def begun(folder: Path, *hearts: HeartState, **start: Any) -> Harness:
    """A session near a heart, with what the sensor tells from its beginning on."""
    harness = Harness(folder)
    services = Services(harness)
    harness.must_start(**{"minutes": 20, "scenario": "near-a-heart", **start})
    services.tell(*hearts, seconds=36.0)
    return harness


def test_the_session_says_whence_its_pace_comes(tmp_path: Path) -> None:
    harness = begun(tmp_path, heart(breaths_per_min=18.0))
    harness.expect(Phase.RUNNING)
    told = "9.0 to 7.2 a minute: 2 breaths of the child's 18, as its heartbeats sway"
    assert harness.state.pace == told
    harness.show(NEUTRAL, 20.0)
    assert harness.state.pace == told, "once for the phase, though the heart is silent now"


def test_a_heart_without_a_breath_in_it_gives_a_pace_by_its_rate(tmp_path: Path) -> None:
    said = begun(tmp_path, heart()).state.pace
    assert said.startswith("7.5 to 6.0 a minute: 3 breaths of the child's 22, taken from 90 heart")


LIVE_BREATH = {"breaths_per_min": 18.0}


@pytest.mark.parametrize(
    "told",
    [
        None,
        heart(**LIVE_BREATH, contact=False),
        heart(**LIVE_BREATH, age_s=6.0),
        heart(**LIVE_BREATH, artefact_share=0.6),
        heart(**LIVE_BREATH, source_kind=SignalKind.SIMULATED),
        heart(rate_bpm=None, reason=Absence.FROZEN),
    ],
)
def test_without_a_heart_that_counts_it_stays_as_written(
    tmp_path: Path, told: HeartState | None
) -> None:
    harness = begun(tmp_path, *([told] if told else []))
    assert harness.state.pace == "6.0 to 6.0 a minute, as written: the child's heart is not known"


def test_what_is_simulated_counts_in_a_simulated_chair(tmp_path: Path) -> None:
    harness = Harness(tmp_path)
    harness.chair.calibration = CalibrationOrigin.SIMULATED
    harness.must_start(minutes=20, scenario="near-a-heart")
    told = heart(**LIVE_BREATH, source_kind=SignalKind.SIMULATED)
    Services(harness).tell(told, seconds=36.0)
    assert "2 breaths of the child's 18" in harness.state.pace


def test_a_manual_session_keeps_to_what_is_written(tmp_path: Path) -> None:
    harness = begun(tmp_path, heart(**LIVE_BREATH), mode=Mode.MANUAL)
    harness.expect(Phase.MANUAL)
    assert "as written" in harness.state.pace


def test_the_rhythm_of_the_child_before_is_forgotten(tmp_path: Path) -> None:
    harness = begun(tmp_path, heart(**LIVE_BREATH))
    assert harness.engine.senses.rhythm is not None
    harness.engine.stop("stop was pressed")
    harness.wait(2.0)
    assert harness.engine.senses.rhythm is not None
    harness.must_start()
    assert harness.engine.senses.rhythm is None


def test_other_scenarios_say_nothing_of_it(tmp_path: Path) -> None:
    assert begun(tmp_path, heart(**LIVE_BREATH), scenario="breathe-along").state.pace == ""
