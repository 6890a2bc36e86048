"""Whatever the other signals say, nothing rises by them, and no halt by the face comes later.

Two sessions see the same face. One of them also hears signals that lie, flood, freeze, vanish, come
late or from the future. It never does more than its twin: at every moment its intensity is at most
the twin's, or it fades out already, and it is halted no later.
"""

import math
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from calmloop.contract.messages.emotion import Label
from calmloop.contract.messages.session import Change, Phase, SignalStatus
from calmloop.scenario_selector.distress.signals import MODELS, Cue
from calmloop.scenario_selector.plan import Tuning
from tests.unit.scenario_selector.harness import (
    CRYING,
    FAINTLY_HAPPY,
    HAPPY,
    NEUTRAL,
    SAD,
    STEP_S,
    UNKNOWN,
    Face,
    Harness,
)
from tests.unit.scenario_selector.senses_harness import OTHERS

TUNING = Tuning(baseline_s=4.0, cycle_s=3.0, warm_up_s=0.0)
MARGIN_PCT = 1e-6
OVER = frozenset({Phase.CLOSING, Phase.IDLE})
EASED_SLACK_PCT = 2.0
"""The first step down, at most: taken before an unseen face eases the level, it is eased with it;
the twin takes it afterwards, whole."""
FADING = OVER | {Phase.PAUSED}
"""Falling to zero within seconds: a halt that came before the twin's is one by what signals say."""


@dataclass(frozen=True)
class Lie:
    """What one signal says in each turn of a while.

    Attributes:
        signal: Which.
        values: One after the other, over and over; none at all is a signal that is gone.
        late_s: How long ago each is said to be measured; negative is the future.
        times: How often each is said.
    """

    signal: Cue
    values: tuple[float, ...]
    late_s: float
    times: int


@dataclass(frozen=True)
class While:
    """So long a face, and what the signals say meanwhile."""

    face: Face
    seconds: float
    lies: tuple[Lie, ...]


faces: st.SearchStrategy[Face] = st.one_of(
    st.sampled_from([NEUTRAL, HAPPY, FAINTLY_HAPPY, SAD, CRYING, UNKNOWN]),
    st.tuples(st.sampled_from(Label), st.floats(-1, 1), st.floats(0, 1)),
)


@st.composite
def lies(draw: st.DrawFn) -> Lie:
    signal = draw(st.sampled_from(OTHERS))
    model = MODELS[signal]
    value = st.one_of(
        st.sampled_from([model.lowest, model.prior.mean, model.distress, model.highest]),
        st.floats(model.lowest, model.highest),
        st.floats(allow_nan=True, allow_infinity=True),
    )
    return Lie(
        signal,
        tuple(draw(st.lists(value, max_size=3))),
        draw(st.sampled_from([0.0, 0.0, 0.0, 0.9, 4.0, -3.0, 1e9, -1e9, math.nan, -math.inf])),
        draw(st.sampled_from([1, 1, 1, 20])),
    )


whiles = st.builds(
    While,
    face=faces,
    seconds=st.floats(0.5, 12.0),
    lies=st.lists(lies(), max_size=5).map(tuple),
)


def speak(harness: Harness, told: tuple[Lie, ...], turn: int) -> None:
    for lie in told:
        for _ in range(lie.times if lie.values else 0):
            value = lie.values[turn % len(lie.values)]
            harness.engine.receive_signal(lie.signal, value, harness.now_s - lie.late_s)


def sessions() -> Iterator[tuple[Harness, Harness]]:
    """A session that is lied to, and its twin; both are measured on a calm face."""
    with tempfile.TemporaryDirectory() as folder:
        pair = []
        for name in ("lied", "twin"):
            (Path(folder) / name).mkdir()
            harness = Harness(Path(folder) / name, tuning=TUNING)
            harness.must_start(minutes=20, scenario="ocean-waves")
            harness.show(NEUTRAL, 6.0)
            harness.expect(Phase.RUNNING)
            pair.append(harness)
        yield pair[0], pair[1]


def was_eased(harness: Harness) -> bool:
    return any(state.change is Change.UNKNOWN_EASED for state in harness.states)


def check(lied: Harness, twin: Harness) -> None:
    """At this moment it does no more than its twin, or is fading out already."""
    before, now, other = lied.states[-2], lied.states[-1], twin.states[-1]
    fades = now.phase in FADING and now.intensity_pct <= before.intensity_pct
    slack_pct = EASED_SLACK_PCT if was_eased(lied) else MARGIN_PCT
    assert fades or now.intensity_pct <= other.intensity_pct + slack_pct, (now, other)
    if other.distress:
        assert now.phase in OVER, (now, other)


def never_more_than_its_twin(plan: list[While]) -> None:
    for lied, twin in sessions():
        for part in plan:
            for turn in range(round(part.seconds / STEP_S)):
                speak(lied, part.lies, turn)
                lied.show(part.face, STEP_S)
                twin.show(part.face, STEP_S)
                check(lied, twin)


@settings(max_examples=12)
@given(plan=st.lists(whiles, min_size=1, max_size=4))
def test_lies_never_raise_and_delay_no_halt(plan: list[While]) -> None:
    never_more_than_its_twin(plan)


@pytest.mark.long
@pytest.mark.timeout(1800)
@settings(max_examples=500)
@given(plan=st.lists(whiles, min_size=1, max_size=10))
def test_lies_never_raise_and_delay_no_halt_for_long(plan: list[While]) -> None:
    never_more_than_its_twin(plan)


@pytest.fixture
def flooded(harness: Harness) -> Harness:
    """A session that is told every lie at once, thousands of times a turn."""
    told = tuple(
        Lie(signal, (value,), late_s, 100)
        for signal in OTHERS
        for value in (math.nan, math.inf, -1e308, MODELS[signal].prior.mean)
        for late_s in (0.0, -1e9, 1e9)
    )
    for turn in range(20):
        speak(harness, told, turn)
        harness.show(NEUTRAL, STEP_S)
    return harness


def test_a_stop_ends_a_flooded_session_at_once(flooded: Harness) -> None:
    flooded.engine.stop("stop was pressed")
    flooded.expect(Phase.IDLE)
    assert flooded.engine.pop_setpoint() is None


def test_a_value_of_the_future_stands_no_longer_than_another(flooded: Harness) -> None:
    flooded.show(NEUTRAL, max(MODELS[signal].stands_s for signal in OTHERS) + STEP_S)
    statuses = {heard.name: heard.status for heard in flooded.state.signals}
    assert all(statuses[signal.value] is SignalStatus.MISSING for signal in OTHERS)


def test_a_flood_leaves_nothing_behind_that_a_turn_would_pay_for(
    flooded: Harness, tmp_path: Path
) -> None:
    """Six values are held, however many came; so a turn costs what it costs without."""

    def turn_s(harness: Harness) -> float:
        took = []
        for _ in range(50):
            harness.show(NEUTRAL, STEP_S)
            began_s = time.process_time()
            harness.engine.turn()
            took.append(time.process_time() - began_s)
        return min(took)

    (tmp_path / "other").mkdir()
    quiet = Harness(tmp_path / "other")
    quiet.start_running()
    assert turn_s(flooded) <= turn_s(quiet) + 1e-3


def test_false_alarms_of_another_signal_make_the_face_no_less_heard() -> None:
    """Crying that is heard where there is none must not teach that the face cries wolf."""
    wary: Face = (Label.NEUTRAL, -0.5, 0.9)
    heard, silent = (Lie(Cue.VOICE, (value,), 0.0, 1) for value in (5.0, -5.0))
    plan = [
        *([While(wary, 8.0, (heard,)), While(wary, 12.0, (silent,))] * 4),
        While(NEUTRAL, 70.0, (silent,)),
        While((Label.NEGATIVE, -0.85, 0.9), 30.0, (silent,)),
    ]
    never_more_than_its_twin(plan)
